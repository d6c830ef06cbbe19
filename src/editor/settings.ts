import * as vscode from 'vscode';
import type { EngineSettings } from '../core/engineSettings';

/** Patchline's settings as they stand, defaults from the manifest. */
export interface Settings extends EngineSettings {
  readonly watchReports: boolean;
  readonly diagnostics: boolean;
}

/** Reads the settings for a folder. Paths and endpoints are machine-scoped in the manifest, so a workspace cannot set them. */
export function readSettings(folder: vscode.WorkspaceFolder | undefined): Settings {
  const from = vscode.workspace.getConfiguration('patchline', folder?.uri);
  const text = (key: string, fallback: string): string => from.get<string>(key)?.trim() || fallback;
  const identity = text('log.identity', 'git');
  return {
    reports: from.get<readonly string[]>('reports.include') ?? [],
    watchReports: from.get<boolean>('reports.watch') ?? true,
    diagnostics: from.get<boolean>('diagnostics.enabled') ?? true,
    forge: text('forge.provider', 'auto'),
    github: { apiUrl: text('github.apiUrl', 'https://api.github.com') },
    npm: { path: text('npm.path', '') },
    proof: { repeat: from.get<number>('proof.repeat') ?? 3, timeoutSeconds: from.get<number>('proof.timeoutSeconds') ?? 300 },
    logIdentity: identity === 'os' || identity === 'none' ? identity : 'git',
    mayRun: () => vscode.workspace.isTrusted,
  };
}
