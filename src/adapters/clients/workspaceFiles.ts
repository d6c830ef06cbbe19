import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
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
    const inside = relative(realRoot, target);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
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
