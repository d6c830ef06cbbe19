import type * as vscode from 'vscode';
import type { Patchline } from '../../src/core/patchline';
import { guard } from '../../src/editor/guard';
import { SafeLog } from '../../src/editor/safeLog';
import type { EditorServices } from '../../src/editor/services';
import { settingsOf } from '../../src/editor/settingsOf';
import { Uri } from './standInTypes';

/** A place in the folder that the stand-in has open. */
export const place = (path: string): Uri => Uri.from({ scheme: 'file', path: `/made-up/${path}` });

/** The same as the editor's own code takes it. */
export const uriOf = (uri: Uri): vscode.Uri => uri as unknown as vscode.Uri;

export const folder: vscode.WorkspaceFolder = {
  uri: uriOf(Uri.from({ scheme: 'file', path: '/made-up' })),
  name: 'made-up',
  index: 0,
};

/** The services of the editor over an engine of the test; errors end in messages, as they do for a person. */
export function standInServices(engine: Patchline): EditorServices {
  const silent = { info() {}, debug() {}, warn() {}, error() {} };
  const log = new SafeLog(silent as unknown as vscode.LogOutputChannel);
  return {
    patchline: () => Promise.resolve(engine),
    opened: () => engine,
    onDidChangePatchline: () => ({ dispose: () => undefined }),
    root: () => folder,
    settings: () =>
      settingsOf(
        () => undefined,
        () => true,
      ),
    log,
    guard: (could, work) => guard(log, could, work),
  };
}

/** Lets everything happen that waits for nothing but its turn. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
