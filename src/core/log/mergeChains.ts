import type { LogEntry } from '../model/logEntry';

/**
 * Puts the entries of several chains in one order: by time across chains, by number within a chain whatever its writer's
 * clock did (a clock set back never moves an entry before its predecessor). Ties go by chain id, so that everybody who
 * holds the same chains sees the same order.
 */
export function mergeChains<T extends LogEntry>(chains: readonly (readonly T[])[]): readonly T[] {
  // A single chain is in order already, whatever its clock did.
  const [only, ...others] = chains.filter((entries) => entries.length > 0);
  if (only === undefined || others.length === 0) return only ?? [];
  const placed = chains.flatMap((entries) => {
    let latest = '';
    return entries.map((entry) => {
      if (entry.time > latest) latest = entry.time;
      return { entry, time: latest };
    });
  });
  placed.sort((a, b) => compare(a.time, b.time) || compare(a.entry.chain, b.entry.chain) || a.entry.n - b.entry.n);
  return placed.map(({ entry }) => entry);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
