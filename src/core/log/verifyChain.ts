import type { LogEntry, LogVerdict } from '../model/logEntry';
import { faultOfLine, genesis, parseEntry } from './chain';
import type { Sha256 } from './digest';
import { sha256Hex } from './digest';

/** The head of a chain as somebody outside the log remembers it (a git note, a signed tag, a tracker comment). */
export interface Anchor {
  readonly n: number;
  readonly hash: string;
}

/** An entry with its line in the file (1-based). */
export interface NumberedEntry {
  readonly line: number;
  readonly entry: LogEntry;
}

/**
 * Checks a chain from its entries, never from anything stored beside them, and names the first bad entry and why.
 * A truncated tail leaves an intact chain: only an anchor from outside shows it.
 *
 * @param chain - the chain's id
 * @param content - the whole file
 * @param anchor - a head remembered outside, if there is one
 * @param sha256 - the host's own, where there is one
 */
export function verifyChain(chain: string, content: string, anchor?: Anchor, sha256: Sha256 = sha256Hex): LogVerdict {
  return readChain(chain, content, anchor, sha256).verdict;
}

/** Like `verifyChain`, with every entry that can be read, also behind a bad one, and the line on which it stands (1-based). */
export function readChain(
  chain: string,
  content: string,
  anchor?: Anchor,
  sha256: Sha256 = sha256Hex,
): { readonly verdict: LogVerdict; readonly read: readonly NumberedEntry[] } {
  const lines = content.split('\n');
  // A file that ends in a line feed splits into a last empty piece; anything else there is an unfinished line.
  const tail = lines.pop() ?? '';
  const read: NumberedEntry[] = [];
  let unreadable: LineFault | undefined;
  for (const [index, text] of lines.entries()) {
    const parsed = parseEntry(text);
    if ('why' in parsed) {
      const why = `line ${index + 1} cannot be read: ${parsed.why}`;
      unreadable ??= { kind: 'unreadable', chain, line: index + 1, n: index + 1, why };
    } else read.push({ line: index + 1, entry: parsed });
  }
  const fault = firstFault(chain, read, lines, sha256, unreadable);
  return { verdict: fault ?? judgeEnd(chain, read, tail, anchor), read };
}

type LineFault = Extract<LogVerdict, { readonly line: number }>;

/** What is to be said of a chain whose lines are all as they should be: whether its end is. */
function judgeEnd(chain: string, read: readonly NumberedEntry[], tail: string, anchor: Anchor | undefined): LogVerdict {
  if (tail !== '') {
    const n = read.length + 1;
    const why = `line ${n} has no end: a write was cut short there and the entry was never acknowledged`;
    return { kind: 'torn', chain, line: n, n, why };
  }
  const last = read.at(-1)?.entry;
  if (anchor !== undefined) {
    const mismatch = compareWithAnchor(chain, read, anchor);
    if (mismatch !== undefined) return mismatch;
  }
  return { kind: 'intact', chain, entries: read.length, head: last?.hash ?? genesis };
}

function firstFault(
  chain: string,
  read: readonly NumberedEntry[],
  lines: readonly string[],
  sha256: Sha256,
  unreadable: LineFault | undefined,
): LogVerdict | undefined {
  const numbers = new Set(read.map(({ entry }) => entry.n));
  let previous: LogEntry | undefined;
  for (const { line, entry } of read) {
    // What stands behind a line that cannot be read cannot be judged by what stands before it.
    if (unreadable !== undefined && unreadable.line < line) return unreadable;
    const expected = (previous?.n ?? 0) + 1;
    const at = { chain, line, n: entry.n };
    const fault = faultOfLine(entry, lines[line - 1] ?? '', sha256);
    if (fault === 'content') {
      return { kind: 'altered', ...at, why: `entry ${entry.n} is not what was written: its content does not give its hash` };
    }
    if (fault === 'form') {
      return { kind: 'altered', ...at, why: `entry ${entry.n} is not in canonical form: the line was rewritten` };
    }
    if (entry.chain !== chain) {
      return { kind: 'altered', ...at, why: `entry ${entry.n} belongs to chain ${entry.chain}` };
    }
    if (entry.n !== expected) {
      if (entry.n > expected && !numbers.has(expected)) {
        const missing = entry.n - 1 === expected ? `entry ${expected} is` : `entries ${expected} to ${entry.n - 1} are`;
        return { kind: 'deleted', ...at, n: expected, why: `${missing} missing before entry ${entry.n}` };
      }
      return { kind: 'reordered', ...at, why: `entry ${entry.n} stands where entry ${expected} belongs` };
    }
    if (entry.prev !== (previous?.hash ?? genesis)) {
      const why =
        previous === undefined
          ? 'the first entry names a predecessor: what came before it was cut off'
          : `entry ${entry.n} does not follow entry ${previous.n} as it stands: one of the two was rewritten`;
      return { kind: 'altered', ...at, why };
    }
    previous = entry;
  }
  return unreadable;
}

function compareWithAnchor(chain: string, read: readonly NumberedEntry[], anchor: Anchor): LogVerdict | undefined {
  const n = anchor.n;
  if (n > read.length) {
    return {
      kind: 'anchor-mismatch',
      chain,
      n,
      why: `the log ends at entry ${read.length}, but the anchor knows entry ${n}: its tail was cut off`,
    };
  }
  const anchored = n === 0 ? undefined : read[n - 1]?.entry;
  if ((anchored?.hash ?? genesis) !== anchor.hash) {
    return { kind: 'anchor-mismatch', chain, n, why: `entry ${n} is not the one that was anchored: the chain was rewritten` };
  }
  return undefined;
}
