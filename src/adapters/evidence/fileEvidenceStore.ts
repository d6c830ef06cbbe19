import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { HumanError } from '../../core/errors';
import { sha256Hex } from '../../core/log/digest';
import type { EvidenceStore } from '../../core/ports';
import { writeDurably } from '../clients/writeDurably';

/**
 * Evidence as files named by their SHA-256 under `folder` (`ab/cdef…`), written once and never changed.
 * What is read is checked against its name, so that altered evidence is noticed and never shown as evidence.
 */
export function createFileEvidenceStore(folder: string): EvidenceStore {
  const fileOf = (sha256: string) => path.join(folder, sha256.slice(0, 2), sha256.slice(2));
  return {
    async put(name, mediaType, content) {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      const sha256 = sha256Hex(bytes);
      const file = fileOf(sha256);
      if (!(await exists(file, bytes.length))) await writeDurably(file, bytes);
      return { name, mediaType, digest: { sha256 } };
    },
    async get(sha256) {
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw new HumanError(`“${sha256}” is no SHA-256 digest.`);
      let bytes: Uint8Array;
      try {
        bytes = await readFile(fileOf(sha256));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
      if (sha256Hex(bytes) !== sha256)
        throw new HumanError(`The evidence ${sha256} was altered on the disk: it does not match its digest.`);
      return bytes;
    },
  };
}

async function exists(file: string, size: number): Promise<boolean> {
  return stat(file).then(
    (s) => s.size === size,
    () => false,
  );
}
