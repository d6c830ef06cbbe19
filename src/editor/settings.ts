import * as vscode from 'vscode';
import type { Settings } from './settingsOf';
import { settingsOf } from './settingsOf';

export type { Settings } from './settingsOf';

/** Reads the settings for a folder. Paths and endpoints are machine-scoped in the manifest, so a workspace cannot set them. */
export function readSettings(folder: vscode.WorkspaceFolder | undefined): Settings {
  const from = vscode.workspace.getConfiguration('patchline', folder?.uri);
  return settingsOf(
    (key) => from.get<unknown>(key),
    () => vscode.workspace.isTrusted,
  );
}
