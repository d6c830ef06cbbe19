import type { Workspace } from '../ports';
import { keepResolutionSettings } from './npmrc';
import { readNpmLock } from './npmLock';
import type { NpmLock } from './npmLock';
import { readNpmManifest } from './npmManifest';
import type { ProjectManifest } from './planUpdate';

/** An npm project as it lies in the workspace: the root manifest, its members', and the lock. */
export interface NpmProject {
  /** Workspace folder of the root manifest, `` for the workspace itself. */
  readonly folder: string;
  /** The root first. */
  readonly manifests: readonly ProjectManifest[];
  readonly lock?: {
    readonly name: 'package-lock.json' | 'npm-shrinkwrap.json';
    readonly path: string;
    readonly text: string;
    readonly tree: NpmLock;
  };
  /** A lock of another package manager, which npm does not write: its path and the command that brings it up to date. */
  readonly foreignLock?: { readonly path: string; readonly command: string };
  /** What npm needs beside manifests and lock, relative to the project's folder: settings and packed files. */
  readonly extraFiles: ReadonlyMap<string, string | Uint8Array>;
  /** Things the lock names that lie outside the workspace, so that no copy of the project is complete. */
  readonly missing: readonly string[];
}

/** What is asked of the folder that holds the project. */
export type ProjectFiles = Pick<Workspace, 'read' | 'readText'>;

const foreignLocks = [
  ['yarn.lock', 'yarn install'],
  ['pnpm-lock.yaml', 'pnpm install --lockfile-only'],
  ['bun.lock', 'bun install'],
  ['bun.lockb', 'bun install'],
] as const;

/**
 * Finds the npm project that a report's manifest (a package.json or a lock file) belongs to. A workspace member belongs to the
 * root whose lock names it.
 * @returns undefined when there is no package.json
 * @throws HumanError when a manifest or the lock cannot be read
 */
export async function readNpmProject(workspace: ProjectFiles, manifest: string): Promise<NpmProject | undefined> {
  const start = folderOf(manifest);
  for (const folder of [start, ...parentsOf(start)]) {
    const project = await readProjectAt(workspace, folder);
    if (project === undefined) continue;
    const place = folder === '' ? start : start.slice(folder.length + 1);
    if (folder === start || project.lock?.tree.packages.has(place)) {
      // Without a lock of its own a member is still a project whose manifest can be changed, unless a root claims it.
      if (folder === start && project.lock === undefined) {
        const root = await claimingRoot(workspace, start);
        if (root !== undefined) return root;
      }
      return project;
    }
  }
  return undefined;
}

async function claimingRoot(workspace: ProjectFiles, start: string): Promise<NpmProject | undefined> {
  for (const folder of parentsOf(start)) {
    const project = await readProjectAt(workspace, folder);
    if (project?.lock?.tree.packages.has(folder === '' ? start : start.slice(folder.length + 1))) return project;
  }
  return undefined;
}

async function readProjectAt(workspace: ProjectFiles, folder: string): Promise<NpmProject | undefined> {
  const path = joinFolder(folder, 'package.json');
  const text = await workspace.readText(path);
  if (text === undefined) return undefined;
  const root: ProjectManifest = { place: '', path, manifest: readNpmManifest(text, path) };
  const lock = await readLock(workspace, folder, root);
  const extraFiles = new Map<string, string | Uint8Array>();
  const missing: string[] = [];
  const members: ProjectManifest[] = [];
  if (lock !== undefined) {
    const settings = await workspace.readText(joinFolder(folder, '.npmrc'));
    if (settings !== undefined) extraFiles.set('.npmrc', keepResolutionSettings(settings));
    for (const place of lock.tree.packages.values()) {
      if (place.key !== '' && !place.key.includes('node_modules/')) {
        const member = await readMember(workspace, folder, place.key);
        if (member === undefined) missing.push(place.key);
        else members.push(member);
      } else if (place.resolved?.startsWith('file:') && place.link === undefined) {
        const packed = place.resolved.slice('file:'.length);
        const bytes = leadsOut(packed) ? undefined : await workspace.read(joinFolder(folder, packed));
        if (bytes === undefined) missing.push(packed);
        else extraFiles.set(packed, bytes);
      }
    }
  }
  const foreignLock = lock === undefined ? await findForeignLock(workspace, folder) : undefined;
  return {
    folder,
    manifests: [root, ...members],
    extraFiles,
    missing,
    ...(lock === undefined ? {} : { lock }),
    ...(foreignLock === undefined ? {} : { foreignLock }),
  };
}

/** npm reads npm-shrinkwrap.json where both stand. */
async function readLock(workspace: ProjectFiles, folder: string, root: ProjectManifest): Promise<NpmProject['lock']> {
  for (const name of ['npm-shrinkwrap.json', 'package-lock.json'] as const) {
    const path = joinFolder(folder, name);
    const text = await workspace.readText(path);
    if (text !== undefined) return { name, path, text, tree: readNpmLock(text, path, root.manifest.value) };
  }
  return undefined;
}

async function readMember(workspace: ProjectFiles, folder: string, place: string): Promise<ProjectManifest | undefined> {
  if (leadsOut(place)) return undefined;
  const path = joinFolder(folder, `${place}/package.json`);
  const text = await workspace.readText(path);
  return text === undefined ? undefined : { place, path, manifest: readNpmManifest(text, path) };
}

async function findForeignLock(workspace: ProjectFiles, folder: string): Promise<NpmProject['foreignLock']> {
  for (const [name, command] of foreignLocks) {
    const path = joinFolder(folder, name);
    if ((await workspace.read(path)) !== undefined) return { path, command };
  }
  return undefined;
}

/** Folder of a path, `` at the top. */
export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** Folders above a folder, nearest first; the last is ``. */
export function parentsOf(folder: string): readonly string[] {
  const parents: string[] = [];
  for (let at = folder; at !== '';) {
    at = folderOf(at);
    parents.push(at);
  }
  return parents;
}

/** A path below a folder, `` being the top. */
export function joinFolder(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`;
}

/** Absolute, or with a step upwards: not a path inside the project. */
function leadsOut(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:)/.test(path) || path.split(/[\\/]/).includes('..');
}
