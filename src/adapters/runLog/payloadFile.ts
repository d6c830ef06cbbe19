import { readFile } from 'node:fs/promises';
import type { LogEntry } from '../../core/model/logEntry';
import { saltedDigest } from '../../core/log/digest';
import { nativeSha256 } from '../clients/nativeSha256';

/** A line of the payload file beside a chain: the personal data of one entry. Deleting a line redacts it. */
export interface PayloadLine {
  readonly n: number;
  readonly salt: string;
  readonly identity: string;
  readonly private?: Readonly<Record<string, unknown>>;
}

/** Payload lines of a file, by entry number. A crash between payload and entry leaves a line too many, so several may share a number. */
export async function readPayloads(file: string): Promise<ReadonlyMap<number, readonly PayloadLine[]>> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return payloadsIn(content);
}

/** Payload lines of a text, by entry number. */
export function payloadsIn(content: string): ReadonlyMap<number, readonly PayloadLine[]> {
  const byNumber = new Map<number, PayloadLine[]>();
  for (const text of content.split('\n')) {
    if (text === '') continue;
    const line = parsePayload(text);
    // A torn or redacted line: the entry it belonged to stays, its identity is shown as redacted.
    if (line === undefined) continue;
    const known = byNumber.get(line.n);
    if (known === undefined) byNumber.set(line.n, [line]);
    else known.push(line);
  }
  return byNumber;
}

/** The line when it says of which entry it is; its other members are vouched for by that entry alone. */
function parsePayload(text: string): PayloadLine | undefined {
  try {
    const line = JSON.parse(text) as Partial<PayloadLine> | null;
    return typeof line?.n === 'number' ? (line as PayloadLine) : undefined;
  } catch {
    return undefined;
  }
}

/** The payload that the entry's digest vouches for; undefined when it was redacted or does not fit. */
export function payloadOf(entry: LogEntry, payloads: ReadonlyMap<number, readonly PayloadLine[]>): PayloadLine | undefined {
  return payloads
    .get(entry.n)
    ?.find(
      ({ salt, identity, private: personal }) =>
        isDigestOf(entry.actor.digest, salt, identity) &&
        (entry.private === undefined || (personal !== undefined && isDigestOf(entry.private, salt, personal))),
    );
}

function isDigestOf(digest: string, salt: string, value: unknown): boolean {
  try {
    return saltedDigest(salt, value, nativeSha256) === digest;
  } catch {
    // What canonical JSON cannot carry was never written by us.
    return false;
  }
}
