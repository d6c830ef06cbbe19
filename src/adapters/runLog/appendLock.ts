import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError } from '../../core/errors';

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

/** A holder elsewhere (another container or machine on a shared disk) cannot be asked whether it lives: only age tells. */
const foreignStaleMs = 30_000;
const waitAtMostMs = 20_000;

/**
 * Runs `work` while this process alone holds the lock file. The lock is held for single appends, so waiting is short.
 * It survives a crash: a lock whose process is gone is taken over at once, one of another host after 30 s.
 *
 * @throws HumanError when a living process does not let go in 20 s.
 */
export async function withLock<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
  const token = randomUUID();
  const deadline = Date.now() + waitAtMostMs;
  let pause = 2;
  while (!(await tryCreate(lockFile, token))) {
    await removeIfStale(lockFile);
    if (Date.now() > deadline) {
      throw new HumanError(
        `The run log is locked by another process (${lockFile}). Close the other window, or delete that file if no other runs.`,
      );
    }
    await sleep(pause + Math.random() * pause);
    pause = Math.min(pause * 2, 50);
  }
  try {
    return await work();
  } finally {
    // Only our own lock: if we were suspended so long that another took over, the file is not ours any more.
    const holder = await readHolder(lockFile);
    if (holder?.token === token) await rm(lockFile, { force: true });
  }
}

async function tryCreate(file: string, token: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(JSON.stringify({ pid: process.pid, host: hostname(), token } satisfies Holder));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

async function isStale(file: string): Promise<boolean> {
  const age = await stat(file).then(
    (s) => Date.now() - s.mtimeMs,
    () => undefined,
  );
  if (age === undefined) return false;
  const holder = await readHolder(file);
  // Created but not yet written: its owner is between two calls, or died there.
  if (holder === undefined) return age > 2_000;
  if (holder.host !== hostname()) return age > foreignStaleMs;
  return !isAlive(holder.pid);
}

/** Takes a stale lock away. A second lock guards this, so that nobody removes the fresh lock of who was quicker. */
async function removeIfStale(file: string): Promise<void> {
  if (!(await isStale(file))) return;
  const guard = `${file}.steal`;
  if (!(await tryCreate(guard, 'steal'))) {
    if (await isStale(guard)) await rm(guard, { force: true });
    return;
  }
  try {
    if (await isStale(file)) await rm(file, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
