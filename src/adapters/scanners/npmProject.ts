import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import type { Location } from '../../core/model/finding';
import { boundJson } from '../../core/findings/boundJson';
import { messageOf } from '../../core/errors';
import { safePath } from '../../core/findings/safePath';
import { readInside } from '../clients/workspaceFiles';

/** What the project's own files say about installed npm packages. */
export interface NpmProject {
  /** Workspace folder of the project, with a trailing slash unless it is the root. */
  readonly folder: string;
  /** What could not be read, in words: it costs versions and line numbers, never a finding. */
  readonly notes: readonly string[];
  /** Installed version at a place of the tree such as `node_modules/a/node_modules/b`, where a lock file tells. */
  versionAt(node: string): string | undefined;
  /** The manifests of the project (root and npm workspaces) that declare the package themselves. */
  declaring(name: string): readonly string[];
  /** The manifest, at the line that declares the package when it does. */
  locate(manifest: string, name: string): Promise<Location>;
}

const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;
const lockFiles = ['npm-shrinkwrap.json', 'package-lock.json', 'node_modules/.package-lock.json'] as const;

/**
 * Reads lock file and manifest of the project that a report is about: the folder of the report or the nearest above it,
 * within the workspace, that has a package.json; the workspace root when the report comes from elsewhere.
 */
export async function readNpmProject(root: string, reportName: string): Promise<NpmProject> {
  const notes: string[] = [];
  const folder = await projectFolder(root, reportName, notes);
  const texts = new Map<string, Promise<string | undefined>>();
  const text = (path: string): Promise<string | undefined> => {
    const known = texts.get(path) ?? readOrNote(root, path, notes);
    texts.set(path, known);
    return known;
  };
  const versions = new Map<string, string>();
  const declared = new Map<string, Set<string>>();
  for (const lockFile of lockFiles) {
    const lock = asObject(parseOrNote(await text(`${folder}${lockFile}`), folder + lockFile, notes));
    if (lock === undefined) continue;
    readLock(lock, versions, declared);
    break;
  }
  // The manifest itself has the last word on what it declares, and lock files of version 1 do not repeat it.
  const manifest = `${folder}package.json`;
  noteDeclared(asObject(parseOrNote(await text(manifest), manifest, notes)), 'package.json', declared);
  return {
    folder,
    notes,
    versionAt: (node) => versions.get(node),
    declaring: (name) => [...(declared.get(name) ?? [])].sort().map((manifest) => folder + manifest),
    locate: async (path, name) => locateIn(path, name, await text(path)),
  };
}

async function projectFolder(root: string, reportName: string, notes: string[]): Promise<string> {
  const safe = safePath(reportName, root);
  if ('reason' in safe) return '';
  const segments = safe.path.split('/').slice(0, -1);
  for (; segments.length > 0; segments.pop()) {
    const folder = `${segments.join('/')}/`;
    if ((await readOrNote(root, `${folder}package.json`, notes)) !== undefined) return folder;
  }
  return '';
}

async function readOrNote(root: string, path: string, notes: string[]): Promise<string | undefined> {
  try {
    const bytes = await readInside(root, path);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  } catch (error) {
    notes.push(`${path} was not read: ${messageOf(error)}`);
    return undefined;
  }
}

function parseOrNote(text: string | undefined, path: string, notes: string[]): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch (error) {
    notes.push(`${path} is not valid JSON, so installed versions may be missing: ${messageOf(error)}`);
    return undefined;
  }
}

/** Lock file versions 2 and 3 list `packages` by path; version 1 nests `dependencies`. */
function readLock(
  lock: Readonly<Record<string, unknown>>,
  versions: Map<string, string>,
  declared: Map<string, Set<string>>,
): void {
  const packages = asObject(lock['packages']);
  if (packages !== undefined) {
    for (const [path, value] of Object.entries(packages)) {
      const entry = asObject(value);
      if (typeof entry?.['version'] === 'string') versions.set(path, entry['version']);
      if (!/(^|\/)node_modules\//.test(path))
        noteDeclared(entry, path === '' ? 'package.json' : `${path}/package.json`, declared);
    }
    return;
  }
  const open: [string, Readonly<Record<string, unknown>> | undefined][] = [['', asObject(lock['dependencies'])]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [prefix, dependencies] = next;
    for (const [name, value] of Object.entries(dependencies ?? {})) {
      const entry = asObject(value);
      const path = `${prefix}node_modules/${name}`;
      if (typeof entry?.['version'] === 'string') versions.set(path, entry['version']);
      open.push([`${path}/`, asObject(entry?.['dependencies'])]);
    }
  }
}

function noteDeclared(
  entry: Readonly<Record<string, unknown>> | undefined,
  manifest: string,
  declared: Map<string, Set<string>>,
): void {
  for (const field of dependencyFields) {
    for (const name of Object.keys(asObject(entry?.[field]) ?? {})) {
      const manifests = declared.get(name) ?? new Set();
      declared.set(name, manifests.add(manifest));
    }
  }
}

function locateIn(manifest: string, name: string, text: string | undefined): Location {
  const tree = text === undefined || text.length > 2_000_000 ? undefined : parseShallow(text);
  for (const field of dependencyFields) {
    const node = tree === undefined ? undefined : findNodeAtLocation(tree, [field, name])?.parent;
    if (node === undefined || text === undefined) continue;
    const before = text.slice(0, node.offset);
    const start = before.lastIndexOf('\n') + 1;
    const startColumn = node.offset - start + 1;
    const snippet = boundJson(text.slice(node.offset, node.offset + node.length));
    return {
      path: manifest,
      startLine: before.split('\n').length,
      startColumn,
      endColumn: startColumn + node.length,
      ...(typeof snippet === 'string' ? { snippet } : {}),
    };
  }
  return { path: manifest };
}

function parseShallow(text: string): ReturnType<typeof parseTree> {
  try {
    return parseTree(text);
  } catch {
    // The parser recurses; a manifest nested thousands deep is none.
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
