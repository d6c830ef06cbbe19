import { EventEmitter, FileSystemError, FileType, Position, Range, Selection, TabInputTextDiff } from './standInTypes';
import type { Uri, WorkspaceEdit } from './standInTypes';

export interface Message {
  readonly kind: 'information' | 'warning' | 'error';
  readonly text: string;
  /** Below the question of a modal dialog. */
  readonly detail?: string;
  readonly buttons: readonly string[];
}

export interface PickItem {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly kind?: number;
}

export interface Thread {
  readonly uri: Uri;
  label?: string;
  contextValue?: string;
}

/** What a file system of a scheme is asked here. */
export interface Files {
  readonly onDidChangeFile?: EventEmitter<readonly { readonly uri: Uri }[]>['event'];
  stat(uri: Uri): Promise<{ readonly mtime: number }>;
  readFile(uri: Uri): Promise<Uint8Array>;
  writeFile(uri: Uri, bytes: Uint8Array): Promise<void>;
}

export interface Tab {
  readonly label: string;
  /** A diff of several files has no class; one that nobody looked at since a reload has nothing. */
  readonly input: TabInputTextDiff | { readonly textDiffs: readonly TabInputTextDiff[] } | undefined;
}

export class StandInDocument {
  isDirty = false;
  constructor(
    private readonly owner: StandInEditor,
    readonly uri: Uri,
    public text: string,
    public mtime: number,
  ) {}
  getText = (): string => this.text;
  get lineCount(): number {
    return this.text.split('\n').length;
  }
  lineAt(line: number): { readonly range: Range } {
    return { range: new Range(new Position(line, 0), new Position(line, this.text.split('\n')[line]?.length ?? 0)) };
  }
  validateRange = (range: Range): Range => range;
  save(): Promise<boolean> {
    return this.owner.save(this);
  }
  offsetAt({ line, character }: Position): number {
    const before = this.text.split('\n').slice(0, line);
    return Math.min(this.text.length, before.join('\n').length + (line > 0 ? 1 : 0) + character);
  }
}

/** What a test sees of the editor, and how the person answers; see `vscodeStandIn`. */
export class StandInEditor {
  /** Files on the disk, by URI. */
  readonly disk = new Map<string, { bytes: Uint8Array; mtime: number }>();
  /** Documents that VS Code holds in memory, shown or not. */
  documents: StandInDocument[] = [];
  tabs: Tab[] = [];
  activeTab: Tab | undefined;
  activeTextEditor: { readonly document: StandInDocument; selection: Selection } | undefined;
  threads: Thread[] = [];
  readonly messages: Message[] = [];
  readonly picks: (readonly PickItem[])[] = [];
  readonly progress: string[] = [];
  readonly executed: (readonly unknown[])[] = [];
  readonly inputs: { readonly title?: string; readonly prompt?: string }[] = [];
  statusItem: Record<string, unknown> = {};
  statusMessages: string[] = [];
  /** Which button the person presses; the message stays open otherwise. */
  press: (message: Message) => string | undefined = () => undefined;
  choose: (items: readonly PickItem[]) => PickItem | undefined = () => undefined;
  typed: string | undefined;
  /** Whether files can be saved. */
  saves = true;
  /** Whether edits are taken. */
  edits = true;
  /** What writing a file on the disk waits for. */
  beforeWriting: () => Promise<void> = async () => undefined;
  readonly providers = new Map<string, Files>();
  private clock = 1;
  readonly opened = new EventEmitter<StandInDocument>();
  readonly changed = new EventEmitter<{ readonly document: StandInDocument }>();

  /** A new window over an empty disk. */
  reset(): void {
    this.disk.clear();
    this.restart();
    this.documents = [];
    this.tabs = [];
    this.activeTab = undefined;
    this.messages.length = this.picks.length = this.progress.length = this.executed.length = this.inputs.length = 0;
    this.statusMessages = [];
    this.press = this.choose = () => undefined;
    this.typed = undefined;
    this.saves = this.edits = true;
    this.beforeWriting = async () => undefined;
  }

  /** A reload of the window: the extension is gone, the disk and the tabs remain, documents are read again when asked for. */
  restart(): void {
    this.providers.clear();
    this.threads = [];
    this.documents = [];
    this.activeTextEditor = undefined;
    this.opened.dispose();
    this.changed.dispose();
  }

  put(uri: Uri, text: string): void {
    this.disk.set(uri.toString(), { bytes: new TextEncoder().encode(text), mtime: (this.clock += 1) });
  }

  textOf(uri: Uri): string | undefined {
    const file = this.disk.get(uri.toString());
    return file === undefined ? undefined : new TextDecoder().decode(file.bytes);
  }

  /** The person types: the document is another one until it is saved. */
  type(document: StandInDocument, text: string): void {
    document.text = text;
    document.isDirty = true;
    this.changed.fire({ document });
  }

