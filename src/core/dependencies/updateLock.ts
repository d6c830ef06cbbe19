import type { FileChange } from '../model/patch';
import type { Task } from '../ports';
import { graftLock, neededPlaces } from './graftLock';
import type { GraftedLock } from './graftLock';
import { swapEntries } from './lockEntry';
import type { EntrySwap } from './lockEntry';
import { isProjectPlace, readNpmLock } from './npmLock';
import type { NpmLock } from './npmLock';
import type { UpdatePlan } from './planUpdate';
import type { LockManager, LockProject, PackageRegistry } from './ports';
import type { NpmProject } from './readNpmProject';

export interface LockRequest {
  readonly name: string;
  readonly project: NpmProject;
  readonly plan: UpdatePlan;
  readonly manifestChanges: readonly FileChange[];
  readonly registry: PackageRegistry;
  readonly locks: LockManager;
}

export type LockUpdate =
  | { readonly kind: 'written'; readonly text: string; readonly tree: NpmLock; readonly notes: readonly string[] }
  /** The project has no lock that npm writes. */
  | { readonly kind: 'none' }
  /** npm could not be asked: the lock stays as it was. */
  | { readonly kind: 'stale'; readonly because: string }
  /** npm was asked and the update cannot be made; `because` completes "No fix, because …". */
  | { readonly kind: 'refused'; readonly because: string };

/**
 * The lock for a plan. The planned copies get their new versions, npm completes and writes the rest in a temporary copy of
 * the project, everything that the update does not need is put back as it was, and npm must then accept the result as it
 * stands.
 * @throws VendorError when the registry cannot be reached
 */
export async function updateLock(request: LockRequest, task: Task): Promise<LockUpdate> {
  const { project, plan, name } = request;
  const { lock } = project;
  if (lock === undefined) return { kind: 'none' };
  if (project.missing.length > 0)
    return { kind: 'stale', because: `the lock names ${project.missing.join(', ')}, which is not in the workspace` };

  const swaps: EntrySwap[] = [];
  for (const move of plan.moves) {
    if (move.key === undefined) continue;
    const manifest = await request.registry.manifest(name, move.to, task);
    if (manifest.carriesDependencies)
      return {
        kind: 'stale',
        because: `${name} ${move.to} carries packages inside its tarball, which only a full npm install can list`,
      };
    swaps.push({ key: move.key, manifest });
  }
  const copy = temporaryCopy(request, lock);
  task.onProgress?.(`npm writes ${lock.path}`);
  const start = swapEntries(lock.text, lock.path, swaps, plan.specs);
  const answer = await request.locks.writeLock(copy, start, task);
  if (answer.kind === 'unavailable') return { kind: 'stale', because: answer.because };
  if (answer.kind === 'refused') return { kind: 'refused', because: `${answer.client} refuses the update (${answer.because})` };

  const rootValue = project.manifests[0]?.manifest.value ?? {};
  const after = readNpmLock(answer.value, lock.path, rootValue);
  for (const { key, manifest } of swaps) {
    const got = after.packages.get(key)?.version;
    if (got !== manifest.version)
      return {
        kind: 'refused',
        because: `${answer.client} put ${name} ${got ?? '(nothing)'} where ${manifest.version} was asked for (${key})`,
      };
  }
  const grafted = graftLock({
    path: lock.path,
    original: lock.text,
    written: answer.value,
    before: lock.tree,
    after,
    updated: swaps.map(({ key }) => key),
    specs: plan.specs,
  });
  // What npm wrote itself, to the byte, needs no second opinion.
  const accepted =
    grafted.text === answer.value
      ? ({ kind: 'done', value: true, client: answer.client } as const)
      : await request.locks.acceptLock(copy, grafted.text, task);
  if (accepted.kind === 'done')
    return {
      kind: 'written',
      text: grafted.text,
      tree: readNpmLock(grafted.text, lock.path, rootValue),
      notes: [
        `${lock.path} was written by ${answer.client}, which accepts it as it stands: ${summary(grafted)}.`,
        ...formatNote(grafted, lock.path),
      ],
    };
  if (accepted.kind === 'unavailable') return { kind: 'stale', because: accepted.because };
  return wholeLock(request, answer.value, after, answer.client, accepted.because, swaps);
}

/** npm does not accept the lock without its other changes: they are taken too, but only where no other package moves. */
function wholeLock(
  request: LockRequest,
  text: string,
  after: NpmLock,
  client: string,
  because: string,
  swaps: readonly EntrySwap[],
): LockUpdate {
  const { lock } = request.project;
  if (lock === undefined) return { kind: 'none' };
  const keys = swaps.map(({ key }) => key);
  const predicted = neededPlaces(lock.tree, after, keys);
  const moved = [...new Set([...lock.tree.packages.keys(), ...after.packages.keys()])].filter(
    (key) =>
      !isProjectPlace(key) && !predicted.has(key) && lock.tree.packages.get(key)?.version !== after.packages.get(key)?.version,
  );
  if (moved.length > 0)
    return {
      kind: 'refused',
      because: `${client} would also move ${moved.slice(0, 5).join(', ')}, which the update of ${request.name} does not need (${because})`,
    };
  return {
    kind: 'written',
    text,
    tree: after,
    notes: [`${lock.path} was written by ${client}, with changes of its own to entries whose versions stay.`],
  };
}

/** Manifests as they will be, settings and packed files; paths relative to the project's folder. */
function temporaryCopy(request: LockRequest, lock: NonNullable<NpmProject['lock']>): LockProject {
  const { project, manifestChanges } = request;
  const files = new Map(project.extraFiles);
  for (const { path, manifest } of project.manifests) {
    const changed = manifestChanges.find((change) => change.path === path);
    const inside = project.folder === '' ? path : path.slice(project.folder.length + 1);
    files.set(inside, changed?.after ?? manifest.text);
  }
  const packages = [...lock.tree.packages.values()];
  return {
    files,
    lockName: lock.name,
    lockfileVersion: lock.tree.lockfileVersion,
    omitResolved: !packages.some((place) => /^https?:/.test(place.resolved ?? '')),
  };
}

function summary({ changed, putBack }: GraftedLock): string {
  const count = `${changed.length} ${changed.length === 1 ? 'entry changes' : 'entries change'}`;
  return putBack.length === 0 ? count : `${count}, ${putBack.length} that npm would also have rewritten stay as they were`;
}

function formatNote({ formattingKept }: GraftedLock, path: string): readonly string[] {
  return formattingKept ? [] : [`${path} was not formatted as npm formats it, so more lines differ than entries.`];
}
