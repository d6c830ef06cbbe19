import * as vscode from 'vscode';
import type { Patchline } from '../core/patchline';
import { ActionableError } from './actionableError';
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
  private opening: Promise<Patchline> | undefined;
  private engine: Patchline | undefined;
  /** Counts closes, so that an engine that was still opening knows it is no longer wanted. */
  private generation = 0;

  constructor(
    readonly log: SafeLog,
    private readonly state: vscode.Memento,
    private readonly open: OpenEngine,
  ) {}

  /** Starts to listen for what replaces the engine. */
  watch(): vscode.Disposable {
    return vscode.Disposable.from(
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.close()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.close()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (engineSections.some((section) => event.affectsConfiguration(section))) void this.close();
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

  /** Several folders are open and the person picked one. */
  async choose(folder: vscode.WorkspaceFolder): Promise<void> {
    await this.state.update(folderKey, folder.uri.toString());
    await this.close();
  }

  settings(): Settings {
    return readSettings(this.root());
  }

  opened(): Patchline | undefined {
    return this.engine;
  }

  patchline(): Promise<Patchline> {
    const folder = this.root();
    if (folder === undefined) {
      return Promise.reject(
        new ActionableError('Patchline works on a folder. Open the one that holds your project.', [
          { title: 'Open Folder…', command: 'vscode.openFolder' },
        ]),
      );
    }
    this.opening ??= this.start(folder, this.generation);
    return this.opening;
  }

  private async start(folder: vscode.WorkspaceFolder, generation: number): Promise<Patchline> {
    try {
      const engine = await this.open(folder, this.settings());
      if (generation !== this.generation) {
        // Closed while it was being opened (another folder, trust granted): nobody may use this one.
        await engine.dispose();
        return await this.patchline();
      }
      this.engine = engine;
      this.changed.fire(engine);
      return engine;
    } catch (error) {
      if (generation === this.generation) this.opening = undefined;
      throw error;
    }
  }

  /** Ends the engine; resolves when every process it started is gone. The next use opens it anew. */
  async close(): Promise<void> {
    this.generation += 1;
    const engine = this.engine;
    this.engine = undefined;
    this.opening = undefined;
    this.changed.fire(undefined);
    await engine?.dispose();
  }

  guard(could: string, work: () => Promise<void>): Promise<void> {
    return guard(this.log, could, work);
  }
}
