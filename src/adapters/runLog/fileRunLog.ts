import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, watch as watchFolder } from 'node:fs';
import { mkdir, open, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LogEntry, LogVerdict, ReadEntry } from '../../core/model/logEntry';
import type { AppendRequest, Clock, RunLog } from '../../core/ports';
import { canonicalJson } from '../../core/log/canonicalJson';
import type { Head } from '../../core/log/chain';
import { emptyHead, entryLine, parseEntry, sealEntry } from '../../core/log/chain';
import { saltedDigest, sha256Hex } from '../../core/log/digest';
import { mergeChains } from '../../core/log/mergeChains';
import { withLock } from './appendLock';
import { createChainReader } from './chainReader';
import type { PayloadLine } from './payloadFile';
import { verifyLogFile } from './verifyLogFile';

export interface FileRunLogOptions {
  /** Absolute path of the folder that holds the chains; created when missing. */
  readonly folder: string;
  readonly clock: Clock;
  /** Tells of changes in a folder; default Node's. */
  readonly watch?: (folder: string, options: { persistent: false }, changed: (event: string, name: unknown) => void) => Watcher;
  /** Milliseconds between two looks at the sizes of the files beside that; default 3,000. */
  readonly statMs?: number;
}

interface Watcher {
  on(event: 'error', listener: () => void): unknown;
  close(): void;
}

/**
 * The run log as files: `<chain>.jsonl` holds the entries, `<chain>.private.jsonl` the personal data beside them,
 * `writer.json` names the chain of this clone. Chains of other people may lie in the same folder; they are read and
 * verified, never written.
 */
export function openFileRunLog({ folder, clock, watch = watchFolder, statMs = 3000 }: FileRunLogOptions): RunLog {
  let files: Promise<ChainFiles> | undefined;
  const lockFile = path.join(folder, 'append.lock');
  const listeners = new Set<() => void>();
  const readers = new Map<string, ReturnType<typeof createChainReader>>();
  let cache: { readonly stamp: string; readonly result: ReadResult } | undefined;
  /** The end of the chain as this process last wrote it; valid only while the file has exactly that size. */
  let known: { readonly size: number; readonly head: Head } | undefined;
  /** Appends of this process run one after the other; the lock keeps other processes out. */
  let queue: Promise<unknown> = Promise.resolve();

  const changed = debounce(() => listeners.forEach((listener) => listener()), 20);
  let watcher: Watcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** The files as they were last read, or told of because they had changed. */
  let toldOf: string | undefined;
  let disposed = false;

  /** Other windows and the terminal write into the same folder; there is nothing to watch before it exists. */
  function startWatching(): void {
    if (disposed) return;
    timer ??= setInterval(() => void compare(), statMs).unref();
    if (watcher !== undefined || !existsSync(folder)) return;
    try {
      const made = watch(folder, { persistent: false }, (_event, name) => {
        if (String(name).endsWith('.jsonl')) changed();
      });
      watcher = made;
      // A watcher that fails (folder removed, limits reached) must not end the host; the next reading makes another.
      made.on('error', () => {
        made.close();
        if (watcher === made) watcher = undefined;
      });
    } catch {
      // The system has no watcher left: what others write is found by `compare`.
    }
  }

  /** Network drives and containers tell nothing of what others write, so the sizes of the few files are looked at as well. */
  async function compare(): Promise<void> {
    if (listeners.size === 0) return;
    // A folder that cannot be looked at is left to whoever reads next, who meets the error.
    const stamp = await stampOf(folder).catch(() => toldOf);
    if (stamp === toldOf || disposed) return;
    toldOf = stamp;
    changed();
  }

  /** Reading creates nothing: the folder and the chain come with the first entry. */
  async function create(): Promise<ChainFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    startWatching();
    const chain = await ownChain(folder);
    return { chain, file: path.join(folder, `${chain}.jsonl`), payloadFile: path.join(folder, `${chain}.private.jsonl`) };
  }

  async function appendLocked(own: ChainFiles, request: AppendRequest): Promise<LogEntry> {
    const { file } = own;
    const { size, torn } = await sizeAndTail(file);
    if (torn !== undefined) {
      await truncateTorn(file, torn);
      known = undefined;
      await write(own, {
        kind: 'log.recovered',
        body: { bytes: torn.bytes.length, sha256: sha256Hex(torn.bytes), note: 'an unfinished last line was set aside' },
        actor: { kind: 'system', identity: 'patchline', source: 'patchline' },
      });
    } else if (known?.size !== size) {
      known = { size, head: await readHead(file) };
    }
    return write(own, request);
  }

  async function write({ chain, file, payloadFile }: ChainFiles, request: AppendRequest): Promise<LogEntry> {
    const { size, head } = known ?? { size: (await sizeAndTail(file)).size, head: await readHead(file) };
    const salt = randomBytes(16).toString('hex');
    const entry = sealEntry(
      {
        chain,
        time: new Date(clock.now()).toISOString(),
        actor: { kind: request.actor.kind, source: request.actor.source, digest: saltedDigest(salt, request.actor.identity) },
        kind: request.kind,
        body: request.body,
        ...(request.private === undefined ? {} : { private: saltedDigest(salt, request.private) }),
      },
      head,
    );
    const payload: PayloadLine = {
      n: entry.n,
      salt,
      identity: request.actor.identity,
      ...(request.private === undefined ? {} : { private: request.private }),
    };
    const line = Buffer.from(entryLine(entry));
    // The payload goes first: an entry on the disk always has its payload there too.
    await appendDurably(payloadFile, Buffer.from(`${canonicalJson(payload)}\n`));
    await appendDurably(file, line);
    known = { size: size + line.length, head: { n: entry.n, hash: entry.hash } };
    changed();
    return entry;
  }

  return {
    append(request) {
      files ??= create();
      const own = files;
      // A folder that could not be made (disk full, no rights) is tried again with the next entry.
      own.catch(() => (files = undefined));
      const result = queue.then(async () => {
        // The lock lies in the folder, so the folder comes first.
        const made = await own;
        return withLock(lockFile, () => appendLocked(made, request));
      });
      queue = result.catch(() => undefined);
      return result;
    },
    async read() {
      startWatching();
      const stamp = await stampOf(folder);
      toldOf = stamp;
      if (cache?.stamp !== stamp) cache = { stamp, result: await readAll(folder, readers) };
      return cache.result;
    },
    async verify(anchors) {
      const verdicts: LogVerdict[] = [];
      for (const id of await chainsIn(folder)) {
        verdicts.push(await verifyLogFile(path.join(folder, `${id}.jsonl`), anchors?.[id]));
      }
      return verdicts;
    },
    onDidChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose() {
      disposed = true;
      listeners.clear();
      watcher?.close();
      clearInterval(timer);
    },
  };
}

