import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '../..');

/** Every file that is or is about to be part of the repository: tracked, or new and not ignored. Paths with forward slashes. */
export function repositoryFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = [...new Set(listed.split('\0'))].filter((file) => file !== '' && existsSync(path.join(root, file)));
  if (files.length === 0) throw new Error('git lists no files: these checks would check nothing.');
  return files.sort();
}

/** Written by hand for the product or its tests: no fixtures, no sample projects, no recorded output. */
export function isOwnSource(file: string): boolean {
  return /^(src|test)\/.*\.(ts|mjs|cjs)$|^[\w.]+\.mjs$/.test(file) && !/^test\/(fixtures|workspaces|golden)\//.test(file);
}

export function readText(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}
