import type { Hunk } from '../../core/edits/hunks';
import { hunksOf, rejectHunk } from '../../core/edits/hunks';
import type { FileChange, Patch } from '../../core/model/patch';
import type { ReviewRecord } from './reviewStore';

/** A hunk in the file it belongs to. */
export interface PlacedHunk {
  readonly path: string;
  readonly hunk: Hunk;
  readonly accepted: boolean;
}

/** One review in memory: pure bookkeeping over texts, the editor is told elsewhere. */
export class ReviewSession {
  private readonly texts: Map<string, string>;
  private readonly accepted: Set<string>;

  constructor(private readonly record: ReviewRecord) {
    this.texts = new Map(Object.entries(record.texts));
    this.accepted = new Set(record.accepted);
  }

  /** A fresh review of a patch: everything as proposed, nothing decided. */
  static of(id: string, patch: Patch, root: string): ReviewSession {
    const texts = Object.fromEntries(patch.changes.map((c) => [c.path, c.after]));
    return new ReviewSession({ id, patch, root, texts, accepted: [] });
  }

  get id(): string {
    return this.record.id;
  }

  get patch(): Patch {
    return this.record.patch;
  }

  /** The workspace folder that the patch was made for, as a URI. */
  get root(): string {
    return this.record.root;
  }

  /** Whether the person decided or changed anything in it. */
  get isTouched(): boolean {
    return this.accepted.size > 0 || this.patch.changes.some(({ path, after }) => this.texts.get(path) !== after);
  }

  get paths(): readonly string[] {
    return this.patch.changes.map((change) => change.path);
  }

  text(path: string): string | undefined {
    return this.texts.get(path);
  }

  setText(path: string, text: string): void {
    this.texts.set(path, text);
  }

  /** The hunks of a file as it stands on the right now. */
  hunks(path: string): readonly PlacedHunk[] {
    const change = this.changeOf(path);
    const text = this.texts.get(path);
    if (change === undefined || text === undefined) return [];
    return hunksOf(change.before ?? '', text, change.edits).map((hunk) => ({
      path,
      hunk,
      accepted: this.accepted.has(`${path}#${hunk.id}`),
    }));
  }

  /** Why a hunk changes what it changes; lines that the proposal left alone were changed by the person. */
  reasonOf({ path, hunk }: PlacedHunk): string {
    const change = this.changeOf(path);
    const proposed = change === undefined ? [] : hunksOf(change.before ?? '', change.after, change.edits);
    return proposed.some(({ id }) => id === hunk.id)
      ? this.patch.reason
      : 'Changed by hand; the proposed fix has no such change.';
  }

  accept(path: string, hunk: Hunk): void {
    this.accepted.add(`${path}#${hunk.id}`);
  }

  /** The right side without that hunk; the caller puts it into the editor, so that it can be undone there. */
  without(path: string, hunk: Hunk): string | undefined {
    const change = this.changeOf(path);
    const text = this.texts.get(path);
    return change === undefined || text === undefined ? undefined : rejectHunk(change.before ?? '', text, hunk);
  }

  /** The patch as it stands: files that are as before are left out, the edits stay only where nothing was touched. */
  current(): Patch {
    const changes = this.patch.changes.flatMap((change): readonly FileChange[] => {
      const after = this.texts.get(change.path) ?? change.after;
      if (after === (change.before ?? '')) return [];
      return after === change.after ? [change] : [{ path: change.path, before: change.before, after }];
    });
    const touched = changes.length !== this.patch.changes.length || changes.some((change, i) => change !== this.patch.changes[i]);
    if (!touched) return this.patch;
    // What was reviewed is the person's decision: notes and update facts of the proposal may no longer hold for it.
    const { update: _update, closes: _closes, ...rest } = this.patch;
    return { ...rest, changes, notes: [...this.patch.notes, 'Changed in review: parts were rejected or edited by hand.'] };
  }

  toRecord(): ReviewRecord {
    return {
      id: this.id,
      patch: this.patch,
      root: this.root,
      texts: Object.fromEntries(this.texts),
      accepted: [...this.accepted],
    };
  }

  private changeOf(path: string): FileChange | undefined {
    return this.patch.changes.find((change) => change.path === path);
  }
}