interface ChainFiles {
  readonly chain: string;
  readonly file: string;
  readonly payloadFile: string;
}

type ReadResult = Awaited<ReturnType<RunLog['read']>>;

async function ownChain(folder: string): Promise<string> {
  const file = path.join(folder, 'writer.json');
  try {
    // Exclusive creation: of two windows opened at once, one makes the id and the other reads it.
    await writeFile(file, JSON.stringify({ chain: randomUUID() }), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  for (let tries = 0; ; tries++) {
    const text = await readFile(file, 'utf8');
    const id = /"chain":"([0-9a-f-]{36})"/.exec(text)?.[1];
    if (id !== undefined) return id;
    // The other window is between creating and writing.
    if (tries > 50) throw new Error(`${file} holds no chain id`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function chainsIn(folder: string): Promise<readonly string[]> {
  return (await filesIn(folder))
    .filter((name) => name.endsWith('.jsonl') && !name.endsWith('.private.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .sort();
}

async function filesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

async function stampOf(folder: string): Promise<string> {
  const parts = await Promise.all(
    (await filesIn(folder))
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .map(async (name) => {
        const s = await stat(path.join(folder, name)).catch(() => undefined);
        return `${name}:${s?.size ?? 0}:${s?.mtimeMs ?? 0}`;
      }),
  );
  return parts.join('|');
}

async function readAll(folder: string, readers: Map<string, ReturnType<typeof createChainReader>>): Promise<ReadResult> {
  const chains: (readonly ReadEntry[])[] = [];
  const problems: LogVerdict[] = [];
  for (const chain of await chainsIn(folder)) {
    const reader = readers.get(chain) ?? createChainReader(chain, path.join(folder, `${chain}.jsonl`));
    readers.set(chain, reader);
    const { entries, problem } = await reader.read();
    if (problem !== undefined) problems.push(problem);
    chains.push(entries);
  }
  return { entries: mergeChains(chains), problems };
}

async function appendDurably(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

interface TornTail {
  readonly at: number;
  readonly bytes: Uint8Array;
}

async function sizeAndTail(file: string): Promise<{ readonly size: number; readonly torn?: TornTail }> {
  const size = await stat(file).then(
    (s) => s.size,
    () => 0,
  );
  if (size === 0) return { size };
  const handle = await open(file, 'r');
  try {
    const last = Buffer.alloc(1);
    await handle.read(last, 0, 1, size - 1);
    if (last[0] === 0x0a) return { size };
    const content = await handle.readFile();
    const at = content.lastIndexOf(0x0a) + 1;
    return { size, torn: { at, bytes: content.subarray(at) } };
  } finally {
    await handle.close();
  }
}

/** Sets the unfinished line aside in a file of its own, then cuts it off: nothing is dropped silently. */
async function truncateTorn(file: string, torn: TornTail): Promise<void> {
  await writeFile(`${file}.torn-${torn.at}`, torn.bytes, { mode: 0o600 });
  const handle = await open(file, 'r+');
  try {
    await handle.truncate(torn.at);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readHead(file: string): Promise<Head> {
  const content = await readFile(file, 'utf8').catch(() => '');
  const last = content.trimEnd().split('\n').at(-1) ?? '';
  if (last === '') return emptyHead;
  const entry = parseEntry(last);
  // Writing on after an unreadable last line would hide the damage: the chain ends there and a person must look.
  if ('why' in entry) throw new Error(`the last line of ${file} cannot be continued: ${entry.why}`);
  return { n: entry.n, hash: entry.hash };
}

function debounce(work: () => void, ms: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      work();
    }, ms);
    timer.unref();
  };
}
