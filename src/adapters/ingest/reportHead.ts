import { open } from 'node:fs/promises';
import { HumanError } from '../../core/errors';
import { decodeHead } from '../../core/findings/decodeText';
import type { ReportFile } from '../../core/ports';

/** Formats are told apart by no more than this. */
const headSize = 64 * 1024;

/** The first 64 KiB of a report, as bytes and as text without byte order mark. @throws HumanError when it cannot be read. */
export async function reportHead(file: ReportFile): Promise<{ readonly bytes: Uint8Array; readonly text: string }> {
  const bytes = file.bytes === undefined ? await readHead(file) : file.bytes.subarray(0, headSize);
  return { bytes, text: decodeHead(bytes) };
}

async function readHead(file: ReportFile): Promise<Uint8Array> {
  if (file.fsPath === undefined) throw new HumanError(`${file.name} was given without content.`);
  try {
    const handle = await open(file.fsPath, 'r');
    try {
      if (!(await handle.stat()).isFile()) throw new HumanError(`${file.name} is not a file.`);
      const buffer = new Uint8Array(headSize);
      // One read may give less than there is; the file ends only where a read gives nothing.
      let length = 0;
      for (let read = 1; read > 0 && length < headSize; length += read) {
        read = (await handle.read(buffer, length, headSize - length, length)).bytesRead;
      }
      return buffer.subarray(0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    throw new HumanError(`${file.name} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code}.`);
  }
}
