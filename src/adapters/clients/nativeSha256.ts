import { createHash } from 'node:crypto';
import * as crypto from 'node:crypto';

/** Node 20.12 and later hash a text in one call, three times as fast as through a hash object. */
const oneShot: ((algorithm: string, data: string, encoding: 'hex') => string) | undefined = crypto.hash;

/** SHA-256 of the UTF-8 of a text in lower-case hex, by the platform's own implementation. */
export function nativeSha256(text: string): string {
  return oneShot?.('sha256', text, 'hex') ?? createHash('sha256').update(text).digest('hex');
}
