import type { LogEntry } from '../model/logEntry';
import { canonicalJson, isPlainlyCanonical } from './canonicalJson';
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

/**
 * What is wrong with a line, from its entry alone: its content does not give its hash, or it is not the line that was written.
 * @returns undefined when it is as it was sealed
 */
export function faultOfLine(entry: LogEntry, line: string, sha256: Sha256 = sha256Hex): 'content' | 'form' | undefined {
  if (isPlainlyCanonical(entry, line)) {
    // The content is the line without its hash. Should another member have been cut out, the hash does not come out right.
    const member = `"hash":${JSON.stringify(entry.hash)},`;
    const at = line.lastIndexOf(member);
    if (at >= 0 && sha256(line.slice(0, at) + line.slice(at + member.length)) === entry.hash) return undefined;
  }
  try {
    if (entryHash(entry, sha256) !== entry.hash) return 'content';
    return canonicalJson(entry) === line ? undefined : 'form';
  } catch {
    // What canonical JSON cannot carry was never written by us.
    return 'form';
  }
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
