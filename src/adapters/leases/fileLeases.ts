import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HumanError } from '../../core/errors';
import type { Leases } from '../../core/ports';
import { livingHolder, takeLock } from '../clients/lock';

/** Signs of life come often beside the time after which a holder on another machine is given up. */
const options = { heartbeatMs: 10_000, foreignStaleMs: 60_000 };

/**
 * Leases as files of a folder that the processes share: one file a lease, made exclusively, with who holds it. A holder that died
 * loses it at once on the same machine; one of another machine a minute after its last sign of life.
 *
 * @param folder - absolute; made when it is needed
 */
export function createFileLeases(folder: string): Leases {
  const fileOf = (name: string): string => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/.test(name)) throw new HumanError(`“${name}” is no name for a lease.`);
    return join(folder, `${name}.lease`);
  };
  return {
    async take(name) {
      const file = fileOf(name);
      await mkdir(folder, { recursive: true });
      return takeLock(file, options);
    },
    async holder(name) {
      const holder = await livingHolder(fileOf(name), options);
      return holder === undefined ? undefined : `process ${holder.pid} on ${holder.host}`;
    },
  };
}
