import { open, readFile, stat } from 'node:fs/promises';
import type { LogEntry, LogVerdict, ReadEntry } from '../../core/model/logEntry';
import { faultOfLine, parseEntry } from '../../core/log/chain';
import { nativeSha256 } from '../clients/nativeSha256';
import type { PayloadLine } from './payloadFile';
import { payloadOf, payloadsIn } from './payloadFile';
import { verifyLog } from './verifyLogFile';

export interface ReadChain {
  readonly entries: readonly ReadEntry[];
  readonly problem?: LogVerdict;
}

interface Known extends ReadChain {
  readonly entries: ReadEntry[];
  readonly size: number;
  readonly mtimeMs: number;
  /** Bytes of the last line, to see that the file goes on where it ended. */
  readonly lastLine: Buffer;
  readonly payloadSize: number;
  readonly payloadMtimeMs: number;
}

/**
 * Reads one chain again and again at the cost of what was added: a rollout appends every few seconds to a log that may hold a
 * hundred thousand entries. What was appended is checked as strictly as the whole; anything but an append that fits (an entry
 * rewritten, a tail cut off, a payload redacted) is read and verified from the beginning. That an earlier entry was rewritten in
 * place together with an append shows only at the next whole verification, which `verify` always is.
 */
export function createChainReader(chain: string, file: string): { read(): Promise<ReadChain> } {
  const payloadFile = file.replace(/\.jsonl$/, '.private.jsonl');
  let known: Known | undefined;

  async function readWhole(): Promise<Known> {
    const [own, payload] = [await sizeOf(file), await sizeOf(payloadFile)];
    const beside = await readFile(payloadFile).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const content = await readFile(file);
    const { verdict, entries: read } = verifyLog(file, content.toString('utf8'), payloadsIn(beside.toString('utf8')));
    const entries = read.map(({ entry, payload }) => withPayload(entry, payload));
    return {
      entries,
      ...(verdict.kind === 'intact' ? {} : { problem: verdict }),
      size: own.size === content.length ? own.size : -1,
      mtimeMs: own.mtimeMs,
      lastLine: Buffer.from(content.subarray(content.lastIndexOf(0x0a, content.length - 2) + 1)),
      payloadSize: sizeUpTo(beside, entries.at(-1)?.n ?? 0),
      payloadMtimeMs: payload.mtimeMs,
    };
  }

  /** The chain with what was appended; undefined where it is anything but an append that fits. */
  async function readOn(from: Known): Promise<Known | undefined> {
    const [own, payload] = [await sizeOf(file), await sizeOf(payloadFile)];
    const same = own.size === from.size && own.mtimeMs === from.mtimeMs;
    if (same && payload.size === from.payloadSize && payload.mtimeMs === from.payloadMtimeMs) return from;
    const last = from.entries.at(-1);
    if (from.problem !== undefined || last === undefined || from.size < 0) return undefined;
    // The payload is written before its entry: who looks in between must not read a long log anew for that.
    if (same && payload.size > from.payloadSize) {
      const ahead = payloadsIn((await readFrom(payloadFile, from.payloadSize, payload.size)).toString('utf8'));
      return [...ahead.keys()].every((n) => n > last.n) ? from : undefined;
    }
    if (own.size <= from.size || payload.size <= from.payloadSize) return undefined;
    const [tail, added] = [
      await readFrom(file, from.size - from.lastLine.length, own.size),
      await readFrom(payloadFile, from.payloadSize, payload.size),
    ];
    if (!tail.subarray(0, from.lastLine.length).equals(from.lastLine) || tail.at(-1) !== 0x0a) return undefined;
    const payloads = payloadsIn(added.toString('utf8'));
    const fresh: ReadEntry[] = [];
    let previous: LogEntry = last;
    const lines = tail.subarray(from.lastLine.length).toString('utf8').split('\n').slice(0, -1);
    for (const line of lines) {
      const entry = parseEntry(line);
      if ('why' in entry || !follows(previous, entry, chain, line)) return undefined;
      const whole = withPayload(entry, payloadOf(entry, payloads));
      if (whole.identity === undefined) return undefined;
      fresh.push(whole);
      previous = entry;
    }
    const lastLine = Buffer.from(tail.subarray(tail.lastIndexOf(0x0a, tail.length - 2) + 1));
    return {
      entries: from.entries.concat(fresh),
      size: own.size,
      mtimeMs: own.mtimeMs,
      lastLine,
      payloadSize: from.payloadSize + sizeUpTo(added, previous.n),
      payloadMtimeMs: payload.mtimeMs,
    };
  }

  return {
    async read() {
      known = (known === undefined ? undefined : await readOn(known)) ?? (await readWhole());
      return known;
    },
  };
}

/**
 * Bytes of the payload lines of entries up to the number. A payload is written before its entry, so lines of entries that are not
 * there yet may stand behind them, the last one half-written: they are read again with their entries.
 */
function sizeUpTo(payload: Buffer, n: number): number {
  let end = 0;
  for (let at = payload.indexOf(0x0a); at !== -1; at = payload.indexOf(0x0a, at + 1)) {
    const [of = 0] = payloadsIn(payload.subarray(end, at).toString('utf8')).keys();
    if (of > n) break;
    end = at + 1;
  }
  return end;
}

function follows(previous: LogEntry, entry: LogEntry, chain: string, line: string): boolean {
  return (
    entry.chain === chain &&
    entry.n === previous.n + 1 &&
    entry.prev === previous.hash &&
    faultOfLine(entry, line, nativeSha256) === undefined
  );
}

function withPayload(entry: LogEntry, payload: PayloadLine | undefined): ReadEntry {
  return {
    ...entry,
    ...(payload === undefined ? {} : { identity: payload.identity }),
    ...(payload?.private === undefined ? {} : { personal: payload.private }),
  };
}

async function sizeOf(file: string): Promise<{ readonly size: number; readonly mtimeMs: number }> {
  return stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return { size: 0, mtimeMs: 0 };
    throw error;
  });
}

async function readFrom(file: string, from: number, to: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const bytes = Buffer.alloc(to - from);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
