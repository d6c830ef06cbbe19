import { OffsetIndex } from '../../core/sarif/offsetIndex';
import type { OffsetsOf } from '../../core/sarif/offsetIndex';
import { readSource } from './readSource';

/** Bytes of sources that are kept for one report. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Texts of the workspace's files, for the places that a report gives by offsets alone. Each file is read once, when the first such
 * place names it; what is no UTF-8 has none, and from 64 MB on no more are read.
 */
export function sourceOffsets(root: string): OffsetsOf {
  const files = new Map<string, OffsetIndex | undefined>();
  let kept = 0;
  return (file) => {
    if (!files.has(file)) {
      const bytes = kept < mostBytes ? readSource(root, file) : undefined;
      kept += bytes?.length ?? 0;
      files.set(file, bytes === undefined ? undefined : indexOf(bytes));
    }
    return files.get(file);
  };
}

function indexOf(bytes: Buffer): OffsetIndex | undefined {
  try {
    return new OffsetIndex(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    // Another encoding: its offsets cannot be told.
    return undefined;
  }
}
