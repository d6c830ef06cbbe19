import { closeSync, openSync, readSync } from 'node:fs';
import { HumanError, isHumanError, messageOf } from '../../core/errors';
import type { ReportFile } from '../../core/ports';
import type { ReadBytes } from '../../core/sarif/stream/byteWindow';
import type { TextDecoding } from '../../core/sarif/stream/internTable';

/** Buffer's own decoders, several times as fast as TextDecoder for short pieces. */
export const bufferDecoding: TextDecoding = {
  ascii: (bytes, from, to) => latin1Slice.call(bytes, from, to),
  utf8: (bytes, from, to) => utf8Slice.call(bytes, from, to),
};

type Slice = (this: Uint8Array, from: number, to: number) => string;
// They work on any Uint8Array; the types know them only as methods of Buffer, if at all.
const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as { readonly latin1Slice: Slice; readonly utf8Slice: Slice };

/** Calls back with the bytes of a report's file, which is open only meanwhile. @throws HumanError when it cannot be read. */
export function withFile<T>(file: Pick<ReportFile, 'name' | 'fsPath'>, use: (read: ReadBytes, fsPath: string) => T): T {
  const { fsPath } = file;
  if (fsPath === undefined) throw new HumanError(`${file.name} was given without a file.`);
  let descriptor: number | undefined;
  try {
    const open = (descriptor = openSync(fsPath, 'r'));
    return use((into, position) => readSync(open, into, 0, into.length, position), fsPath);
  } catch (error) {
    const code = error instanceof Error && 'code' in error && 'syscall' in error ? String(error.code) : undefined;
    if (isHumanError(error) || code === undefined) throw error;
    throw new HumanError(`${file.name} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : messageOf(error)}.`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
