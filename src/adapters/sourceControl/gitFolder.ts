import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * The repository's own folder, shared by all its work trees, found by reading files alone: no program runs, so it works in
 * Restricted Mode too (gitrepository-layout: a `.git` file says `gitdir: …`, and `commondir` leads from a work tree's folder
 * to the shared one).
 *
 * @returns undefined outside of a repository
 */
export async function findGitFolder(folder: string): Promise<string | undefined> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const entry = path.join(at, '.git');
    const info = await stat(entry).catch(() => undefined);
    if (info?.isDirectory() === true) return (await isFile(path.join(entry, 'HEAD'))) ? entry : undefined;
    if (info?.isFile() === true) return linked(at, await readFile(entry, 'utf8'));
    if (path.dirname(at) === at) return undefined;
  }
}

async function linked(folder: string, text: string): Promise<string | undefined> {
  const target = /^gitdir: (.+?)\s*$/.exec(text)?.[1];
  if (target === undefined) return undefined;
  const own = path.resolve(folder, target);
  const common = await readFile(path.join(own, 'commondir'), 'utf8').catch(() => '.');
  const shared = path.resolve(own, common.trim());
  return (await isFile(path.join(shared, 'HEAD'))) ? shared : undefined;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (info) => info.isFile(),
    () => false,
  );
}
