import * as vscode from 'vscode';
import { reviewScheme } from '../reviewPort';

/** `patchline:/REVIEW/path/in/workspace`: the writable right side of a reviewed file. */
export function reviewUri(review: string, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: reviewScheme, path: `/${review}/${path}` });
}

/** The review and the workspace path of a right side; undefined for other documents. */
export function readReviewUri(uri: vscode.Uri): { readonly review: string; readonly path: string } | undefined {
  if (uri.scheme !== reviewScheme) return undefined;
  const [, review, path] = /^\/([^/]+)\/(.+)$/s.exec(uri.path) ?? [];
  return review === undefined || path === undefined ? undefined : { review, path };
}

/** Where the right sides come from and go to. */
export interface ReviewTexts {
  read(review: string, path: string): Promise<string | undefined>;
  write(review: string, path: string, text: string): Promise<void>;
}

const lost =
  'The contents of this review were lost: they are no longer in the storage of this workspace.\n' +
  'Nothing of your files was changed. Close this tab and run “Patchline: Generate Fix” on the finding again.\n';

/**
 * The file system behind the right sides. Only what a review holds exists in it; a right side whose contents were lost says
 * so in its own text and cannot be written.
 */
export class ReviewFiles implements vscode.FileSystemProvider {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;
  private readonly versions = new Map<string, number>();

  constructor(private readonly texts: ReviewTexts) {}

  /** Tells the editor that a right side was changed by us. */
  touch(uri: vscode.Uri): void {
    this.versions.set(uri.path, (this.versions.get(uri.path) ?? 0) + 1);
    this.changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const place = readReviewUri(uri);
    if (place === undefined) return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    const text = await this.texts.read(place.review, place.path);
    const stat = {
      type: vscode.FileType.File,
      ctime: 0,
      mtime: this.versions.get(uri.path) ?? 1,
      size: byteLength(text ?? lost),
    };
    return text === undefined ? { ...stat, permissions: vscode.FilePermission.Readonly } : stat;
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const place = readReviewUri(uri);
    if (place === undefined) throw vscode.FileSystemError.FileIsADirectory(uri);
    return new TextEncoder().encode((await this.texts.read(place.review, place.path)) ?? lost);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const place = readReviewUri(uri);
    if (place === undefined) throw vscode.FileSystemError.FileIsADirectory(uri);
    if ((await this.texts.read(place.review, place.path)) === undefined) throw vscode.FileSystemError.NoPermissions(lost);
    await this.texts.write(place.review, place.path, new TextDecoder('utf-8', { ignoreBOM: true }).decode(content));
    this.touch(uri);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
