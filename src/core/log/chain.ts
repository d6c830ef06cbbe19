import type { LogEntry } from '../model/logEntry';
import { canonicalJson } from './canonicalJson';
import type { Sha256 } from './digest';
import { sha256Hex } from './digest';

/** `prev` of the first entry of a chain. */
export const genesis = '0'.repeat(64);

/** Where a chain ends: what the next entry follows. */
export interface Head {
  readonly n: number;
  readonly hash: string;
}

export const emptyHead: Head = { n: 0, hash: genesis };

/** The hash an entry must carry: over everything in it but the hash itself. */
export function entryHash(entry: Omit<LogEntry, 'hash'>, sha256: Sha256 = sha256Hex): string {
  const { hash: _ignored, ...content } = entry as LogEntry;
  return sha256(canonicalJson(content));
}

/** Numbers the entry, ties it to the head and seals it with its hash. */
export function sealEntry(draft: Omit<LogEntry, 'hash' | 'prev' | 'n' | 'v'>, head: Head): LogEntry {
  const content = { v: 1 as const, ...draft, n: head.n + 1, prev: head.hash };
  return { ...content, hash: entryHash(content) };
}

/** One line of the log file, with its line feed. */
export function entryLine(entry: LogEntry): string {
  return `${canonicalJson(entry)}\n`;
}

/**
 * Reads one line (without its line feed).
 *
 * @returns the entry, or why it is none.
 */
export function parseEntry(line: string): LogEntry | { readonly why: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { why: 'it is not JSON' };
  }
  if (typeof value !== 'object' || value === null) return { why: 'it is not an object' };
  const entry = value as Partial<LogEntry>;
  const complete =
    entry.v === 1 &&
    typeof entry.chain === 'string' &&
    typeof entry.n === 'number' &&
    typeof entry.prev === 'string' &&
    typeof entry.time === 'string' &&
    typeof entry.kind === 'string' &&
    typeof entry.hash === 'string' &&
    typeof entry.actor === 'object' &&
    entry.actor !== null &&
    typeof entry.body === 'object' &&
    entry.body !== null;
  return complete ? (entry as LogEntry) : { why: 'it lacks fields of a log entry of version 1' };
}
