import type { TextEdit } from '../model/patch';
import { lineChanges, splitLines } from './lineChanges';

/**
 * One run of changed lines, without context. Lines are 1-based; where a side has none, its start is the line before which the
 * others stand. The id stays the same while only the right side of the hunk is edited.
 */
export interface Hunk {
  readonly id: string;
  readonly beforeStart: number;
  readonly beforeLines: number;
  readonly afterStart: number;
  readonly afterLines: number;
  /** Why these lines change: the reasons of the edits that made them. */
  readonly reason?: string;
}

/**
 * The hunks between two texts, top down. `edits` are the ones the change was proposed with, if any: while they still give
 * `after` they are the hunks; once a person typed on the right side they only lend their reasons to the places they touch.
 */
export function hunksOf(before: string, after: string, edits?: readonly TextEdit[]): readonly Hunk[] {
  const changes = lineChanges(before, after, edits);
  const reasons = placeReasons(before, edits ?? []);
  return changes.map((change) => {
    const near = reasons.filter((reason) => reason.first <= change.beforeEnd && reason.last >= change.beforeStart);
    // An edit inside the changed lines explains them; one that only borders on them does so when nothing else does.
    const inside = near.filter((reason) => reason.first < change.beforeEnd && reason.last >= change.beforeStart);
    const texts = new Set((inside.length > 0 ? inside : near).map((reason) => reason.text));
    return {
      id: `${change.beforeStart + 1}+${change.beforeEnd - change.beforeStart}`,
      beforeStart: change.beforeStart + 1,
      beforeLines: change.beforeEnd - change.beforeStart,
      afterStart: change.afterStart + 1,
      afterLines: change.afterEnd - change.afterStart,
      ...(texts.size > 0 ? { reason: [...texts].join(' ') } : {}),
    };
  });
}

/** `after` with one hunk taken back to what stands in `before`; all else stays. The hunk must be of these two texts. */
export function rejectHunk(before: string, after: string, hunk: Hunk): string {
  const old = splitLines(before).slice(hunk.beforeStart - 1, hunk.beforeStart - 1 + hunk.beforeLines);
  const now = splitLines(after);
  return [...now.slice(0, hunk.afterStart - 1), ...old, ...now.slice(hunk.afterStart - 1 + hunk.afterLines)].join('');
}

/** First and last line (0-based) of each edit that has a reason. */
function placeReasons(
  before: string,
  edits: readonly TextEdit[],
): readonly { readonly first: number; readonly last: number; readonly text: string }[] {
  const lineOf = (offset: number): number => {
    let line = 0;
    for (let at = before.indexOf('\n'); at !== -1 && at < offset; at = before.indexOf('\n', at + 1)) line++;
    return line;
  };
  return edits.flatMap((edit) =>
    edit.reason === undefined ? [] : [{ first: lineOf(edit.start), last: lineOf(edit.end), text: edit.reason }],
  );
}
