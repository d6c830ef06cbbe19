import type { Location } from '../model/finding';
import { asInteger, asObject, asString } from './json';
import { cleanSnippet } from './text';

/** Largest line or column that is believed; more is a producer's mistake or an attack on whoever allocates by it. */
const largest = 100_000_000;

/** A place without its path. */
export type Region = Omit<Location, 'path' | 'message'>;

/**
 * Lines, columns and snippet of a SARIF region (§3.30): 1-based, `endColumn` exclusive. What is no line or column is left out,
 * and an end before its start too, so that the location stays although a part of it was odd.
 */
export function readRegion(region: unknown): Region {
  return addRegion({}, region);
}

/** Adds what readRegion reads to an object that has other members already. */
export function addRegion<T extends object>(to: T, region: unknown): T & Region {
  const read: T & { -readonly [K in keyof Region]: Region[K] } = to;
  const object = asObject(region);
  if (object === undefined) return read;
  const startLine = position(object['startLine']);
  const snippet = object['snippet'] === undefined ? undefined : asString(asObject(object['snippet'])?.['text']);
  if (startLine !== undefined) {
    read.startLine = startLine;
    const startColumn = position(object['startColumn']);
    if (startColumn !== undefined) read.startColumn = startColumn;
    const endLine = position(object['endLine']) ?? startLine;
    const endColumn = position(object['endColumn']);
    if (endLine > startLine || (endLine === startLine && (endColumn ?? largest) >= (startColumn ?? 1))) {
      read.endLine = endLine;
      if (endColumn !== undefined) read.endColumn = endColumn;
    }
  }
  if (snippet !== undefined && snippet !== '') read.snippet = cleanSnippet(snippet);
  return read;
}

function position(value: unknown): number | undefined {
  const integer = asInteger(value, 1);
  return integer !== undefined && integer <= largest ? integer : undefined;
}
