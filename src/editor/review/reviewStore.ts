import * as v from 'valibot';
import * as vscode from 'vscode';
import type { Patch } from '../../core/model/patch';

/** A review as it is kept: the proposed patch, and the right side of each file as the person left it. */
export interface ReviewRecord {
  readonly id: string;
  readonly patch: Patch;
  /** The workspace folder that the patch was made for, as a URI. */
  readonly root: string;
  /** Right side by workspace path. */
  readonly texts: Readonly<Record<string, string>>;
  /** Hunks marked as accepted, as `path#hunk id`. */
  readonly accepted: readonly string[];
}

const texts = v.array(v.string());
/** What a review is read by: a file that was cut short, or changed by somebody, must not stop the others. */
const recordSchema = v.looseObject({
  id: v.string(),
  root: v.string(),
  patch: v.looseObject({
    findingId: v.string(),
    fixer: v.string(),
    trust: v.picklist(['scanner', 'dependency', 'rule', 'model', 'person']),
    title: v.string(),
    reason: v.string(),
    notes: texts,
    changes: v.array(v.looseObject({ path: v.string(), before: v.nullable(v.string()), after: v.string() })),
  }),
  texts: v.record(v.string(), v.string()),
  accepted: texts,
});

/** Keeps reviews in the extension's storage of this workspace, so that they survive a reload. One file a review. */
export class ReviewStore {
  private readonly folder: vscode.Uri | undefined;
  /** Writes of one review follow each other, so that an older state never lands after a newer one. */
  private writing: Promise<void> = Promise.resolve();

  constructor(storage: vscode.Uri | undefined) {
    this.folder = storage === undefined ? undefined : vscode.Uri.joinPath(storage, 'reviews');
  }

  save(record: ReviewRecord): Promise<void> {
    const folder = this.folder;
    if (folder === undefined) return Promise.resolve();
    const bytes = new TextEncoder().encode(JSON.stringify(record));
    this.writing = this.writing
      .catch(() => undefined)
      .then(async () => {
        await vscode.workspace.fs.createDirectory(folder);
        await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, `${record.id}.json`), bytes);
      });
    return this.writing;
  }

  async remove(id: string): Promise<void> {
    if (this.folder === undefined) return;
    const file = vscode.Uri.joinPath(this.folder, `${id}.json`);
    await this.writing.catch(() => undefined);
    await vscode.workspace.fs.delete(file).then(undefined, () => undefined);
  }

  /** Every review that is kept; what cannot be read is left out. */
  async list(): Promise<readonly ReviewRecord[]> {
    if (this.folder === undefined) return [];
    const entries = await vscode.workspace.fs.readDirectory(this.folder).then(undefined, () => []);
    const records = await Promise.all(entries.map(([name]) => this.load(name.replace(/\.json$/, ''))));
    return records.filter((record) => record !== undefined);
  }

  /** Undefined when it is gone or cannot be read: the review then says that its contents were lost. */
  async load(id: string): Promise<ReviewRecord | undefined> {
    if (this.folder === undefined || !/^[\w-]+$/.test(id)) return undefined;
    try {
      const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(this.folder, `${id}.json`));
      const record: unknown = JSON.parse(new TextDecoder().decode(bytes));
      return v.is(recordSchema, record) && record.id === id ? (record as ReviewRecord) : undefined;
    } catch {
      return undefined;
    }
  }
}
