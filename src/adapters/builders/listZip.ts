import { isHumanError } from '../../core/errors';
import { readZipEntries } from '../clients/readZip';
import { NotAnArchive, mostEntries } from './archiveEntry';
import type { ArchiveEntry } from './archiveEntry';

/**
 * The entries of a zip archive (also .vsix, .jar, .whl) in the order of its central directory. Content is told by the archive's
 * own CRC-32 and sizes: enough to name what differs, since the bytes as a whole were compared before.
 * @throws NotAnArchive when it is none, is damaged, or is a Zip64 archive
 */
export function listZip(bytes: Uint8Array): readonly ArchiveEntry[] {
  try {
    return readZipEntries(bytes, mostEntries).map((entry) => ({
      path: entry.name,
      kind: entry.name.endsWith('/') ? 'folder' : 'file',
      size: entry.size,
      content: entry.crc32,
      mode: entry.unixMode === 0 ? undefined : entry.unixMode & 0o7777,
      time: dosTime(entry.date, entry.time),
      rest: JSON.stringify([entry.madeBy, entry.flags, entry.method, entry.packed, entry.rest]),
    }));
  } catch (error) {
    if (!isHumanError(error)) throw error;
    throw new NotAnArchive(error.message);
  }
}

/** MS-DOS date and time, two seconds fine, of no zone. */
function dosTime(date: number, time: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)}`;
  return `${day} ${two(time >> 11)}:${two((time >> 5) & 63)}:${two((time & 31) * 2)}`;
}
