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

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;

/**
 * The wanted files of a zip archive, in memory: no path is ever written, and names are only names. Reads the central directory
 * as APPNOTE.TXT 6.3 §4.3 has it: stored and deflated files, no encryption, no Zip64, which the limits exclude anyway.
 *
 * @param wants - by name, before anything of the file is unpacked
 * @throws HumanError when it is no such archive, or goes beyond a limit
 */
export function readZip(
  archive: Uint8Array,
  limits: ZipLimits,
  wants: (name: string) => boolean,
): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  try {
    return readEntries(bytes, limits, wants);
  } catch (error) {
    // Buffer throws RangeError for every offset outside of the archive.
    if (error instanceof RangeError) throw new HumanError('The archive is damaged: it refers to places outside of itself.');
    throw error;
  }
}

function readEntries(
  bytes: Buffer,
  limits: ZipLimits,
  wants: (name: string) => boolean,
): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const end = findEnd(bytes);
  const count = bytes.readUInt16LE(end + 10);
  if (count > limits.entries) throw new HumanError(`The archive lists ${count} files, more than ${limits.entries}.`);
  const files: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  let left = limits.total;
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (bytes.readUInt32LE(at) !== entrySignature) throw new HumanError('The archive is damaged: its directory is cut short.');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const name = bytes.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    if (!name.endsWith('/') && wants(name)) {
      const file = unpack(bytes, at, name, Math.min(limits.each, left));
      left -= file.byteLength;
      files.push({ name, bytes: file });
    }
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return files;
}

/** The record at the end, before a comment of at most 65,535 bytes. */
function findEnd(bytes: Buffer): number {
  const last = bytes.byteLength - 22;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (bytes.readUInt32LE(at) === endSignature && bytes.readUInt16LE(at + 20) === last - at) return at;
  }
  throw new HumanError('The file is no zip archive.');
}

function unpack(bytes: Buffer, entry: number, name: string, limit: number): Uint8Array {
  const flags = bytes.readUInt16LE(entry + 8);
  const method = bytes.readUInt16LE(entry + 10);
  const packed = bytes.readUInt32LE(entry + 20);
  const size = bytes.readUInt32LE(entry + 24);
  const local = bytes.readUInt32LE(entry + 42);
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
