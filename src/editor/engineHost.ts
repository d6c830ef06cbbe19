import * as vscode from 'vscode';
import type { Patchline } from '../core/patchline';
import { CancelledError } from '../core/errors';
import { ActionableError } from './actionableError';
import { EngineSlot } from './engineSlot';
import { guard } from './guard';
import type { SafeLog } from './safeLog';
import type { EditorServices } from './services';
import type { Settings } from './settings';
import { readSettings } from './settings';

export type OpenEngine = (folder: vscode.WorkspaceFolder, settings: Settings) => Promise<Patchline>;

/** Settings that the engine is built with: a change of one of them replaces the engine. */
const engineSections = ['reports.include', 'forge', 'github', 'npm', 'proof', 'log.identity'].map((key) => `patchline.${key}`);

const folderKey = 'patchline.folder';

/** Holds the one engine of this window: opened on first use, replaced when what it was built from changes, ended with the window. */
export class EngineHost implements EditorServices {
  private readonly changed = new vscode.EventEmitter<Patchline | undefined>();
  readonly onDidChangePatchline = this.changed.event;
  private readonly slot: EngineSlot;
  /** The folder that the engine was last asked to work in. */
  private folder: string | undefined;

  constructor(
    readonly log: SafeLog,
    private readonly state: vscode.Memento,
    private readonly open: OpenEngine,
  ) {
    this.slot = new EngineSlot(
      () => this.openHere(),
      (engine) => this.changed.fire(engine),
      (error) => this.log.error('could not let go of the rollouts', error),
    );
    this.folder = this.rootKey();
  }

  /** Starts to listen for what replaces the engine. */
  watch(): vscode.Disposable {
    return vscode.Disposable.from(
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.follow()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.slot.replace()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!engineSections.some((section) => event.affectsConfiguration(section, this.root()))) return;
        this.log.info('The settings changed: they hold for what is begun from now on.');
        this.slot.replace();
      }),
      this.changed,
      { dispose: () => void this.close() },
    );
  }

  root(): vscode.WorkspaceFolder | undefined {
    const folders = vscode.workspace.workspaceFolders ?? [];
    const chosen = this.state.get<string>(folderKey);
    return folders.find((folder) => folder.uri.toString() === chosen) ?? folders[0];
  }

  private rootKey(): string | undefined {
    return this.root()?.uri.toString();
  }

  /** Replaces the engine where it works in another folder now: one whose folder stays has nothing to do with the others. */
  private follow(): void {
    if (this.rootKey() === this.folder) return;
    this.folder = this.rootKey();
    this.slot.replace();
  }

  /** Several folders are open and the person picked one. */
  async choose(folder: vscode.WorkspaceFolder): Promise<void> {
    await this.state.update(folderKey, folder.uri.toString());
    this.follow();
  }

  settings(): Settings {
    return readSettings(this.root());
  }

  opened(): Patchline | undefined {
    return this.slot.opened();
  }

  patchline(): Promise<Patchline> {
    if (this.root() !== undefined) return this.slot.get();
    return Promise.reject(
      new ActionableError('Patchline works on a folder. Open the one that holds your project.', [
        { title: 'Open Folder…', command: 'vscode.openFolder' },
      ]),
    );
  }

  private openHere(): Promise<Patchline> {
    const folder = this.root();
    // The folder was closed while the engine was being opened: what was asked for has ended with it.
    if (folder === undefined) return Promise.reject(new CancelledError());
    return this.open(folder, this.settings());
  }

  /** Ends the engine; resolves when every process that was started is gone. */
  close(): Promise<void> {
    return this.slot.close();
  }

  guard(could: string, work: () => Promise<void>): Promise<void> {
    return guard(this.log, could, work);
  }
}
