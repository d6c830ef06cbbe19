import { constants } from 'node:fs';
import { open, realpath, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { HumanError } from '../../core/errors';
import { safePath } from '../../core/findings/safePath';

/** No source file, manifest or lock file of an honest project is larger; reports are read elsewhere. */
const largestFile = 256 * 1024 * 1024;

/**
 * Bytes of a file below `root`, by its path relative to it. Undefined when there is no such file.
 * @throws HumanError when the path leads outside the root, by its segments or through a link; when it is no regular file
 * (a pipe would wait for ever); when it is larger than 256 MiB or may not be read.
 */
export async function readInside(root: string, path: string): Promise<Buffer | undefined> {
  const safe = safePath(path, root);
  if ('reason' in safe) throw new HumanError(`Cannot read a file of the workspace: ${safe.reason}.`);
  try {
    const realRoot = await realpath(root);
    const target = await realpath(join(realRoot, ...safe.path.split('/')));
    if (!isBelow(realRoot, target)) {
      throw new HumanError(`\`${safe.path}\` is a link that leads outside the workspace; it is not read.`);
    }
    // The target has no link left in it; not following and not blocking closes the gap between the check and the opening.
    const file = await open(target, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await file.stat();
      if (stat.isDirectory()) return undefined;
      if (!stat.isFile()) throw new HumanError(`\`${safe.path}\` is not a regular file; it is not read.`);
      if (stat.size > largestFile) throw new HumanError(`\`${safe.path}\` is larger than 256 MiB; it is not read.`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    if (code === 'ELOOP') throw new HumanError(`\`${safe.path}\` is a link that leads round in a circle; it is not read.`);
    if (code === 'EACCES' || code === 'EPERM') throw new HumanError(`\`${safe.path}\` may not be read: permission denied.`);
    throw error;
  }
}

/**
 * Removes a file of a tree of ours, by its path relative to `root`. A link is removed itself; what lies outside of the root, by way
 * of a linked folder, stays, and so does what is not there.
 */
export async function removeInside(root: string, path: string): Promise<void> {
  const file = join(root, path);
  const folder = await realpath(dirname(file)).catch(() => undefined);
  if (folder !== undefined && isBelow(await realpath(root), folder)) await rm(join(folder, basename(file)), { force: true });
}

function isBelow(root: string, target: string): boolean {
  const inside = relative(root, target);
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}
