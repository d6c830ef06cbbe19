import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Rejection } from '../core/model/finding';
import type { ReportFile } from '../core/ports';
import { UsageError } from './commandLine';

/**
 * The reports named on the command line, shown as they were named; one that is named again, in whatever way, is read once. One that is not there is a rejection like any other report
 * that cannot be read: it costs nothing of the others.
 *
 * @throws UsageError where none is named.
 */
export async function reportFiles(
  names: readonly string[],
): Promise<{ readonly files: readonly ReportFile[]; readonly missing: readonly Rejection[] }> {
  if (names.length === 0) throw new UsageError('name at least one report');
  const files: ReportFile[] = [];
  const missing: Rejection[] = [];
  const seen = new Set<string>();
  for (const name of names) {
    const fsPath = path.resolve(name);
    if (seen.has(fsPath)) continue;
    seen.add(fsPath);
    try {
      const info = await stat(fsPath);
      if (info.isFile()) files.push({ name, fsPath, size: info.size });
      else missing.push({ file: name, path: '', reason: info.isDirectory() ? 'is a folder, not a report' : 'is not a file' });
    } catch (error) {
      missing.push({ file: name, path: '', reason: whyUnreadable(error) });
    }
  }
  return { files, missing };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read',
  EPERM: 'may not be read',
};

/** Why a file that was named cannot be read, as words that go on after its name. */
export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? String(error);
  return (Object.hasOwn(reasons, code) ? reasons[code] : undefined) ?? `cannot be read (${code})`;
}

/** A rejection as one line: file, place within it, reason. */
export function rejectionLine({ file, path: place, reason }: Rejection): string {
  return `${file}: ${place === '' ? '' : `${place}: `}${reason}`;
}
