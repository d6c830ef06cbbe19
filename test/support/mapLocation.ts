import type { Location } from '../../src/core/model/finding';
import { lineChanges } from '../../src/core/edits/lineChanges';

type Region = Omit<Location, 'path'>;

/**
 * Where a place of the old text stands in the new one: moved with its lines when they did not change; else the whole run of lines
 * that took their place (from the line above it, when nothing did). Columns stay only where the lines did.
 */
export function mapLocation<T extends Region>(before: string, after: string, location: T): T {
  const { startLine } = location;
  if (startLine === undefined) return location;
  const endLine = location.endLine ?? startLine;
  let shift = 0;
  let first: number | undefined;
  let last = 0;
  for (const change of lineChanges(before, after)) {
    if (change.beforeEnd < startLine) {
      shift = change.afterEnd - change.beforeEnd;
    } else if (change.beforeStart < endLine) {
      // 1-based lines startLine … endLine meet 0-based lines beforeStart … beforeEnd - 1.
      first = Math.min(first ?? Infinity, startLine + shift, change.afterStart + 1);
      last = Math.max(last, change.afterEnd, change.afterEnd + Math.max(0, endLine - change.beforeEnd));
    }
  }
  if (first === undefined)
    return { ...location, startLine: startLine + shift, ...(location.endLine === undefined ? {} : { endLine: endLine + shift }) };
  const { startColumn: _start, endColumn: _end, snippet: _snippet, ...rest } = location;
  return { ...rest, startLine: Math.max(1, first), endLine: Math.max(1, first, last) } as T;
}
