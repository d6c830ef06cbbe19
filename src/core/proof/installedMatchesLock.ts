/**
 * Whether node_modules hold exactly what a lock file names, by npm's own record of what it installed
 * (`node_modules/.package-lock.json`). Optional packages may be missing: npm leaves out what another system needs. False for
 * lock files without a `packages` table (npm 6).
 */
export function installedMatchesLock(lockText: string, hiddenLockText: string): boolean {
  const locked = packagesOf(lockText);
  const installed = packagesOf(hiddenLockText);
  if (locked === undefined || installed === undefined) return false;
  for (const [where, entry] of locked) {
    if (!where.includes('node_modules/')) continue;
    const own = installed.get(where);
    if (own === undefined) {
      if (entry.optional) continue;
      return false;
    }
    if (own.version !== entry.version || own.integrity !== entry.integrity) return false;
  }
  // An extraneous package could be what a test leans on by accident.
  return [...installed.keys()].every((where) => locked.has(where));
}

interface Entry {
  readonly version: string | undefined;
  readonly integrity: string | undefined;
  readonly optional: boolean;
}

function packagesOf(text: string): ReadonlyMap<string, Entry> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const packages = isRecord(value) ? value['packages'] : undefined;
  if (!isRecord(packages)) return undefined;
  const entries = Object.entries(packages).flatMap(([where, entry]): [string, Entry][] => {
    if (!isRecord(entry)) return [];
    const text = (name: string): string | undefined => (typeof entry[name] === 'string' ? entry[name] : undefined);
    const optional = entry['optional'] === true || entry['devOptional'] === true || entry['peer'] === true;
    return [[where, { version: text('version'), integrity: text('integrity'), optional }]];
  });
  return new Map(entries);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
