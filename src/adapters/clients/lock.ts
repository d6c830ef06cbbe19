import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import * as v from 'valibot';

/** Who holds a lock file. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as the system tells it; process ids are given out again. Absent where it does not. */
  readonly started?: string;
  readonly token: string;
}

/** A lock that this process holds. */
export interface Lock {
  /** False once another took over, or the file was taken away; a look at the file. @throws where it cannot be read just now. */
  isHeld(): Promise<boolean>;
  /** Gives it back; only our own: if we were suspended so long that another took over, the file is not ours any more. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** Milliseconds between signs of life while it is held; 0: none, for locks that are held for moments. */
  readonly heartbeatMs: number;
  /** A holder on another machine cannot be asked whether it lives: it lost the lock when its last sign is older. */
  readonly foreignStaleMs: number;
}

const holderSchema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  host: v.string(),
  started: v.optional(v.string()),
  token: v.string(),
});

/** Created but not yet written: its owner is between two calls, or died there. */
const unwrittenStaleMs = 2_000;

/**
 * Takes a lock file, or gives undefined while a living process holds it. It survives a crash: a lock whose process is gone is taken
 * over at once, one of another host after a while. The folder must be there.
 */
export async function takeLock(file: string, options: LockOptions): Promise<Lock | undefined> {
  const token = randomUUID();
  if (!(await tryCreate(file, token))) {
    await removeIfStale(file, options);
    if (!(await tryCreate(file, token))) return undefined;
  }
  const beat =
    options.heartbeatMs === 0
      ? undefined
      : setInterval(() => {
          const now = new Date();
          // Taken away or gone: the holder finds out when it next looks; a sign of life must not fail the work.
          void readHolder(file).then((holder) =>
            holder?.token === token ? utimes(file, now, now).catch(() => undefined) : undefined,
          );
        }, options.heartbeatMs);
  beat?.unref();
  return {
    isHeld: () => holds(file, token),
    async release() {
      clearInterval(beat);
      if ((await readHolder(file))?.token === token) await rm(file, { force: true });
    },
  };
}

/** The living holder of a lock; undefined when nobody holds it, or who did is dead. */
export async function livingHolder(file: string, options: LockOptions): Promise<LockHolder | undefined> {
  const holder = await readHolder(file);
  return holder === undefined || (await isStale(file, options)) ? undefined : holder;
}

/** True while a process of this id lives on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function tryCreate(file: string, token: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    try {
      const started = startOf(process.pid);
      const holder: LockHolder = { pid: process.pid, host: hostname(), ...(started === undefined ? {} : { started }), token };
      await handle.writeFile(JSON.stringify(holder));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(file: string): Promise<LockHolder | undefined> {
  try {
    const parsed = v.safeParse(holderSchema, JSON.parse(await readFile(file, 'utf8')));
    if (!parsed.success) return undefined;
    const { started, ...rest } = parsed.output;
    return { ...rest, ...(started === undefined ? {} : { started }) };
  } catch {
    // Gone, or not written yet.
    return undefined;
  }
}

async function holds(file: string, token: string): Promise<boolean> {
  // That it cannot be read at this moment does not say that it was lost.
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // Tokens are random: no other holder's text has ours in it, and one that is not written yet has none.
  return text.includes(token);
}

async function isStale(file: string, options: LockOptions): Promise<boolean> {
  const age = await stat(file).then(
    (stats) => Date.now() - stats.mtimeMs,
    () => undefined,
  );
  if (age === undefined) return false;
  const holder = await readHolder(file);
  if (holder === undefined) return age > unwrittenStaleMs;
  if (holder.host !== hostname()) return age > options.foreignStaleMs;
  if (!isAlive(holder.pid)) return true;
  return holder.started !== undefined && startOf(holder.pid) !== holder.started;
}

/** Takes a stale lock away. A second lock guards this, so that nobody removes the fresh lock of who was quicker. */
async function removeIfStale(file: string, options: LockOptions): Promise<void> {
  if (!(await isStale(file, options))) return;
  const guard = `${file}.steal`;
  if (!(await tryCreate(guard, 'steal'))) {
    if (await isStale(guard, options)) await rm(guard, { force: true });
    return;
  }
  try {
    if (await isStale(file, options)) await rm(file, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/**
 * When a process began, in clock ticks since the system did (proc(5), field 22 of /proc/PID/stat); undefined where there is no such
 * file, and for processes that are gone.
 */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is a name in parentheses that may itself have spaces and parentheses.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
