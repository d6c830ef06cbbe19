import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { logLimit } from './localStore';

/** What a job prints, on the disk while it is printed. */
export interface JobLog {
  write(text: string): void;
  /** Resolves once everything is on the disk. */
  close(): Promise<void>;
}

/**
 * Opens the log of a job. It can be read at any time; beyond its limit the start and the end are kept.
 * @param root - folder of the work tree, left out of what is written: it says nothing to a reader
 */
export function openJobLog(file: string, root: string): JobLog {
  const stream = createWriteStream(file, { flags: 'w', mode: 0o600 });
  // A full disk shows when it is closed.
  stream.on('error', () => undefined);
  const half = logLimit / 2;
  let written = 0;
  let tail = '';
  let dropped = 0;
  return {
    write(text) {
      const plain = text.replaceAll(`${root}/`, '').replaceAll(root, '.');
      if (written + plain.length <= half) {
        written += plain.length;
        stream.write(plain);
        return;
      }
      tail += plain;
      if (tail.length > 2 * half) {
        dropped += tail.length - half;
        tail = tail.slice(-half);
      }
    },
    async close() {
      if (dropped > 0) stream.write(`\n… ${dropped} characters left out …\n`);
      stream.end(tail);
      await finished(stream);
    },
  };
}
