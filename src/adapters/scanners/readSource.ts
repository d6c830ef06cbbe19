import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { safePath } from '../../core/findings/safePath';

/** Larger sources are generated. */
const largestSource = 2 * 1024 * 1024;

/**
 * The bytes of a workspace file that a report names; undefined where there is none, where it is too large, and where it lies behind
 * a link that leads outside of the workspace: the report may be older than the tree, and is not to be trusted.
 */
export function readSource(root: string, file: string): Buffer | undefined {
  try {
    const real = realpathSync(path.join(root, file));
    if ('reason' in safePath(real, realpathSync(root))) return undefined;
    const stat = statSync(real);
    return stat.isFile() && stat.size <= largestSource ? readFileSync(real) : undefined;
  } catch {
    return undefined;
  }
}
