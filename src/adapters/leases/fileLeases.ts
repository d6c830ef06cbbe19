import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HumanError } from '../../core/errors';
import type { Lease, Leases } from '../../core/ports';
import type { Lock } from '../clients/lock';
import { livingHolder, takeLock } from '../clients/lock';

/** Signs of life come often beside the time after which a holder on another machine is given up. */
const options = { heartbeatMs: 10_000, foreignStaleMs: 60_000 };

/**
 * Leases as files of a folder that the processes share: one file a lease, made exclusively, with who holds it. A holder that died
 * loses it at once on the same machine; one of another machine a minute after its last sign of life.
 *
 * @param folder - absolute; made when it is needed
 * @param say - told once of each lease that was lost to another process, in words for people
 */
export function createFileLeases(folder: string, say: (message: string) => void = () => undefined): Leases {
  const fileOf = (name: string): string => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/.test(name)) throw new HumanError(`“${name}” is no name for a lease.`);
    return join(folder, `${name}.lease`);
  };
  return {
    async take(name) {
      const file = fileOf(name);
      await mkdir(folder, { recursive: true });
      const lock = await takeLock(file, options);
      return lock === undefined ? undefined : tellingOfLoss(name, lock);
    },
    holder,
  };

  async function holder(name: string): Promise<string | undefined> {
    const found = await livingHolder(fileOf(name), options);
    return found === undefined ? undefined : `process ${found.pid} on ${found.host}`;
  }

  function tellingOfLoss(name: string, lock: Lock): Lease {
    let told = false;
    return {
      async isHeld() {
        if (await lock.isHeld()) return true;
        if (!told)
          say(
            `Another process has taken over what this one did under the lease “${name}” (${(await holder(name)) ?? 'it is gone again'}). This one stops.`,
          );
        told = true;
        return false;
      },
      release: () => lock.release(),
    };
  }
}
