import type { FileChange, TextEdit } from '../model/patch';
import { applyEdits } from './applyEdits';

/** The changes of one patch, under the name by which the outcome speaks of it (a finding's id). */
export interface ChangeSet {
  readonly id: string;
  readonly changes: readonly FileChange[];
}

export interface CombinedChanges {
  readonly changes: readonly FileChange[];
  /** Sets that are in, in the order given. A set whose edits were all in already counts as in. */
  readonly applied: readonly string[];
  readonly skipped: readonly { readonly id: string; readonly because: string }[];
}

/**
 * Several patches as one change per file. Each set goes in whole or not at all; of two that touch the same characters the
 * earlier one stays, as Semgrep's own `--autofix` does it. A set made on top of an earlier one (its `before` is that one's
 * `after`) continues it. Two sets that put the same text in place of the same characters are one.
 */
export function combineChanges(sets: readonly ChangeSet[]): CombinedChanges {
  const files = new Map<string, FileChange>();
  const applied: string[] = [];
  const skipped: { id: string; because: string }[] = [];
  for (const { id, changes } of sets) {
    const next = new Map<string, FileChange>();
    const conflict = changes.map((change) => join(next.get(change.path) ?? files.get(change.path), change, next)).find(isText);
    if (conflict !== undefined) {
      skipped.push({ id, because: conflict });
      continue;
    }
    for (const [path, change] of next) files.set(path, change);
    applied.push(id);
  }
  return { changes: [...files.values()], applied, skipped };
}

/** Puts the joined change into `next`; gives the reason where the two cannot be one. */
function join(current: FileChange | undefined, change: FileChange, next: Map<string, FileChange>): string | undefined {
  const { path } = change;
  if (current === undefined || current.after === change.before) {
    // What was made on top of an earlier change has offsets of that text; the joined change is known by its two ends.
    next.set(path, current === undefined ? change : { path, before: current.before, after: change.after });
    return undefined;
  }
  if (current.before !== change.before) return `${path} was another text when it was made`;
  if (current.after === change.after) {
    next.set(path, current);
    return undefined;
  }
  if (current.edits === undefined || change.edits === undefined || current.before === null)
    return `${path} is already changed by another fix`;
  const edits = [...current.edits];
  for (const edit of change.edits) {
    if (edits.some((other) => isSame(other, edit))) continue;
    if (edits.some((other) => overlaps(other, edit))) return `it overlaps another fix in ${path}`;
    edits.push(edit);
  }
  next.set(path, { path, before: current.before, after: applyEdits(current.before, edits), edits });
  return undefined;
}

/**
 * The same replacement of the same characters. Insertions are the same only where they add whole lines (an import that both
 * need): two closing brackets at one place are two.
 */
function isSame(a: TextEdit, b: TextEdit): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text && (a.end > a.start || a.text.endsWith('\n'));
}

/** Sharing characters, or inserting at one place, where nothing says which comes first; touching ends do not overlap. */
function overlaps(a: TextEdit, b: TextEdit): boolean {
  if (a.start === a.end && b.start === b.end) return a.start === b.start;
  if (a.start === a.end) return b.start < a.start && a.start < b.end;
  if (b.start === b.end) return a.start < b.start && b.start < a.end;
  return a.start < b.end && b.start < a.end;
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}