  async open(uri: Uri): Promise<StandInDocument> {
    const known = this.documents.find((one) => one.uri.toString() === uri.toString());
    if (known !== undefined) return known;
    const files = this.filesOf(uri);
    const { mtime } = await files.stat(uri);
    const document = new StandInDocument(this, uri, new TextDecoder().decode(await files.readFile(uri)), mtime);
    this.documents.push(document);
    this.opened.fire(document);
    return document;
  }

  async save(document: StandInDocument): Promise<boolean> {
    if (!this.saves) return false;
    const files = this.filesOf(document.uri);
    document.isDirty = false;
    await files.writeFile(document.uri, new TextEncoder().encode(document.text));
    document.mtime = (await files.stat(document.uri)).mtime;
    return true;
  }

  private filesOf(uri: Uri): Files {
    return this.providers.get(uri.scheme) ?? this.diskFiles;
  }

  readonly diskFiles = {
    stat: async (uri: Uri) => {
      const file = this.disk.get(uri.toString());
      if (file === undefined) throw FileSystemError.FileNotFound(uri);
      return { type: FileType.File, ctime: 0, mtime: file.mtime, size: file.bytes.length };
    },
    readFile: async (uri: Uri) => this.disk.get(uri.toString())?.bytes ?? Promise.reject(FileSystemError.FileNotFound(uri)),
    writeFile: async (uri: Uri, bytes: Uint8Array) => {
      await this.beforeWriting();
      this.disk.set(uri.toString(), { bytes, mtime: (this.clock += 1) });
    },
    createDirectory: async () => undefined,
    delete: async (uri: Uri) => void this.disk.delete(uri.toString()),
    readDirectory: async (uri: Uri) => {
      const folder = `${uri.toString()}/`;
      return [...this.disk.keys()]
        .filter((key) => key.startsWith(folder))
        .map((key) => [key.slice(folder.length), FileType.File]);
    },
  };

  async applyEdit({ all }: WorkspaceEdit): Promise<boolean> {
    if (!this.edits) return false;
    for (const { kind, uri } of all) if (kind === 'create' && this.disk.has(uri.toString())) return false;
    const documents = new Map<StandInDocument, string>();
    // From the end, so that the places of the earlier changes hold.
    for (const change of all.toReversed()) {
      if (change.kind === 'create') await this.diskFiles.writeFile(change.uri, change.contents);
      else {
        const document = await this.open(change.uri);
        const text = documents.get(document) ?? document.text;
        const [start, end] = [document.offsetAt(change.range.start), document.offsetAt(change.range.end)];
        documents.set(document, text.slice(0, start) + change.text + text.slice(end));
      }
    }
    for (const [document, text] of documents) this.type(document, text);
    return true;
  }

  /** As VS Code does: what is not dirty is read again, where the file is another one than the one that was read. */
  async follow(files: Files, uri: Uri): Promise<void> {
    const document = this.documents.find((one) => one.uri.toString() === uri.toString());
    if (document === undefined || document.isDirty) return;
    const { mtime } = await files.stat(uri);
    if (mtime === document.mtime) return;
    document.text = new TextDecoder().decode(await files.readFile(uri));
    document.mtime = mtime;
    this.changed.fire({ document });
  }

  async execute(command: string, ...args: readonly unknown[]): Promise<void> {
    this.executed.push([command, ...args]);
    if (command === 'vscode.changes') {
      const [label, resources] = args as [string, readonly (readonly [Uri, Uri, Uri])[]];
      this.activeTab = { label, input: { textDiffs: resources.map(([, left, right]) => new TabInputTextDiff(left, right)) } };
      this.tabs.push(this.activeTab);
      for (const [, , right] of resources) await this.open(right);
    }
    if (command === 'vscode.diff') {
      const [left, right, label] = args as [Uri, Uri, string];
      const same = ({ input }: Tab) => input instanceof TabInputTextDiff && input.modified.toString() === right.toString();
      this.activeTab = this.tabs.find(same) ?? { label, input: new TabInputTextDiff(left, right) };
      if (!this.tabs.includes(this.activeTab)) this.tabs.push(this.activeTab);
      this.activeTextEditor = { document: await this.open(right), selection: new Selection(0, 0, 0, 0) };
    }
  }

  async show(kind: Message['kind'], text: string, ...rest: readonly unknown[]): Promise<string | undefined> {
    const [options] = rest;
    const detail = typeof options === 'object' && options !== null && 'detail' in options ? String(options.detail) : undefined;
    const buttons = rest.filter((one) => typeof one === 'string');
    const message = { kind, text, buttons, ...(detail === undefined ? {} : { detail }) };
    this.messages.push(message);
    return this.press(message);
  }
}
