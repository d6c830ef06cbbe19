import type { Location } from '../../core/model/finding';

/** A range as VS Code counts: 0-based, end exclusive. */
export interface LineRange {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A line end that is always behind the text: VS Code draws such a range to the end of the line. */
const lineEnd = 10_000;

/**
 * The range of a location (1-based lines and columns, end exclusive, SARIF 2.1.0 §3.30): without columns the whole line from
 * its first character that is not white, without an end to the end of the line. `lines` where the text is known.
 */
export function rangeOf(location: Location, lines?: readonly string[]): LineRange {
  const startLine = Math.max(0, (location.startLine ?? 1) - 1);
  const endLine = Math.max(startLine, (location.endLine ?? location.startLine ?? 1) - 1);
  const indent = lines?.[startLine]?.search(/\S/) ?? 0;
  const startColumn = location.startColumn === undefined ? Math.max(0, indent) : Math.max(0, location.startColumn - 1);
  const endColumn =
    location.endColumn === undefined ? (lines?.[endLine]?.trimEnd().length ?? lineEnd) : Math.max(0, location.endColumn - 1);
  if (endLine === startLine && endColumn <= startColumn) return { startLine, startColumn, endLine, endColumn: startColumn + 1 };
  return { startLine, startColumn, endLine, endColumn };
}
