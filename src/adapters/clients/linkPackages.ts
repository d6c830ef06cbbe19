import { copyFile, lstat, mkdir, readdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';

const isWindows = process.platform === 'win32';
/** Folders that are no package themselves. */
const opened = /^(?:@.+|\.bin)$/;
/** Kept to be quick the next time: each tree makes its own. */
const caches = /^\.(?:cache|vite|vite-temp|vitest)$/;

/**
 * Makes installed packages available elsewhere: a folder of its own with a link to each of them. Not one link for all, since what
 * a build or a test run removes or replaces (`npm ci` empties node_modules first) would be gone from the shared folder as well.
 *
 * @param shared - a node_modules folder, absolute
 * @param target - the new node_modules folder, absolute; not there yet
 */
export async function linkPackages(shared: string, target: string): Promise<void> {
  await mkdir(target);
  const names = await readdir(shared);
  await Promise.all(names.map(async (name) => share(name, join(shared, name), join(target, name))));
}

async function share(name: string, from: string, to: string): Promise<void> {
  const found = await stat(from).catch((error: NodeJS.ErrnoException) => {
    // A link that leads nowhere is of use to nobody.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined || (found.isDirectory() && caches.test(name))) return;
  if (found.isDirectory()) return opened.test(name) ? linkPackages(from, to) : symlink(from, to, isWindows ? 'junction' : 'dir');
  // A program of .bin finds its own files from where its link leads; any other file is copied, since a link is written through.
  if (!isWindows && (await lstat(from)).isSymbolicLink()) return symlink(from, to);
  await copyFile(from, to);
}
