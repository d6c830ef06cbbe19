import { closeSync, openSync, readSync } from 'node:fs';
import { HumanError, isHumanError, messageOf } from '../../core/errors';
import type { ReportFile } from '../../core/ports';
import type { ReadBytes } from '../../core/sarif/stream/byteWindow';

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
