import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * A file of the folder that may lie beside the repository, with more to check against; undefined where it does not. The environment
 * variable PATCHLINE_SHARED names another folder.
 */
export function sharedFile(name: string): string | undefined {
  const file = path.join(process.env['PATCHLINE_SHARED'] ?? path.resolve(import.meta.dirname, '../../../shared'), name);
  return existsSync(file) ? file : undefined;
}
