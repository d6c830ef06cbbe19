/** The classes of `vscode` that the stand-in knows: values with the members that are used. */
type Listener<T> = (event: T) => unknown;

export class Disposable {
  constructor(private readonly end: () => unknown) {}
  static from(...all: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }
  dispose(): void {
    this.end();
  }
}

export class EventEmitter<T> {
  private listeners = new Set<Listener<T>>();
  readonly event = (listener: Listener<T>): Disposable => {
    this.listeners.add(listener);
    return new Disposable(() => this.listeners.delete(listener));
  };
  fire(event: T): void {
    for (const listener of [...this.listeners]) listener(event);
  }
  dispose(): void {
    this.listeners.clear();
  }
}

export class CancellationError extends Error {}

export class Uri {
  private constructor(
    readonly scheme: string,
    readonly path: string,
  ) {}
  static from({ scheme, path }: { readonly scheme: string; readonly path: string }): Uri {
    return new Uri(scheme, path);
  }
  static parse(text: string): Uri {
    const { protocol, pathname } = new URL(text);
    return new Uri(protocol.slice(0, -1), decodeURIComponent(pathname));
  }
  static joinPath(base: Uri, ...parts: readonly string[]): Uri {
    return new Uri(base.scheme, [base.path.replace(/\/$/, ''), ...parts].join('/'));
  }
  toString(): string {
    return `${this.scheme}://${encodeURI(this.path)}`;
  }
}

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(...ends: readonly [Position, Position] | readonly [number, number, number, number]) {
    this.start = ends.length === 2 ? ends[0] : new Position(ends[0], ends[1]);
    this.end = ends.length === 2 ? ends[1] : new Position(ends[2], ends[3]);
  }
}

export class Selection extends Range {
  get active(): Position {
    return this.end;
  }
}

export class TabInputText {
  constructor(readonly uri: Uri) {}
}
export class TabInputTextDiff {
  constructor(
    readonly original: Uri,
    readonly modified: Uri,
  ) {}
}

export class MarkdownString {
  isTrusted: unknown;
  constructor(readonly value = '') {}
}
export class ThemeColor {
  constructor(readonly id: string) {}
}
export class ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}
export class TreeItem {
  constructor(
    readonly label: string,
    readonly collapsibleState = 0,
  ) {}
}

export class FileSystemError extends Error {
  static FileNotFound = (uri: unknown) => new FileSystemError(`not found: ${String(uri)}`);
  static FileExists = (uri: unknown) => new FileSystemError(`exists: ${String(uri)}`);
  static FileIsADirectory = (uri: unknown) => new FileSystemError(`a folder: ${String(uri)}`);
  static NoPermissions = (what: unknown) => new FileSystemError(`no permissions: ${String(what)}`);
}

export interface TextChange {
  readonly kind: 'replace';
  readonly uri: Uri;
  readonly range: Range;
  readonly text: string;
}
export interface NewFile {
  readonly kind: 'create';
  readonly uri: Uri;
  readonly contents: Uint8Array;
}

export class WorkspaceEdit {
  readonly all: (TextChange | NewFile)[] = [];
  replace(uri: Uri, range: Range, text: string): void {
    this.all.push({ kind: 'replace', uri, range, text });
  }
  createFile(uri: Uri, { contents }: { readonly contents: Uint8Array }): void {
    this.all.push({ kind: 'create', uri, contents });
  }
}

export const FileType = { Unknown: 0, File: 1, Directory: 2 };
export const FilePermission = { Readonly: 1 };
export const FileChangeType = { Changed: 1, Created: 2, Deleted: 3 };
export const CommentMode = { Editing: 0, Preview: 1 };
export const CommentThreadState = { Unresolved: 0, Resolved: 1 };
export const CommentThreadCollapsibleState = { Collapsed: 0, Expanded: 1 };
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 };
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const StatusBarAlignment = { Left: 1, Right: 2 };
export const TextEditorRevealType = { InCenterIfOutsideViewport: 2 };
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export const ViewColumn = { Active: -1, Beside: -2 };
