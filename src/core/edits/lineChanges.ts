import { diffArrays } from 'diff';
import type { TextEdit } from '../model/patch';
import { applyEdits, sortEdits } from './applyEdits';

/** Lines `[beforeStart, beforeEnd)` became lines `[afterStart, afterEnd)`; 0-based, never both empty, in order, never touching. */
export interface LineChange {
  readonly beforeStart: number;
  readonly beforeEnd: number;
  readonly afterStart: number;
  readonly afterEnd: number;
}

/** Edit distance (in lines) up to which the exact shortest difference is sought: about 100 ms for 10,000 lines. */
const maxEditLength = 1000;

/** The lines of a text with their terminators, as git counts them: only LF ends a line. An empty text has none. */
export function splitLines(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
    lines.push(text.slice(start, end + 1));
    start = end + 1;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}

/**
 * Which lines changed. Where the edits are known (and still give `after`) they are taken as they are, for nothing is slower or
 * less exact than to search for one's own changes; else the lines are compared, in bounded time.
 */
export function lineChanges(before: string, after: string, edits?: readonly TextEdit[]): readonly LineChange[] {
  if (before === after) return [];
  const a = splitLines(before);
  const b = splitLines(after);
  if (edits !== undefined && givesAfter(before, after, edits)) return fromEdits(before, a, b, edits);
  return compare(a, b, 0, 0);
}

function givesAfter(before: string, after: string, edits: readonly TextEdit[]): boolean {
  try {
    return applyEdits(before, edits) === after;
  } catch {
    // Edits that were made for another text say nothing about this one: the lines are compared instead.
    return false;
  }
}

/** Line (0-based, LF only) of each offset; offsets ascending. The end of a text that ends with LF is a line of its own. */
function linesOf(offsets: readonly number[], lines: readonly string[]): number[] {
  let line = 0;
  let start = 0;
  return offsets.map((offset) => {
    for (;;) {
      const text = lines[line];
      if (text === undefined || offset < start + text.length) return line;
      if (!text.endsWith('\n')) return line;
      start += text.length;
      line++;
    }
  });
}

function fromEdits(
  before: string,
  a: readonly string[],
  b: readonly string[],
  edits: readonly TextEdit[],
): readonly LineChange[] {
  const sorted = sortEdits(before, edits);
  const places = linesOf(
    sorted.flatMap((edit) => [edit.start, edit.end]),
    a,
  );
  // Blocks of whole lines that hold the edits; `grown` counts the lines each block gains.
  const blocks: { first: number; last: number; grown: number }[] = [];
  sorted.forEach((edit, i) => {
    const first = places[2 * i] ?? 0;
    const last = places[2 * i + 1] ?? 0;
    const grown = countLineEnds(edit.text) - countLineEnds(before.slice(edit.start, edit.end));
    const open = blocks.at(-1);
    if (open !== undefined && first <= open.last) {
      open.last = Math.max(open.last, last);
      open.grown += grown;
    } else blocks.push({ first, last, grown });
  });
  const changes: LineChange[] = [];
  let shift = 0;
  for (const [i, block] of blocks.entries()) {
    const beforeEnd = Math.min(block.last + 1, a.length);
    const afterStart = block.first + shift;
    shift += block.grown;
    // A text may end without a line end, so the last block is not counted: it ends where the text does.
    const afterEnd = i === blocks.length - 1 && block.last + 1 >= a.length ? b.length : beforeEnd + shift;
    changes.push(...compare(a.slice(block.first, beforeEnd), b.slice(afterStart, afterEnd), block.first, afterStart));
  }
  return joinTouching(changes);
}

function countLineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Difference of two runs of lines whose first lines are `beforeAt` and `afterAt`. */
function compare(a: readonly string[], b: readonly string[], beforeAt: number, afterAt: number): readonly LineChange[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const left = a.slice(head, a.length - tail);
  const right = b.slice(head, b.length - tail);
  if (left.length === 0 && right.length === 0) return [];
  const at = { beforeStart: beforeAt + head, afterStart: afterAt + head };
  const whole: LineChange = { ...at, beforeEnd: at.beforeStart + left.length, afterEnd: at.afterStart + right.length };
  if (left.length === 0 || right.length === 0) return [whole];
  return shortest(left, right, at.beforeStart, at.afterStart) ?? betweenAnchors(left, right, whole);
}

