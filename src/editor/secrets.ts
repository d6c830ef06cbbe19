import * as vscode from 'vscode';
import type { SafeLog } from './safeLog';
import { readSettings } from './settings';

/** The name under which the engine asks for GitHub's token. */
export const githubToken = 'github';

/**
 * Gives a secret by name: what the person stored, else for GitHub the editor's own session where there is one. That session
 * belongs to github.com and is never given to another API address. Every secret is hidden from the log.
 */
export function createSecretReader(storage: vscode.SecretStorage, log: SafeLog): (name: string) => Promise<string | undefined> {
  return async (name) => {
    const stored = await storage.get(name);
    const secret = stored ?? (name === githubToken ? await sessionToken() : undefined);
    if (secret !== undefined) log.hide(secret);
    return secret;
  };
}

async function sessionToken(): Promise<string | undefined> {
  const { apiUrl } = readSettings(vscode.workspace.workspaceFolders?.[0]).github;
  if (!URL.canParse(apiUrl) || new URL(apiUrl).origin !== 'https://api.github.com') return undefined;
  const session = await vscode.authentication.getSession('github', ['repo'], { silent: true });
  return session?.accessToken;
}
