import { readFileSync } from 'node:fs';
import type { ReportFile } from '../../src/core/ports';

/** A report in memory, as if dropped on the tree: text, bytes, or anything that JSON can write. */
export function reportFile(name: string, content: unknown): ReportFile {
  const bytes =
    content instanceof Uint8Array
      ? content
      : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content), 'utf8');
  return { name, size: bytes.byteLength, bytes };
}

/** A report from disk under the name it should be known by. */
export function reportFrom(path: string, name: string): ReportFile {
  return reportFile(name, new Uint8Array(readFileSync(path)));
}
