import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from './canonicalJson';

/** SHA-256 in lower-case hex of UTF-8 text or of bytes. */
export function sha256Hex(content: string | Uint8Array): string {
  return bytesToHex(sha256(typeof content === 'string' ? utf8ToBytes(content) : content));
}

/**
 * Digest of personal data under a salt: SHA-256 of the canonical JSON `{salt, value}`. Without the salt, which lies in the
 * payload only, a name cannot be guessed from the digest by trying names.
 */
export function saltedDigest(salt: string, value: unknown): string {
  return sha256Hex(canonicalJson({ salt, value }));
}
