import { sha256 as noble } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from './canonicalJson';

/** A function that gives what `sha256Hex` gives of a text; the host's own is many times quicker than one in JavaScript. */
export type Sha256 = (text: string) => string;

/** SHA-256 in lower-case hex of UTF-8 text or of bytes. */
export function sha256Hex(content: string | Uint8Array): string {
  return bytesToHex(noble(typeof content === 'string' ? utf8ToBytes(content) : content));
}

/** SHA-256 of bytes. */
export function sha256Bytes(content: Uint8Array): Uint8Array {
  return noble(content);
}

/**
 * Digest of personal data under a salt: SHA-256 of the canonical JSON `{salt, value}`. Without the salt, which lies in the
 * payload only, a name cannot be guessed from the digest by trying names.
 */
export function saltedDigest(salt: string, value: unknown, sha256: Sha256 = sha256Hex): string {
  return sha256(canonicalJson({ salt, value }));
}
