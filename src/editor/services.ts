import type * as vscode from 'vscode';
import type { Patchline } from '../core/patchline';
import type { SafeLog } from './safeLog';
import type { Settings } from './settings';

/** What every feature of the editor is given; nothing is reached any other way. */
export interface EditorServices {
  /** Opens the engine on first use. @throws HumanError when no folder is open. */
  patchline(): Promise<Patchline>;
  /** The engine where it is open already: views draw from it and never start it. */
  opened(): Patchline | undefined;
  /** Fires when the engine was opened, closed or replaced (another folder, other settings, trust granted). */
  readonly onDidChangePatchline: vscode.Event<Patchline | undefined>;
  /** The folder Patchline works in; undefined when none is open. */
  root(): vscode.WorkspaceFolder | undefined;
  settings(): Settings;
  readonly log: SafeLog;
  /**
   * Runs what a person asked for: cancellation is silent, a HumanError is shown as it is, everything else goes to the log
   * with a short message. Never throws. `could` completes "Patchline could not …".
   */
  guard(could: string, work: () => Promise<void>): Promise<void>;
}
