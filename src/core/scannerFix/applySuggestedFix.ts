import { HumanError } from '../errors';
import { applyEdits } from '../edits/applyEdits';
import { LineIndex } from '../edits/lineIndex';
import type { Finding, SuggestedFix, SuggestedReplacement } from '../model/finding';
import type { FileChange, TextEdit } from '../model/patch';
import { findText, sameText, shiftRegion, spanOfOffsets, spanOfRegion } from './locate';
import type { Region, Shift, Span } from './locate';
import { expandTemplate, translatePattern } from './pythonRegex';
import type { PatternMatch } from './pythonRegex';

/**
 * Finds the matches of a pattern from a report, which may be made to run for ever: the implementation stops it.
 * @param limit most matches that are wanted; undefined means all
 * @throws HumanError when the pattern is not valid or takes too long
 */
export type FindMatches = (source: string, flags: string, text: string, limit: number | undefined) => readonly PatternMatch[];

export interface AppliedFix {
  readonly changes: readonly FileChange[];
  readonly notes: readonly string[];
}

/** A pattern is run over a finding's region only, and over no more than this. */
const longestRegion = 20_000;

/**
 * The fix that a scanner brought, as splices in the files as they are now. Where the text at the finding's place is no longer
 * what the scanner saw, it is looked for in the same file; only a single such place is taken.
 *
 * @param texts every file that the fix names: workspace path → text
 * @throws HumanError, as a clause that completes "No fix, because …", when the fix cannot be carried out as it was meant
 */
export function applySuggestedFix(
  finding: Finding,
  fix: SuggestedFix,
  texts: ReadonlyMap<string, string>,
  findMatches: FindMatches,
): AppliedFix {
  const edits = new Map<string, TextEdit[]>();
  const notes = new Set<string>();
  const reason = fix.description;
  const add = (path: string, span: Span, text: string): void => {
    const list = edits.get(path) ?? [];
    edits.set(path, [...list, { ...span, text, ...(reason === undefined ? {} : { reason }) }]);
  };

  const home = finding.locations[0];
  const seen = home === undefined ? undefined : expectation(finding, fix);
  const moved = new Map<string, Shift>();
  if (home !== undefined && seen !== undefined) {
    const shift = shiftOf(textOf(texts, home.path), home.path, home, seen);
    if (shift.lines !== 0 || shift.columns !== 0) {
      moved.set(home.path, shift);
      notes.add(`The place moved since the scan: it was found again ${describeShift(shift)} in ${home.path}.`);
    }
  } else
    notes.add('The report does not say what stood at the place, so it cannot be told whether the file changed since the scan.');

  for (const replacement of fix.replacements) {
    const text = textOf(texts, replacement.path);
    const span = placeOf(text, replacement, moved.get(replacement.path), seen?.exact === true ? seen.text : undefined);
    if (span === undefined)
      throw new HumanError(`${replacement.path} changed since the scan: the place of the fix is no longer there`);
    add(replacement.path, span, withLineEndsOf(text, replacement.text));
  }
  if (fix.regex !== undefined) {
    if (home === undefined) throw new HumanError('the fix is a pattern, and the finding has no place to run it over');
    const text = textOf(texts, home.path);
    const shift = moved.get(home.path);
    const span = spanOfRegion(new LineIndex(text), shift === undefined ? home : shiftRegion(home, shift));
    if (span === undefined)
      throw new HumanError(`${home.path} changed since the scan: the place of the finding is no longer there`);
    for (const edit of regexEdits(text, span, fix.regex, findMatches)) add(home.path, edit, edit.text);
  }

  const changes = [...edits].flatMap(([path, list]): FileChange[] => {
    const before = textOf(texts, path);
    const real = list.filter((edit) => before.slice(edit.start, edit.end) !== edit.text);
    return real.length === 0 ? [] : [{ path, before, after: applyEdits(before, real), edits: real }];
  });
  if (changes.length === 0) throw new HumanError('the scanner’s fix changes nothing in the files as they are now');
  return { changes, notes: [...notes] };
}

interface Expectation {
  readonly text: string;
  /** True: the text of the region itself; false: the whole lines that it touches. */
  readonly exact: boolean;
}

/** What the scanner saw at the finding's place: the fix's own word, else the location's snippet. */
function expectation(finding: Finding, fix: SuggestedFix): Expectation | undefined {
  const home = finding.locations[0];
  if (fix.expectedText !== undefined && fix.expectedText !== '') return { text: fix.expectedText, exact: true };
  const snippet = home?.snippet;
  if (home === undefined || snippet === undefined || snippet.trim() === '') return undefined;
  const { startColumn, endColumn, startLine, endLine = startLine } = home;
  const oneLine = startLine === endLine && startColumn !== undefined && endColumn !== undefined;
  return { text: snippet, exact: oneLine && snippet.length === endColumn - startColumn };
}

