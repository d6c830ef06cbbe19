import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ReportFile } from '../core/ports';
import { UsageError } from './commandLine';

/**
 * The reports named on the command line, shown as they were named.
 *
 * @throws UsageError naming the first that is not there.
 */
export async function reportFiles(names: readonly string[]): Promise<readonly ReportFile[]> {
  if (names.length === 0) throw new UsageError('name at least one report');
  return Promise.all(
    names.map(async (name): Promise<ReportFile> => {
      const fsPath = path.resolve(name);
      const info = await stat(fsPath).catch((error: NodeJS.ErrnoException) => {
        throw new UsageError(
          `${name}: ${error.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${error.code ?? ''})`}`,
        );
      });
      if (!info.isFile()) throw new UsageError(`${name}: not a file`);
      return { name, fsPath, size: info.size };
    }),
  );
}
