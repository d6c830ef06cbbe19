import { sha256Hex } from '../../src/core/log/digest';
import type { EvidenceStore } from '../../src/core/ports';

/** An evidence store in memory, with its content open to look at. */
export function memoryEvidence(): EvidenceStore & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    put: (name, mediaType, content) => {
      const text = typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
      const sha256 = sha256Hex(content);
      texts.set(sha256, text);
      return Promise.resolve({ name, mediaType, digest: { sha256 } });
    },
    get: (sha256) => {
      const text = texts.get(sha256);
      return Promise.resolve(text === undefined ? undefined : Buffer.from(text));
    },
  };
}
