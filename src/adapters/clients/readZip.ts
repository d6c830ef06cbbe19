import { inflateRawSync } from 'node:zlib';
import { HumanError } from '../../core/errors';

export interface ZipLimits {
  /** Entries that an archive may list. */
  readonly entries: number;
  /** Bytes of one file, unpacked. */
  readonly each: number;
  /** Bytes of all files that are unpacked. */
  readonly total: number;
}

/** What the central directory says of a file or folder (APPNOTE.TXT 6.3 §4.3.12); numbers as they stand there. */
export interface ZipEntry {
  readonly name: string;
  readonly madeBy: number;
  readonly flags: number;
  readonly method: number;
  /** MS-DOS time and date. */
  readonly time: number;
  readonly date: number;
  /** Hexadecimal, in the order of its bytes. */
  readonly crc32: string;
  /** Bytes, packed and unpacked. */
  readonly packed: number;
  readonly size: number;
  /** 0 where the archive holds none. */
  readonly unixMode: number;
  /** Where its own header stands. */
  readonly local: number;
  /** Extra fields and comment, in hexadecimal. */
  readonly rest: string;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const entryLength = 46;
const localSignature = 0x04034b50;

/**
 * The wanted files of a zip archive, in memory: no path is ever written, and names are only names. Reads stored and deflated
 * files, no encryption, no Zip64, which the limits exclude anyway.
 *
 * @param wants - by name, before anything of the file is unpacked
 * @throws HumanError when it is no such archive, or goes beyond a limit
 */
export function readZip(
  archive: Uint8Array,
  limits: ZipLimits,
  wants: (name: string) => boolean,
): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const bytes = bufferOf(archive);
  const files: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  let left = limits.total;
  for (const entry of readZipEntries(archive, limits.entries)) {
    if (entry.name.endsWith('/') || !wants(entry.name)) continue;
    const file = withinBounds(() => unpack(bytes, entry, Math.min(limits.each, left)));
    left -= file.byteLength;
    files.push({ name: entry.name, bytes: file });
  }
  return files;
}

/**
 * The central directory of a zip archive, in its order; nothing is unpacked.
 *
 * @throws HumanError when it is no zip archive, is damaged, is Zip64, or lists more entries than `most`
 */
export function readZipEntries(archive: Uint8Array, most: number): readonly ZipEntry[] {
  const bytes = bufferOf(archive);
  return withinBounds(() => {
    const end = findEnd(bytes);
    const count = bytes.readUInt16LE(end + 10);
    let at = bytes.readUInt32LE(end + 16);
    if (count > most) throw new HumanError(`The archive lists ${count} files, more than ${most}.`);
    if (count === 0xffff || at === 0xffffffff)
      throw new HumanError('The archive is a Zip64 archive, which is larger than is read.');
    const entries: ZipEntry[] = [];
    for (let i = 0; i < count; i++) {
      const cut = 'The archive is damaged: its directory is cut short.';
      if (at + entryLength > end || bytes.readUInt32LE(at) !== entrySignature) throw new HumanError(cut);
      const behindName = at + entryLength + bytes.readUInt16LE(at + 28);
      const next = behindName + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
      if (next > end) throw new HumanError(cut);
      entries.push({
        name: bytes.toString('utf8', at + entryLength, behindName),
        madeBy: bytes.readUInt16LE(at + 4),
        flags: bytes.readUInt16LE(at + 8),
        method: bytes.readUInt16LE(at + 10),
        time: bytes.readUInt16LE(at + 12),
        date: bytes.readUInt16LE(at + 14),
        crc32: bytes.toString('hex', at + 16, at + 20),
        packed: bytes.readUInt32LE(at + 20),
        size: bytes.readUInt32LE(at + 24),
        unixMode: bytes.readUInt32LE(at + 38) >>> 16,
        local: bytes.readUInt32LE(at + 42),
        rest: bytes.toString('hex', behindName, next),
      });
      at = next;
    }
    return entries;
  });
}

function bufferOf(archive: Uint8Array): Buffer {
  return Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
}

/** Buffer throws RangeError for every offset outside of the archive. */
function withinBounds<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new HumanError('The archive is damaged: it refers to places outside of itself.');
    throw error;
  }
}

/** The record at the end, before a comment of at most 65,535 bytes. */
function findEnd(bytes: Buffer): number {
  const last = bytes.byteLength - 22;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (bytes.readUInt32LE(at) === endSignature && bytes.readUInt16LE(at + 20) === last - at) return at;
  }
  throw new HumanError('The file is no zip archive.');
}

function unpack(bytes: Buffer, { name, flags, method, packed, size, local }: ZipEntry, limit: number): Uint8Array {
  const shown = JSON.stringify(name.slice(0, 100));
  if (size > limit) throw new HumanError(`${shown} of the archive is too large: ${size} bytes.`);
  if ((flags & 1) !== 0 || (method !== 0 && method !== 8))
    throw new HumanError(`${shown} of the archive is encrypted, or packed in a way that is not read.`);
  if (bytes.readUInt32LE(local) !== localSignature) throw new HumanError(`The archive is damaged at ${shown}.`);
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  if (start + packed > bytes.byteLength) throw new HumanError(`The archive is cut short at ${shown}.`);
  const content = bytes.subarray(start, start + packed);
  let file: Uint8Array = content;
  if (method === 8) {
    try {
      file = inflateRawSync(content, { maxOutputLength: Math.max(1, size) });
    } catch {
      throw new HumanError(`${shown} of the archive is damaged, or larger than it says.`);
    }
  }
  if (file.byteLength !== size) throw new HumanError(`${shown} of the archive has another length than it says.`);
  return file;
}
