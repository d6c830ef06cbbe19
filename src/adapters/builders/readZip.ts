import { NotAnArchive, mostEntries } from './archiveEntry';
import type { ArchiveEntry } from './archiveEntry';

/** Signatures and lengths of PKWARE's APPNOTE 6.3, sections 4.3.12 and 4.3.16. */
const endSignature = 0x06054b50;
const endLength = 22;
const centralSignature = 0x02014b50;
const centralLength = 46;
const longestComment = 0xffff;

/**
 * The entries of a zip archive (also .vsix, .jar, .whl) in the order of its central directory. Content is told by the archive's
 * own CRC-32 and sizes: enough to name what differs, since the bytes as a whole were compared before.
 * @throws NotAnArchive when it is none, is damaged, or is a Zip64 archive
 */
export function readZip(bytes: Uint8Array): readonly ArchiveEntry[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(buffer);
  const count = buffer.readUInt16LE(end + 10);
  let at = buffer.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff || count > mostEntries) throw new NotAnArchive('it is larger than is read');
  const entries: ArchiveEntry[] = [];
  for (let n = 0; n < count; n++) {
    if (at + centralLength > end || buffer.readUInt32LE(at) !== centralSignature)
      throw new NotAnArchive('its directory is damaged');
    const lengths = {
      name: buffer.readUInt16LE(at + 28),
      extra: buffer.readUInt16LE(at + 30),
      comment: buffer.readUInt16LE(at + 32),
    };
    const next = at + centralLength + lengths.name + lengths.extra + lengths.comment;
    if (next > end) throw new NotAnArchive('its directory is damaged');
    const name = buffer.toString('utf8', at + centralLength, at + centralLength + lengths.name);
    const unix = buffer.readUInt32LE(at + 38) >>> 16;
    const [date, time] = [buffer.readUInt16LE(at + 14), buffer.readUInt16LE(at + 12)];
    entries.push({
      path: name,
      kind: name.endsWith('/') ? 'folder' : 'file',
      size: buffer.readUInt32LE(at + 24),
      content: buffer.toString('hex', at + 16, at + 20),
      mode: unix === 0 ? undefined : unix & 0o7777,
      time: dosTime(date, time),
      rest: JSON.stringify([
        buffer.readUInt16LE(at + 4),
        buffer.readUInt16LE(at + 8),
        buffer.readUInt16LE(at + 10),
        buffer.readUInt32LE(at + 20),
        buffer.toString('hex', at + centralLength + lengths.name, next),
      ]),
    });
    at = next;
  }
  return entries;
}

function findEnd(buffer: Buffer): number {
  for (let at = buffer.length - endLength; at >= Math.max(0, buffer.length - endLength - longestComment); at--) {
    if (buffer.readUInt32LE(at) === endSignature && at + endLength + buffer.readUInt16LE(at + 20) === buffer.length) return at;
  }
  throw new NotAnArchive('it has no end of a directory');
}

/** MS-DOS date and time, two seconds fine, of no zone. */
function dosTime(date: number, time: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)}`;
  return `${day} ${two(time >> 11)}:${two((time >> 5) & 63)}:${two((time & 31) * 2)}`;
}
