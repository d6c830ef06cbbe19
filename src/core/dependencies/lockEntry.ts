import { HumanError } from '../errors';
import { parseLock } from './npmLock';
import { isRecord } from './npmManifest';
import type { DependencySection } from './npmManifest';
import type { PublishedManifest } from './publishedPackage';

/** Flags that say where a place stands in the tree, not what is installed there: npm works them out anew. */
const placeFlags = ['name', 'dev', 'optional', 'devOptional', 'peer', 'extraneous'] as const;

export interface EntrySwap {
  /** Place as in version 3: `node_modules/a/node_modules/b`. */
  readonly key: string;
  readonly manifest: PublishedManifest;
}

/** A declaration's new spec: a manifest may ask for one package in several sections, each in its own way. */
export interface SpecChange {
  readonly section: DependencySection;
  readonly key: string;
  readonly spec: string;
}

/** New specs for the manifests that the lock repeats: place (`` or `packages/a`) → what changes there. */
export type SpecChanges = ReadonlyMap<string, readonly SpecChange[]>;

/**
 * The lock with other versions at the given places and with the manifests' new specs, as the starting point that npm then
 * completes (missing or no longer fitting dependencies of the new version) and writes itself. Not yet consistent.
 * @throws HumanError when a place is not in the lock
 */
export function swapEntries(lockText: string, path: string, swaps: readonly EntrySwap[], specs: SpecChanges): string {
  const lock = parseLock(lockText, path);
  const packages = lock['packages'];
  for (const swap of swaps) {
    if (isRecord(packages)) {
      const old = Object.hasOwn(packages, swap.key) ? packages[swap.key] : undefined;
      if (!isRecord(old)) throw new HumanError(`${path} has no place ${swap.key}.`);
      packages[swap.key] = modernEntry(old, swap.manifest);
    }
    const holder = legacyHolder(lock, swap.key);
    if (holder !== undefined) holder.entries[holder.name] = legacyEntry(holder.entry, swap.manifest);
    else if (!isRecord(packages)) throw new HumanError(`${path} has no place ${swap.key}.`);
  }
  if (isRecord(packages)) for (const [place, changes] of specs) changeSpecs(packages[place], changes);
  return `${JSON.stringify(lock, null, 2)}\n`;
}

/** Gives the dependency maps of a root or member entry their new specs, in place. */
export function changeSpecs(entry: unknown, changes: readonly SpecChange[]): void {
  if (!isRecord(entry)) return;
  for (const { section, key, spec } of changes) {
    const specs = entry[section];
    if (isRecord(specs) && Object.hasOwn(specs, key)) specs[key] = spec;
  }
}

function modernEntry(old: Record<string, unknown>, manifest: PublishedManifest): Record<string, unknown> {
  const kept = Object.fromEntries(placeFlags.flatMap((flag) => (Object.hasOwn(old, flag) ? [[flag, old[flag]]] : [])));
  return {
    ...kept,
    version: manifest.version,
    // A lock written with omit-lockfile-registry-resolved stays without addresses.
    ...(typeof old['resolved'] === 'string' ? { resolved: keepHost(old['resolved'], manifest) } : {}),
    ...(manifest.integrity === undefined ? {} : { integrity: manifest.integrity }),
    ...manifest.fields,
  };
}

function legacyEntry(old: Record<string, unknown>, manifest: PublishedManifest): Record<string, unknown> {
  const alias = typeof old['version'] === 'string' && old['version'].startsWith('npm:');
  const requires = { ...record(manifest.fields['dependencies']), ...record(manifest.fields['optionalDependencies']) };
  return {
    version: alias ? `npm:${manifest.name}@${manifest.version}` : manifest.version,
    ...(typeof old['resolved'] === 'string' ? { resolved: keepHost(old['resolved'], manifest) } : {}),
    ...(manifest.integrity === undefined ? {} : { integrity: manifest.integrity }),
    ...(old['dev'] === true ? { dev: true } : {}),
    ...(old['optional'] === true ? { optional: true } : {}),
    ...(Object.keys(requires).length === 0 ? {} : { requires }),
    ...(isRecord(old['dependencies']) ? { dependencies: old['dependencies'] } : {}),
  };
}

/**
 * The tarball's address with the host that the lock used for this package: a mirror that answers here must not get into the
 * team's lock, nor the public registry into a lock that names a mirror. Only addresses of npm's own shape (`…/NAME/-/FILE`)
 * are moved; the integrity holds for both.
 */
export function keepHost(oldResolved: string, manifest: PublishedManifest): string {
  const shape = `/${manifest.name}/-/`;
  const oldAt = oldResolved.indexOf(shape);
  const newAt = manifest.tarball.indexOf(shape);
  if (oldAt === -1 || newAt === -1 || manifest.integrity === undefined) return manifest.tarball;
  return oldResolved.slice(0, oldAt) + manifest.tarball.slice(newAt);
}

interface LegacyHolder {
  readonly entries: Record<string, unknown>;
  readonly name: string;
  readonly entry: Record<string, unknown>;
}

/** Where a place of version 3 stands in the nested `dependencies` of versions 1 and 2. */
export function legacyHolder(lock: Record<string, unknown>, key: string): LegacyHolder | undefined {
  if (!key.startsWith('node_modules/')) return undefined;
  let entries: unknown = lock['dependencies'];
  const names = key.slice('node_modules/'.length).split('/node_modules/');
  for (const [i, name] of names.entries()) {
    if (!isRecord(entries)) return undefined;
    const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
    if (!isRecord(entry)) return undefined;
    if (i === names.length - 1) return { entries, name, entry };
    entries = entry['dependencies'];
  }
  return undefined;
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
