import type { Region } from './region';

/** The text of a workspace file's line (1-based, without its end); undefined when it is not known or all its characters are one unit. */
export type LineOf = (path: string, line: number) => string | undefined;

/**
 * The region with columns in UTF-16 code units, from one whose columns count Unicode code points (SARIF 2.1.0 §3.14.27
 * `columnKind`). They differ only behind characters beyond U+FFFF, so only lines that hold such are needed.
 */
export function toUtf16Columns(region: Region, path: string, lineOf: LineOf): Region {
  const { startLine, startColumn, endColumn } = region;
  if (startLine === undefined || (startColumn === undefined && endColumn === undefined)) return region;
  const endLine = region.endLine ?? startLine;
  const startText = startColumn === undefined ? undefined : lineOf(path, startLine);
  const endText = endColumn === undefined ? undefined : lineOf(path, endLine);
  return {
    ...region,
    ...(startColumn === undefined || startText === undefined ? {} : { startColumn: utf16Of(startText, startColumn) }),
    ...(endColumn === undefined || endText === undefined ? {} : { endColumn: utf16Of(endText, endColumn) }),
  };
}

/** The column behind `column - 1` code points of the line; what lies beyond its end keeps its distance to it. */
function utf16Of(line: string, column: number): number {
  let units = 0;
  let points = 1;
  for (; points < column && units < line.length; points++) units += (line.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units + 1 + (column - points);
}