/** The shortest difference by the `diff` package, or undefined when it would take too long. */
function shortest(a: readonly string[], b: readonly string[], beforeAt: number, afterAt: number): LineChange[] | undefined {
  // Numbers compare quicker than lines.
  const ids = new Map<string, number>();
  const number = (line: string): number => {
    const known = ids.get(line);
    if (known !== undefined) return known;
    ids.set(line, ids.size);
    return ids.size - 1;
  };
  const parts = diffArrays(a.map(number), b.map(number), { maxEditLength });
  if (parts === undefined) return undefined;
  const changes: LineChange[] = [];
  let before = beforeAt;
  let after = afterAt;
  for (const { added, removed, count } of parts) {
    const beforeEnd = added ? before : before + count;
    const afterEnd = removed ? after : after + count;
    if (added || removed) changes.push({ beforeStart: before, beforeEnd, afterStart: after, afterEnd });
    before = beforeEnd;
    after = afterEnd;
  }
  return joinTouching(changes);
}

/**
 * For very different texts: lines that occur exactly once on both sides, in the same order, hold the texts together (patience
 * diff), and only what lies between them is compared. Without such lines it is one change.
 */
function betweenAnchors(a: readonly string[], b: readonly string[], whole: LineChange): readonly LineChange[] {
  const pairs = longestRising(uniquePairs(a, b));
  if (pairs.length === 0) return [whole];
  const changes: LineChange[] = [];
  let i = 0;
  let j = 0;
  for (const [x, y] of [...pairs, [a.length, b.length] as const]) {
    changes.push(...compare(a.slice(i, x), b.slice(j, y), whole.beforeStart + i, whole.afterStart + j));
    i = x + 1;
    j = y + 1;
  }
  return joinTouching(changes);
}

/** Places of the lines that occur exactly once on either side, by their place in `a`. */
function uniquePairs(a: readonly string[], b: readonly string[]): [number, number][] {
  const places = new Map<string, { inA: number; inB: number; count: number }>();
  a.forEach((line, i) => {
    const seen = places.get(line);
    if (seen === undefined) places.set(line, { inA: i, inB: -1, count: 1 });
    else seen.count = 3;
  });
  b.forEach((line, j) => {
    const seen = places.get(line);
    if (seen === undefined) return;
    seen.count++;
    seen.inB = j;
  });
  return [...places.values()].filter((place) => place.count === 2 && place.inB !== -1).map((place) => [place.inA, place.inB]);
}

/** The longest part of the pairs in which the second members rise too (patience sorting). */
function longestRising(pairs: readonly [number, number][]): readonly [number, number][] {
  const tops: number[] = [];
  const previous: number[] = [];
  pairs.forEach(([, y], i) => {
    let low = 0;
    let high = tops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tops[middle] ?? 0]?.[1] ?? 0) < y) low = middle + 1;
      else high = middle;
    }
    previous[i] = low === 0 ? -1 : (tops[low - 1] ?? -1);
    tops[low] = i;
  });
  const rising: [number, number][] = [];
  for (let i = tops.at(-1) ?? -1; i >= 0; i = previous[i] ?? -1) {
    const pair = pairs[i];
    if (pair !== undefined) rising.push(pair);
  }
  return rising.reverse();
}

function joinTouching(changes: readonly LineChange[]): LineChange[] {
  const joined: LineChange[] = [];
  for (const change of changes) {
    const last = joined.at(-1);
    if (last !== undefined && last.beforeEnd === change.beforeStart && last.afterEnd === change.afterStart)
      joined[joined.length - 1] = { ...last, beforeEnd: change.beforeEnd, afterEnd: change.afterEnd };
    else joined.push(change);
  }
  return joined;
}
