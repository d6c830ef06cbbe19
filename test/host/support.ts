import assert from 'node:assert/strict';
import * as vscode from 'vscode';

export const extensionId = 'patchline.patchline';

/** What the tests read of the manifest. */
export interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    /** One section, or several with headings of their own. */
    readonly configuration: ConfigurationSection | readonly ConfigurationSection[];
  };
}

export interface ConfigurationSection {
  readonly properties: Readonly<Record<string, { readonly default?: unknown }>>;
}

/** The extension under test, active. */
export async function activeExtension(): Promise<{ readonly manifest: Manifest; readonly exports: unknown }> {
  const extension = vscode.extensions.getExtension<unknown>(extensionId);
  assert.ok(extension, `${extensionId} is not loaded in this extension host`);
  const exports = await extension.activate();
  return { manifest: extension.packageJSON as Manifest, exports };
}

/** The folder that is open in this window. */
export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open in this window');
  return folder.uri;
}

/**
 * Waits until the value is there (neither undefined nor false).
 * @throws AssertionError after the time (milliseconds), with what was waited for.
 */
export async function waitFor<Value>(
  what: string,
  read: () => Value | undefined | false | Promise<Value | undefined | false>,
  timeoutMs = 20_000,
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) assert.fail(`${what} did not come within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
