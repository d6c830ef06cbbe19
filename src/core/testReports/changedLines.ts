import { lineChanges, splitLines } from '../edits/lineChanges';
import type { FileChange } from '../model/patch';
import type { FileCoverage, TestCoverage } from '../model/testReport';

/** Which of the lines that a patch changed were run by the tests. */
export interface ChangedLines {
  /** Lines that were run, of those measured. */
  readonly covered: number;
  readonly measured: number;
  /** Line numbers, 1-based, in the file with the patch. */
  readonly files: readonly { readonly path: string; readonly ran: readonly number[]; readonly notRun: readonly number[] }[];
  /** Changed files with code that could not be measured, each with why. */
  readonly notMeasured: readonly { readonly path: string; readonly why: string }[];
}

const asWritten = /\.[cm]?js$/i;
const compiled = /\.(?:[cm]?tsx?|jsx|vue|svelte)$/i;

/**
 * The changed lines of a patch beside what the tests ran. A line was run where some code of it was; lines that are empty, hold
 * only a comment or only brackets have none. Only what ran as it is written is measured: of a file whose source had another
 * length when it ran (a compiler, a bundler or a framework put its own around it) the places would be wrong.
 *
 * @param coverage - undefined: nothing was measured
 */
export function changedLines(changes: readonly FileChange[], coverage: TestCoverage | undefined): ChangedLines {
  const files: { readonly path: string; readonly ran: readonly number[]; readonly notRun: readonly number[] }[] = [];
  const notMeasured: { readonly path: string; readonly why: string }[] = [];
  for (const { path, before, after, edits } of changes) {
    if (compiled.test(path)) notMeasured.push({ path, why: 'it is compiled before it runs' });
    if (!asWritten.test(path)) continue;
    const code = codeLines(after);
    const changed = lineChanges(before ?? '', after, edits).flatMap(({ afterStart, afterEnd }) =>
      code.slice(afterStart, afterEnd).flatMap((line) => line ?? []),
    );
    if (changed.length === 0) continue;
    const seen = seenOf(path, after, coverage);
    if ('why' in seen) {
      notMeasured.push({ path, why: seen.why });
      continue;
    }
    const wasRun = ({ from, to }: CodeLine): boolean => seen.ran.some(([start, end]) => start < to && from < end);
    files.push({
      path,
      ran: changed.filter(wasRun).map(({ number }) => number),
      notRun: changed.filter((line) => !wasRun(line)).map(({ number }) => number),
    });
  }
  const covered = files.reduce((sum, { ran }) => sum + ran.length, 0);
  return { covered, measured: covered + files.reduce((sum, { notRun }) => sum + notRun.length, 0), files, notMeasured };
}

function seenOf(
  path: string,
  text: string,
  coverage: TestCoverage | undefined,
): Pick<FileCoverage, 'ran'> | { readonly why: string } {
  if (coverage === undefined) return { why: 'the checks measured nothing' };
  const own = coverage.files.filter((file) => file.path === path);
  const length = text.length - markOf(text);
  const same = own.filter((file) => file.length === length);
  if (same.length > 0) return { ran: same.flatMap(({ ran }) => ran) };
  if (own.length > 0) return { why: 'it ran in another form than it is written in' };
  return coverage.transformed ? { why: 'it was not loaded itself, but code that is made of other files was' } : { ran: [] };
}

/** Node takes a byte order mark off before it runs a file. */
const markOf = (text: string): number => (text.startsWith('\uFEFF') ? 1 : 0);

interface CodeLine {
  /** 1-based. */
  readonly number: number;
  /** Offsets of the line's code in the source as it runs. */
  readonly from: number;
  readonly to: number;
}

/** For each line where its code is; undefined where it has none that is known to run. */
function codeLines(text: string): readonly (CodeLine | undefined)[] {
  let start = -markOf(text);
  let inComment = false;
  return splitLines(text).map((line, index) => {
    const at = start;
    start += line.length;
    const words = line.replace(/^\uFEFF/, '').trim();
    if (inComment || words.startsWith('/*')) {
      const end = words.indexOf('*/', inComment ? 0 : 2);
      inComment = end < 0;
      if (end < 0 || words.slice(end + 2).trim() === '') return undefined;
    }
    if (words.startsWith('//') || /^[\s{}()[\];,]*$/.test(words)) return undefined;
    const from = at + line.indexOf(words);
    return { number: index + 1, from, to: from + words.length };
  });
}
