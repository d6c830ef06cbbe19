import { isHumanError } from '../errors';
import { applyEdits } from '../edits/applyEdits';
import { LineIndex } from '../edits/lineIndex';
import type { Location } from '../model/finding';
import type { TextEdit } from '../model/patch';
import { upwards } from '../syntax/navigate';
import type { SyntaxNode, SyntaxParser } from '../syntax/syntaxTree';
import { faultAt, findFaults, holds, withSource } from './findFaults';
import type { Source, Span } from './findFaults';
import { isRefusal } from './rule';
import type { Fix, Refusal, Rule, SourceFile } from './rule';

export type Region = Omit<Location, 'path'>;

/** A fix that was tried out: the text with it parses as well as before, and the rule finds one fault less. */
export interface TriedFix extends Fix {
  readonly after: string;
}

/** Above this many UTF-16 units a file is no hand-written source, and parsing it would hold everything up. */
const maxLength = 2_000_000;

/**
 * The rule's fix for the place a finding names, or why there is none: no match there, the file changed since the scan, it does not
 * parse, the place cannot be rewritten safely.
 */
export async function proposeFix(rule: Rule, source: Source, region: Region, parser: SyntaxParser): Promise<TriedFix | Refusal> {
  if (source.text.length > maxLength)
    return { because: `${source.path} is too large to be parsed (${source.text.length} characters)` };
  const proposed = await withSource(source, parser, async (file) => {
    const span = spanOf(source.text, region);
    if ('because' in span) return span;
    const place = span.startIndex < 0 ? undefined : span;
    const faults = await findFaults(rule, file, parser, place);
    const fault = span.startIndex < 0 ? (faults.length > 1 ? 'several' : faults[0]) : faultAt(faults, span, file.root);
    if (fault === 'several') return { because: `the finding names a place that holds several calls of this kind` };
    if (fault === undefined) return noMatch(rule, file, region, span);
    const [call] = fault.places;
    if (call !== undefined && brokenAround(call))
      return { because: `${source.path} does not parse at line ${region.startLine ?? 1}` };
    const fix = fault.build();
    if (isRefusal(fix)) return fix;
    return {
      ...fix,
      after: applyEdits(source.text, fix.edits),
      faults: faults.length,
      place: place && movedBy(place, fix.edits),
      errors: countErrors(file.root),
    };
  });
  if (proposed === undefined) return { because: `there is no rule for files like ${source.path}` };
  if ('because' in proposed) return proposed;
  const { faults, place, errors, ...fix } = proposed;
  const checked = await withSource({ ...source, text: fix.after }, parser, async (file) => ({
    errors: countErrors(file.root),
    faults: (await findFaults(rule, file, parser, place)).length,
  }));
  if (checked === undefined || checked.errors > errors)
    return { because: 'the file would not parse any more with the rewritten code' };
  if (checked.faults >= faults) return { because: 'the rewritten code would still match the rule' };
  return { ...fix, edits: ordered(fix.edits) };
}

/**
 * True while the rule still finds a fault at a place: what proves that a finding is gone. Contained, quoted and parameterised forms
 * do not match. Without a region it is asked of the whole file.
 */
export async function stillMatches(
  rule: Rule,
  source: Source,
  region: Region | undefined,
  parser: SyntaxParser,
): Promise<boolean> {
  const found = await withSource(source, parser, async (file) => {
    const span = spanOf(source.text, region ?? {});
    if ('because' in span || span.startIndex < 0) return (await findFaults(rule, file, parser)).length > 0;
    const faults = await findFaults(rule, file, parser, span);
    return faults.some((fault) =>
      fault.places.some(
        (place) => holds(place, span, file.root) || (place.startIndex < span.endIndex && place.startIndex >= span.startIndex),
      ),
    );
  });
  return found ?? false;
}

/** Where a span lies once the edits are made: grown by those within it, moved by those before it. */
function movedBy(span: Span, edits: readonly TextEdit[]): Span {
  const grown = (end: number): number =>
    edits.filter((edit) => edit.end <= end).reduce((sum, edit) => sum + edit.text.length - (edit.end - edit.start), 0);
  const startIndex = span.startIndex + grown(span.startIndex);
  return { startIndex, endIndex: Math.max(startIndex, span.endIndex + grown(span.endIndex)) };
}

function ordered(edits: readonly TextEdit[]): readonly TextEdit[] {
  return [...edits].sort((a, b) => a.start - b.start);
}

function noMatch(rule: Rule, file: SourceFile, region: Region, span: Span): Refusal {
  const node = file.root.descendantForIndex(Math.max(0, span.startIndex), Math.max(0, span.startIndex));
  if (node !== null && brokenAround(node)) return { because: `${file.path} does not parse at line ${region.startLine ?? 1}` };
  return {
    because: `no code that the rule ${rule.id} can rewrite stands at ${file.path}${region.startLine === undefined ? '' : `:${region.startLine}`}`,
  };
}

/** True when the statement around a node holds a syntax error. */
function brokenAround(node: SyntaxNode): boolean {
  for (const at of upwards(node)) {
    if (at.isError) return true;
    if (/(statement|declaration)$/.test(at.type)) return at.hasError;
  }
  return false;
}

function countErrors(root: SyntaxNode): number {
  if (!root.hasError) return 0;
  let count = 0;
  // No recursion: hostile code may be nested deeper than the stack.
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.isError || node.isMissing) count++;
    if (node.hasError) open.push(...node.children);
  }
  return count;
}

/**
 * Offsets of a region. Where the scanner kept a snippet and it no longer stands there, it is looked for in the whole file and taken
 * where it stands exactly once. A region without a line gives -1: the whole file.
 */
function spanOf(text: string, region: Region): Span | Refusal {
  if (region.startLine === undefined) return { startIndex: -1, endIndex: text.length };
  const snippet = region.snippet?.trim();
  try {
    const index = new LineIndex(text);
    const endLine = region.endLine ?? region.startLine;
    const lineText = index.lineText(region.startLine);
    const startColumn = region.startColumn ?? 1 + lineText.length - lineText.trimStart().length;
    const startIndex = index.offsetAt(region.startLine, startColumn);
    const endIndex = index.offsetAt(endLine, region.endColumn ?? index.lineText(endLine).length + 1);
    if (endIndex < startIndex) return { because: 'the finding ends before it begins' };
    const lines = text.slice(index.offsetAt(region.startLine, 1), index.offsetAt(endLine, index.lineText(endLine).length + 1));
    if (snippet === undefined || snippet === '' || flat(lines).includes(flat(snippet)) || flat(snippet).includes(flat(lines)))
      return { startIndex, endIndex };
  } catch (error) {
    if (!isHumanError(error)) throw error;
  }
  const moved = snippet === undefined || snippet === '' ? -1 : text.indexOf(snippet);
  if (snippet === undefined || moved === -1 || text.includes(snippet, moved + 1))
    return { because: 'the file has changed since the scan, and the code of the finding is no longer at its place' };
  return { startIndex: moved, endIndex: moved + snippet.length };
}

function flat(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
