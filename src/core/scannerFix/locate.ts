import { isHumanError } from '../errors';
import { byteToUtf16Offset } from '../edits/lineIndex';
import type { LineIndex } from '../edits/lineIndex';
import type { Location, SuggestedReplacement } from '../model/finding';

/** UTF-16 offsets, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Region = Omit<Location, 'path'>;

/** How far what the scanner saw has moved since: 0 and 0 where the file still has it at its place. */
export interface Shift {
  readonly lines: number;
  /** Applies to places on `line` (as the scanner counted) alone. */
  readonly columns: number;
  readonly line: number;
}

/**
 * The characters of a region by SARIF's defaults (§3.30): without columns the whole line, without its terminator; without
 * an end line the same line. Undefined when the text has no such place.
 */
export function spanOfRegion(index: LineIndex, region: Region): Span | undefined {
  const { startLine, startColumn = 1 } = region;
  if (startLine === undefined) return undefined;
  const endLine = region.endLine ?? startLine;
  try {
    const start = index.offsetAt(startLine, startColumn);
    const end = index.offsetAt(endLine, region.endColumn ?? index.lineText(endLine).length + 1);
    return end < start ? undefined : { start, end };
  } catch (error) {
    if (isHumanError(error)) return undefined;
    throw error;
  }
}

/** The characters of a replacement by its offsets: bytes of UTF-8 or UTF-16 units, both counted after a byte order mark. */
export function spanOfOffsets(text: string, replacement: SuggestedReplacement): Span | undefined {
  const { byteOffset, byteLength = 0, charOffset, charLength = 0 } = replacement;
  const mark = text.startsWith('\uFEFF') ? 1 : 0;
  if (byteOffset !== undefined) {
    try {
      const start = byteToUtf16Offset(text, byteOffset);
      return { start, end: start + byteToUtf16Offset(text.slice(start), byteLength) };
    } catch (error) {
      if (isHumanError(error)) return undefined;
      throw error;
    }
  }
  if (charOffset === undefined || charOffset + charLength + mark > text.length) return undefined;
  return { start: charOffset + mark, end: charOffset + charLength + mark };
}

/** Equal but for the kind of line end: reports are written with LF whatever the file has. */
export function sameText(a: string, b: string): boolean {
  return a === b || a.replaceAll('\r\n', '\n') === b.replaceAll('\r\n', '\n');
}

/** Every place where the text stands, line ends aside; at most two, since one more than one is already too many. */
export function findText(text: string, wanted: string): readonly Span[] {
  const pattern = wanted
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('\\r?\\n');
  const found: Span[] = [];
  for (const match of text.matchAll(new RegExp(pattern, 'g'))) {
    found.push({ start: match.index, end: match.index + match[0].length });
    if (found.length === 2) break;
  }
  return found;
}

/** The region where it stands after the file moved by `shift`. */
export function shiftRegion(region: Region, shift: Shift): Region {
  const { startLine, startColumn, endLine, endColumn } = region;
  if (startLine === undefined) return region;
  const last = endLine ?? startLine;
  const column = (line: number, at: number): number => (line === shift.line ? at + shift.columns : at);
  return {
    startLine: startLine + shift.lines,
    endLine: last + shift.lines,
    ...(startColumn === undefined ? {} : { startColumn: column(startLine, startColumn) }),
    ...(endColumn === undefined ? {} : { endColumn: column(last, endColumn) }),
  };
}