function shiftOf(text: string, path: string, home: Region, seen: Expectation): Shift {
  const line = home.startLine ?? 1;
  const still: Shift = { lines: 0, columns: 0, line };
  const index = new LineIndex(text);
  const span = spanOfRegion(index, home);
  if (span !== undefined && standsAt(text, span, home, index, seen)) return still;
  const found = findText(text, seen.text);
  const [only] = found;
  if (only === undefined) throw new HumanError(`${path} changed since the scan: what the scanner saw is no longer there`);
  if (found.length > 1)
    throw new HumanError(`${path} changed since the scan: what the scanner saw now stands there more than once`);
  const position = index.positionAt(only.start);
  const columns = seen.exact && home.startColumn !== undefined ? position.column - home.startColumn : 0;
  return { lines: position.line - line, columns, line };
}

function standsAt(text: string, span: Span, home: Region, index: LineIndex, seen: Expectation): boolean {
  if (sameText(text.slice(span.start, span.end), seen.text)) return true;
  if (seen.exact) return false;
  const lines = spanOfRegion(index, {
    ...(home.startLine === undefined ? {} : { startLine: home.startLine }),
    ...(home.endLine === undefined ? {} : { endLine: home.endLine }),
  });
  if (lines === undefined) return false;
  // Tools cut the indent or the tail of a line: what they kept must still stand in those lines.
  const whole = text.slice(lines.start, lines.end).replaceAll('\r\n', '\n');
  return sameText(whole, seen.text) || whole.includes(seen.text.replaceAll('\r\n', '\n').trim());
}

/** Offsets say more than lines and columns (Semgrep's columns may count bytes), as long as the file has not moved. */
function placeOf(
  text: string,
  replacement: SuggestedReplacement,
  shift: Shift | undefined,
  exact: string | undefined,
): Span | undefined {
  const { region } = replacement;
  const index = new LineIndex(text);
  if (shift !== undefined) return region?.startLine === undefined ? undefined : spanOfRegion(index, shiftRegion(region, shift));
  const byOffset = spanOfOffsets(text, replacement);
  const byRegion = region === undefined ? undefined : spanOfRegion(index, region);
  if (byOffset === undefined || byRegion === undefined) return byOffset ?? byRegion;
  const offsetsAgree =
    exact === undefined ? isAt(text, index, byOffset.start, region) : sameText(text.slice(byOffset.start, byOffset.end), exact);
  if (offsetsAgree) return byOffset;
  // Without anything to compare, two answers that differ mean that the file is another one.
  return exact === undefined ? undefined : byRegion;
}

/** Whether an offset is the region's start; columns count characters or, in some tools, bytes of UTF-8. */
function isAt(text: string, index: LineIndex, offset: number, region: Region | undefined): boolean {
  const { line, column } = index.positionAt(offset);
  if (line !== region?.startLine) return false;
  const { startColumn } = region;
  if (startColumn === undefined || startColumn === column) return true;
  const before = text.slice(offset - (column - 1), offset);
  return startColumn === new TextEncoder().encode(before).length + 1;
}

function regexEdits(
  text: string,
  span: Span,
  regex: NonNullable<SuggestedFix['regex']>,
  findMatches: FindMatches,
): readonly TextEdit[] {
  const region = text.slice(span.start, span.end);
  if (region.length > longestRegion)
    throw new HumanError(`the fix is a pattern over ${region.length} characters, more than it may be run over`);
  const { source, flags } = translatePattern(regex.pattern);
  const limit = regex.count === undefined || regex.count === 0 ? undefined : regex.count;
  const matches = findMatches(source, flags, region, limit);
  if (matches.length === 0) throw new HumanError('the pattern of the scanner’s fix matches nothing at the finding’s place');
  return matches.map((match) => ({
    start: span.start + match.index,
    end: span.start + match.index + match.text.length,
    text: withLineEndsOf(text, expandTemplate(regex.replacement, match)),
  }));
}

/** New lines end as those of the file do. */
function withLineEndsOf(file: string, text: string): string {
  const crlf = file.split('\r\n').length - 1;
  const lf = file.split('\n').length - 1 - crlf;
  return crlf > lf ? text.replace(/\r?\n/g, '\r\n') : text;
}

function textOf(texts: ReadonlyMap<string, string>, path: string): string {
  const text = texts.get(path);
  if (text === undefined) throw new HumanError(`${path} is not there any more`);
  return text;
}

function describeShift({ lines, columns }: Shift): string {
  const parts = [
    ...(lines === 0
      ? []
      : [`${Math.abs(lines)} ${Math.abs(lines) === 1 ? 'line' : 'lines'} ${lines > 0 ? 'further down' : 'further up'}`]),
    ...(columns === 0 ? [] : [`${Math.abs(columns)} columns to the ${columns > 0 ? 'right' : 'left'}`]),
  ];
  return parts.join(' and ');
}
