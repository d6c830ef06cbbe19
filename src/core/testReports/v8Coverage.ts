import type { FileCoverage, TestCoverage } from '../model/testReport';

/** One function of a script as V8 counts it: its whole range first, blocks with another count inside of it after it. */
export interface V8Function {
  readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
}

type Part = readonly [from: number, to: number];

/**
 * What ran of one script in one process: each place has the count of the innermost range around it (Chrome DevTools Protocol,
 * Profiler.ScriptCoverage with block coverage). The range of the script itself gives the length of the source as it ran.
 *
 * @returns undefined where the script as a whole is not among the functions
 */
export function ranParts(functions: readonly V8Function[]): Pick<FileCoverage, 'length' | 'ran'> | undefined {
  const ranges = functions
    .flatMap((one) => one.ranges)
    .filter(({ startOffset, endOffset }) => startOffset >= 0 && startOffset < endOffset)
    // Outer ones first; of two that are the same the later one is the inner one, and sorting keeps their order.
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  const whole = ranges[0];
  if (whole?.startOffset !== 0) return undefined;
  const parts: Part[] = [];
  const open: { readonly end: number; readonly ran: boolean }[] = [];
  let at = 0;
  const goTo = (offset: number): void => {
    if (offset <= at) return;
    if (open.at(-1)?.ran === true) parts.push([at, offset]);
    at = offset;
  };
  const closeUntil = (offset: number): void => {
    for (let top = open.at(-1); top !== undefined && top.end <= offset; top = open.at(-1)) {
      goTo(top.end);
      open.pop();
    }
  };
  for (const { startOffset, endOffset, count } of ranges) {
    closeUntil(startOffset);
    goTo(startOffset);
    // Ranges that only overlap are not V8's: cut at what is around them, they spoil nothing else.
    open.push({ end: Math.min(endOffset, open.at(-1)?.end ?? endOffset), ran: count > 0 });
  }
  closeUntil(whole.endOffset);
  return { length: whole.endOffset, ran: joined(parts) };
}

/** What several processes, or jobs, saw together: a place ran where it ran in one of them. */
export function mergeCoverage(all: readonly TestCoverage[]): TestCoverage {
  const files = new Map<string, FileCoverage & { ran: Part[] }>();
  for (const { path, length, ran } of all.flatMap((one) => one.files)) {
    const key = JSON.stringify([path, length]);
    const known = files.get(key);
    if (known === undefined) files.set(key, { path, length, ran: [...ran] });
    else known.ran.push(...ran);
  }
  return {
    files: [...files.values()].map((file) => ({ ...file, ran: joined(file.ran) })),
    transformed: all.some(({ transformed }) => transformed),
  };
}

/** Parts in order, those that touch or overlap made one. */
function joined(parts: readonly Part[]): readonly Part[] {
  const all: [number, number][] = [];
  for (const [from, to] of parts.toSorted((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}
