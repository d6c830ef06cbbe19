import { createHash } from 'node:crypto';
import * as crypto from 'node:crypto';

/** Node 20.12 and later hash a text in one call, three times as fast as through a hash object. */
const oneShot: ((algorithm: string, data: string | Uint8Array, encoding: 'hex' | 'binary') => string) | undefined = crypto.hash;

/** SHA-256 of the UTF-8 of a text in lower-case hex, by the platform's own implementation. */
export function nativeSha256(text: string): string {
  return oneShot?.('sha256', text, 'hex') ?? createHash('sha256').update(text).digest('hex');
}

/** The part from 0 on of the bytes that were hashed last, by its length: keys are hashed by the million, in one piece of memory. */
let parts: { readonly of: ArrayBufferLike; readonly byLength: (Uint8Array | undefined)[] } | undefined;

/** SHA-256 of the bytes from 0 to `length`, a character a byte. */
export function nativeDigest(bytes: Uint8Array, length: number): string {
  if (parts?.of !== bytes.buffer) parts = { of: bytes.buffer, byLength: [] };
  const part = (parts.byLength[length] ??= bytes.subarray(0, length));
  return oneShot?.('sha256', part, 'binary') ?? createHash('sha256').update(part).digest('binary');
}
