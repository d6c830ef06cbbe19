import { statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/**
 * The file of a program on PATH; undefined when there is none. Only absolute PATH entries count: a relative one would mean a
 * program of the workspace.
 */
export function findOnPath(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder === '' || resolve(folder) !== folder.replace(/[\\/]+$/, '')) continue;
    const file = join(folder, name);
    if (isFile(file)) return file;
  }
  return undefined;
}

/** The file that the first word of a command starts in a folder: a path as it leads from there, a bare name on PATH. */
export function findProgram(program: string, cwd: string): string | undefined {
  const endings = process.platform === 'win32' ? ['', '.exe', '.com'] : [''];
  for (const ending of endings) {
    const name = `${program}${ending}`;
    const found = /[\\/]/.test(program) ? [resolve(cwd, name)].find(isFile) : findOnPath(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
