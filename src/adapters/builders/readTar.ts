import { createHash } from 'node:crypto';
import { NotAnArchive, mostEntries } from './archiveEntry';
import type { ArchiveEntry } from './archiveEntry';

const block = 512;
/** Extended headers hold a few paths and numbers. */
const longestExtended = 1024 * 1024;

/**
 * The entries of a tar archive in order: the ustar interchange format with pax extended headers (POSIX.1-2017, pax, "ustar
 * Interchange Format" and "pax Extended Header") and GNU's long names. Every size is checked against what is there.
 * @throws NotAnArchive when it is none, or damaged
 */
export function readTar(bytes: Uint8Array): readonly ArchiveEntry[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: ArchiveEntry[] = [];
  const global = new Map<string, string>();
  let local = new Map<string, string>();
  for (let at = 0; at + block <= buffer.length;) {
    const header = buffer.subarray(at, at + block);
    // Two empty blocks end an archive; one is taken as its end as well.
    if (header.every((byte) => byte === 0)) return entries;
    checkSum(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const told = type === 'x' || type === 'g' || type === 'L' || type === 'K' ? undefined : local.get('size');
    const size = told === undefined ? numberAt(header, 124, 12) : Number(told);
    at += block;
    if (!Number.isSafeInteger(size) || size < 0 || size > buffer.length - at)
      throw new NotAnArchive('a size leads beyond the end');
    const content = buffer.subarray(at, at + size);
    at += Math.ceil(size / block) * block;
    if (type === 'x' || type === 'g') {
      if (size > longestExtended) throw new NotAnArchive('an extended header is too long');
      for (const [key, value] of readPax(content)) (type === 'x' ? local : global).set(key, value);
    } else if (type === 'L' || type === 'K') {
      if (size > longestExtended) throw new NotAnArchive('a long name is too long');
      local.set(type === 'L' ? 'path' : 'linkpath', textAt(content, 0, content.length));
    } else {
      if (entries.length >= mostEntries) throw new NotAnArchive('it has too many entries');
      entries.push(entryOf(header, type, content, new Map([...global, ...local])));
      local = new Map();
    }
  }
  if (entries.length === 0) throw new NotAnArchive('it has no entry');
  return entries;
}

function entryOf(header: Buffer, type: string, content: Buffer, extended: ReadonlyMap<string, string>): ArchiveEntry {
  const prefix = textAt(header, 257, 5) === 'ustar' ? textAt(header, 345, 155) : '';
  const name = textAt(header, 0, 100);
  const link = extended.get('linkpath') ?? textAt(header, 157, 100);
  const others = [...extended].filter(([key]) => !['path', 'linkpath', 'size', 'mtime'].includes(key));
  return {
    path: extended.get('path') ?? (prefix === '' ? name : `${prefix}/${name}`),
    kind: kindOf(type, link),
    size: content.length,
    content: createHash('sha256').update(content).digest('hex'),
    mode: numberAt(header, 100, 8) & 0o7777,
    time: extended.get('mtime') ?? String(numberAt(header, 136, 12)),
    rest: JSON.stringify([
      numberAt(header, 108, 8),
      numberAt(header, 116, 8),
      textAt(header, 265, 32),
      textAt(header, 297, 32),
      others,
    ]),
  };
}

function kindOf(type: string, link: string): string {
  if (type === '0' || type === '\0') return 'file';
  if (type === '5') return 'folder';
  return type === '1' || type === '2' ? `link to ${link}` : `entry of type ${type}`;
}

/** The sum of all bytes of the header, its own field taken as blanks. */
function checkSum(header: Buffer): void {
  let sum = 0;
  for (let at = 0; at < block; at++) sum += at >= 148 && at < 156 ? 0x20 : (header[at] ?? 0);
  if (sum !== numberAt(header, 148, 8)) throw new NotAnArchive('a header has a wrong checksum');
}

function textAt(bytes: Buffer, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

/** Octal text; or, where the highest bit is set, big-endian binary (GNU). */
function numberAt(header: Buffer, start: number, length: number): number {
  const field = header.subarray(start, start + length);
  if (((field[0] ?? 0) & 0x80) === 0) {
    const text = field
      .toString('latin1')
      .replace(/[\0 ]+$/, '')
      .trim();
    if (text !== '' && !/^[0-7]+$/.test(text)) throw new NotAnArchive('a number is none');
    return text === '' ? 0 : parseInt(text, 8);
  }
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, (field[0] ?? 0) & 0x7f);
}

/** Records `<length> <key>=<value>LF`, the length counting all of it. */
function readPax(content: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = space < 0 || space - at > 10 ? Number.NaN : Number(content.toString('latin1', at, space));
    if (!Number.isSafeInteger(length) || length < 5 || at + length > content.length)
      throw new NotAnArchive('an extended header is damaged');
    const record = content.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    if (equals < 1) throw new NotAnArchive('an extended header is damaged');
    found.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return found;
}
