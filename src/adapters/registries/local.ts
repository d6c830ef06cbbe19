import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { HumanError, throwIfCancelled } from '../../core/errors';
import type { ArtifactRegistry, Provider } from '../../core/ports';
import { writeDurably } from '../clients/writeDurably';

export const localRegistryProvider: Provider = {
  id: 'local',
  displayName: 'Local folder',
  url: 'https://github.com/opencontainers/image-spec/blob/main/image-layout.md',
  capabilities: ['store', 'fetch', 'content-addressed', 'offline'],
};

export interface LocalRegistryOptions {
  /** Absolute path of the folder that keeps the artifacts; made when it is needed. */
  readonly folder: string;
}

/**
 * Artifacts in a folder, laid out as OCI image layouts lay out theirs: bytes under `blobs/sha256/<digest>`, written once and never
 * changed; provenance statements beside them as blobs of their own. `index/<name>/<version>/<digest>/<statement>.json` says which
 * belong together: a file for each, so that no two writers meet.
 */
export function createLocalRegistry({ folder }: LocalRegistryOptions): ArtifactRegistry {
  const blobOf = (sha256: string): string => path.join(folder, 'blobs', 'sha256', sha256);

  /** A blob that is there already is read, not believed: damaged bytes are replaced. */
  const putBlob = async (bytes: Uint8Array): Promise<string> => {
    const sha256 = sha256Of(bytes);
    const there = await readIfThere(blobOf(sha256));
    if (there === undefined || sha256Of(there) !== sha256) await writeDurably(blobOf(sha256), bytes, 0o444);
    return sha256;
  };

  return {
    ...localRegistryProvider,
    async store({ name, version, mediaType, bytes, provenance }, task = {}) {
      if (name === '' || version === '') throw new HumanError('An artifact needs a name and a version to be stored.');
      throwIfCancelled(task.signal);
      task.onProgress?.(`Storing ${name} ${version}`);
      const sha256 = await putBlob(bytes);
      const statement = await putBlob(Buffer.from(provenance, 'utf8'));
      const entry = path.join(folder, 'index', segmentOf(name), segmentOf(version), sha256, `${statement}.json`);
      if (!(await isThere(entry))) {
        const digest = { sha256 };
        const record = { name, version, mediaType, size: bytes.length, digest, provenance: { digest: { sha256: statement } } };
        await writeDurably(entry, `${JSON.stringify(record, null, 2)}\n`);
      }
      return { uri: pathToFileURL(blobOf(sha256)).href };
    },
    async fetch({ uri, digest }, task = {}) {
      const { sha256 } = digest;
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw new HumanError(`“${sha256.slice(0, 80)}” is no SHA-256 digest.`);
      throwIfCancelled(task.signal);
      // The folder may have been moved since, with the repository: the digest is what counts. Another address is not ours.
      if (!uri.endsWith(`/blobs/sha256/${sha256}`)) return undefined;
      const bytes = await readIfThere(blobOf(sha256));
      if (bytes === undefined) return undefined;
      const found = sha256Of(bytes);
      if (found !== sha256) {
        throw new HumanError(
          `The artifact ${sha256} was damaged or altered on the disk: its bytes have the digest ${found}. Build it again.`,
        );
      }
      return bytes;
    },
  };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * A name or version as one folder that every file system takes: percent-encoded, capitals too (some disks do not tell them
 * apart), and by its digest where that is long.
 */
function segmentOf(text: string): string {
  const plain = [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[a-z0-9._@-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('')
    .replace(/^\.|\.$/g, '%2e')
    // Names that are devices on Windows, with whatever ending.
    .replace(/^(c|p|a|n|l)(?=(?:on|rn|ux|ul|om\d|pt\d)(?:\.|$))/, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
  return plain.length <= 120 ? plain : `sha256-${sha256Of(Buffer.from(text, 'utf8'))}`;
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
