import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError } from '../../core/errors';
import { takeLock } from '../clients/lock';
import type { Lock } from '../clients/lock';

const waitAtMostMs = 20_000;

/**
 * Runs `work` while this process alone holds the lock file. The lock is held for single appends, so waiting is short.
 * It survives a crash: a lock whose process is gone is taken over at once, one of another host after 30 s.
 *
 * @throws HumanError when a living process does not let go in 20 s.
 */
export async function withLock<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + waitAtMostMs;
  let pause = 2;
  let lock: Lock | undefined;
  while ((lock = await takeLock(lockFile, { heartbeatMs: 0, foreignStaleMs: 30_000 })) === undefined) {
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
    await lock.release();
  }
}
