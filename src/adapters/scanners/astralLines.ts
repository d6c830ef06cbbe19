import type { LineOf } from '../../core/sarif/columns';
import { readSource } from './readSource';

/** No more files than this are read for one report. */
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
  // Without the file its columns stand as they are.
  const bytes = readSource(root, file);
  return bytes?.some((byte) => byte >= 0xf0) === true ? bytes.toString('utf8').split(/\r\n|\r|\n/) : undefined;
}
