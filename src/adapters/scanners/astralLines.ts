import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { safePath } from '../../core/findings/safePath';
import type { LineOf } from '../../core/sarif/columns';

/** Larger sources are generated; and no more files than this are read for one report. */
const largestSource = 2 * 1024 * 1024;
const mostFiles = 2000;

/**
 * Lines of the workspace's files that hold a character beyond U+FFFF (four bytes in UTF-8): only in those do columns in code
 * points and in UTF-16 units differ. Each file is read once; one that is not there or lies behind a link leading outside
 * has no such lines.
 */
export function astralLines(root: string): LineOf {
  const files = new Map<string, readonly string[] | undefined>();
  return (file, line) => {
    if (!files.has(file)) files.set(file, files.size < mostFiles ? linesOf(root, file) : undefined);
    return files.get(file)?.[line - 1];
  };
}

function linesOf(root: string, file: string): readonly string[] | undefined {
  try {
    const real = realpathSync(path.join(root, file));
    if ('reason' in safePath(real, realpathSync(root)) || statSync(real).size > largestSource) return undefined;
    const bytes = readFileSync(real);
    return bytes.some((byte) => byte >= 0xf0) ? bytes.toString('utf8').split(/\r\n|\r|\n/) : undefined;
  } catch {
    // The report may be older than the tree: without the file its columns stand as they are.
    return undefined;
  }
}
