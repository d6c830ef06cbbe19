import { copyFile, lstat, mkdir, readdir, realpath, stat, symlink } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';

const isWindows = process.platform === 'win32';
/** Folders that are no package themselves. */
const opened = /^(?:@.+|\.bin)$/;
/** Kept to be quick the next time: each tree makes its own. */
const caches = /^\.(?:cache|vite|vite-temp|vitest)$/;

/** A person's project folder and the same one in a work tree, both absolute. */
export interface ProjectPair {
  readonly own: string;
  readonly tree: string;
}

/**
 * Makes installed packages available elsewhere: a folder of its own with a link to each of them. Not one link for all, since what
 * a build or a test run removes or replaces (`npm ci` empties node_modules first) would be gone from the shared folder as well.
 *
 * @param shared - a node_modules folder, absolute
 * @param target - the new node_modules folder, absolute; not there yet
 * @param project - where both lie: a package that is a folder of the person's project (a workspace's member, `file:…`) is that
 *   folder of the tree, not the person's, which is no clean checkout
 */
export async function linkPackages(shared: string, target: string, project?: ProjectPair): Promise<void> {
  const own = project && (await realpath(project.own));
  await linkAll(shared, target, project === undefined || own === undefined ? undefined : { own, tree: project.tree });
}

async function linkAll(shared: string, target: string, project: ProjectPair | undefined): Promise<void> {
  await mkdir(target);
  const names = await readdir(shared);
  await Promise.all(names.map(async (name) => share(name, join(shared, name), join(target, name), project)));
}

async function share(name: string, from: string, to: string, project: ProjectPair | undefined): Promise<void> {
  const found = await stat(from).catch((error: NodeJS.ErrnoException) => {
    // A link that leads nowhere is of use to nobody.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined || (found.isDirectory() && caches.test(name))) return;
  const isLink = (await lstat(from)).isSymbolicLink();
  if (found.isDirectory()) {
    const member = isLink && project !== undefined ? memberOf(await realpath(from), project) : undefined;
    if (member === undefined && opened.test(name)) return linkAll(from, to, project);
    return symlink(member ?? from, to, isWindows ? 'junction' : 'dir');
  }
  // A program of .bin finds its own files from where its link leads; any other file is copied, since a link is written through.
  if (!isWindows && isLink) return symlink(from, to);
  await copyFile(from, to);
}

/** The folder of the tree for a folder of the person's project; undefined for what lies outside, or is an installed package. */
function memberOf(folder: string, { own, tree }: ProjectPair): string | undefined {
  const inside = relative(own, folder);
  const parts = inside.split(sep);
  return isAbsolute(inside) || parts[0] === '..' || parts.includes('node_modules') ? undefined : join(tree, inside);
}
