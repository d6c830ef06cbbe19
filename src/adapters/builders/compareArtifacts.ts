import { gunzipSync } from 'node:zlib';
import { cleanLine } from '../../core/findings/cleanText';
import { NotAnArchive } from './archiveEntry';
import type { ArchiveEntry } from './archiveEntry';
import { readTar } from './readTar';
import { readZip } from './readZip';

/** What an archive may unpack to; a small file can unpack to a thousand times its size. */
const mostUnpacked = 1024 * 1024 * 1024;
const mostDifferences = 50;

/**
 * What differs between two builds of the same artifact, in words; empty when they are the same bit for bit. Archives (tar, gzip,
 * zip) are compared entry by entry: content, permissions, time, order; everything else by the first byte that differs.
 */
export function compareArtifacts(first: Uint8Array, second: Uint8Array): readonly string[] {
  if (Buffer.compare(first, second) === 0) return [];
  const found = compareContainers(first, second);
  const shown = found.slice(0, mostDifferences);
  return found.length > shown.length ? [...shown, `and ${found.length - shown.length} more`] : shown;
}

function compareContainers(first: Uint8Array, second: Uint8Array): readonly string[] {
  try {
    if (isGzip(first) && isGzip(second)) {
      const inside = [first, second].map((bytes) => gunzipSync(bytes, { maxOutputLength: mostUnpacked })) as [Buffer, Buffer];
      if (Buffer.compare(...inside) === 0) return ['the compression alone: what is packed is the same'];
      return isTar(inside[0]) && isTar(inside[1])
        ? compareEntries(readTar(inside[0]), readTar(inside[1]))
        : [firstByte(...inside)];
    }
    if (isTar(first) && isTar(second)) return compareEntries(readTar(first), readTar(second));
    if (isZip(first) && isZip(second)) return compareEntries(readZip(first), readZip(second));
  } catch (error) {
    // Damaged, or larger than is unpacked: the bytes themselves can still be told apart.
    if (!(error instanceof NotAnArchive) && !isZlibError(error)) throw error;
  }
  return [firstByte(first, second)];
}

function compareEntries(first: readonly ArchiveEntry[], second: readonly ArchiveEntry[]): readonly string[] {
  const [a, b] = [byPath(first), byPath(second)];
  const found: string[] = [];
  for (const [key, entry] of a) {
    const other = b.get(key);
    const path = cleanLine(entry.path, 300);
    if (other === undefined) found.push(`${path}: only in the first build`);
    else found.push(...compareEntry(entry, other).map((what) => `${path}: ${what}`));
  }
  for (const [key, entry] of b) if (!a.has(key)) found.push(`${cleanLine(entry.path, 300)}: only in the second build`);
  const order = (entries: ReadonlyMap<string, ArchiveEntry>, others: ReadonlyMap<string, ArchiveEntry>): readonly string[] =>
    [...entries.keys()].filter((key) => others.has(key));
  const [orderA, orderB] = [order(a, b), order(b, a)];
  const moved = orderA.findIndex((key, at) => key !== orderB[at]);
  if (moved >= 0) {
    const name = (entries: ReadonlyMap<string, ArchiveEntry>, key: string | undefined): string =>
      cleanLine(entries.get(key ?? '')?.path ?? '', 300);
    found.push(`the order of the entries, from ${name(a, orderA[moved])} and ${name(b, orderB[moved])} on`);
  }
  return found.length > 0
    ? found
    : ['the packing alone: names, content, permissions, times and order of the entries are the same'];
}

function compareEntry(a: ArchiveEntry, b: ArchiveEntry): readonly string[] {
  const mode = (entry: ArchiveEntry): string => entry.mode?.toString(8).padStart(3, '0') ?? 'none';
  return [
    ...(a.kind === b.kind ? [] : [`kind ${cleanLine(a.kind, 300)} and ${cleanLine(b.kind, 300)}`]),
    ...(a.content === b.content && a.size === b.size ? [] : [`content (${a.size} and ${b.size} bytes)`]),
    ...(a.mode === b.mode ? [] : [`permissions ${mode(a)} and ${mode(b)}`]),
    ...(a.time === b.time ? [] : [`time ${timeOf(a)} and ${timeOf(b)}`]),
    ...(a.rest === b.rest ? [] : ['owner or further fields']),
  ];
}

function timeOf({ time }: ArchiveEntry): string {
  const seconds = Number(time);
  const date = new Date(seconds * 1000);
  return /^[\d.]+$/.test(time) && !Number.isNaN(date.getTime()) ? date.toISOString() : cleanLine(time, 60);
}

/** An archive may hold a path twice: the second of it is another entry. */
function byPath(entries: readonly ArchiveEntry[]): ReadonlyMap<string, ArchiveEntry> {
  const found = new Map<string, ArchiveEntry>();
  const seen = new Map<string, number>();
  for (const entry of entries) {
    const count = (seen.get(entry.path) ?? 0) + 1;
    seen.set(entry.path, count);
    found.set(`${count}\0${entry.path}`, entry);
  }
  return found;
}

function firstByte(first: Uint8Array, second: Uint8Array): string {
  const length = Math.min(first.length, second.length);
  let at = 0;
  while (at < length && first[at] === second[at]) at++;
  const sizes = first.length === second.length ? `${first.length} bytes each` : `${first.length} and ${second.length} bytes`;
  return at === length ? `one goes on after ${at} bytes (${sizes})` : `the byte at offset ${at} (${sizes})`;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= 512 && Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar';
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

function isZlibError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(?:Z_|ERR_BUFFER_TOO_LARGE)/.test(code);
}
