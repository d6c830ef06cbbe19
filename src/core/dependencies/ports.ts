import type { Task } from '../ports';
import type { KnownAdvisory } from './knownAdvisories';
import type { PublishedManifest, PublishedPackage } from './publishedPackage';

/** What the dependency fixers ask of a package registry. */
export interface PackageRegistry {
  /**
   * Undefined when the registry has no such package.
   * @throws VendorError when the registry cannot be reached or answers with something else
   */
  published(name: string, task?: Task): Promise<PublishedPackage | undefined>;
  /** One version as a lock entry needs it. @throws VendorError as above, and when the version is not there */
  manifest(name: string, version: string, task?: Task): Promise<PublishedManifest>;
  /**
   * The registry's own advisories that touch any of the versions, by package; undefined where the registry does not answer such
   * questions, so that the caller can say what its knowledge rests on.
   */
  advisories(
    versions: Readonly<Record<string, readonly string[]>>,
    task?: Task,
  ): Promise<Readonly<Record<string, readonly KnownAdvisory[]>> | undefined>;
}

/** What became of a run of the project's package manager. */
export type ManagerAnswer<T> =
  | { readonly kind: 'done'; readonly value: T; readonly client: string }
  /** The manager is missing, may not run here, or cannot reach its registry: nothing is known. */
  | { readonly kind: 'unavailable'; readonly because: string }
  /** The manager ran and said no. */
  | { readonly kind: 'refused'; readonly because: string; readonly client: string };

export interface LockProject {
  /** Path relative to the project's root → content: manifests, settings, packed files that the lock names. Never scripts. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  readonly lockName: 'package-lock.json' | 'npm-shrinkwrap.json';
  readonly lockfileVersion: 1 | 2 | 3;
  /** True when the lock's entries carry no registry addresses. */
  readonly omitResolved: boolean;
}

/** The project's own package manager, run in a temporary copy and never in the person's folder. */
export interface LockManager {
  /** Completes and writes the lock, without scripts and without installing. */
  writeLock(project: LockProject, lock: string, task?: Task): Promise<ManagerAnswer<string>>;
  /** Whether an install from exactly this lock would be accepted unchanged. */
  acceptLock(project: LockProject, lock: string, task?: Task): Promise<ManagerAnswer<true>>;
}
