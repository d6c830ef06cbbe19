import { HumanError } from '../errors';
import { isRecord } from './npmManifest';

/** An edge of the tree: what a package asks for. */
export interface LockEdge {
  readonly name: string;
  readonly spec: string;
  /** `peerOptional`: a peer that may be missing. */
  readonly kind: 'prod' | 'dev' | 'optional' | 'peer' | 'peerOptional';
}

/** One installed place: the root (``), a workspace member (`packages/a`) or a copy (`node_modules/a/node_modules/b`). */
export interface LockPackage {
  readonly key: string;
  /** The package's own name, also where it is installed under an alias. */
  readonly name: string;
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  /** Key of the place that a link leads to. */
  readonly link?: string;
  readonly bundled: boolean;
  readonly edges: readonly LockEdge[];
}

/** A package-lock.json or npm-shrinkwrap.json of any version, seen as the flat list of places that version 3 writes. */
export interface NpmLock {
  readonly lockfileVersion: 1 | 2 | 3;
  readonly packages: ReadonlyMap<string, LockPackage>;
}

/**
 * Reads a lock file (docs.npmjs.com, package-lock.json). Version 1 holds no root edges: `rootManifest`, the parsed
 * package.json beside it, gives them.
 * @param path for the message only
 * @throws HumanError when it is no lock file of a known version
 */
export function readNpmLock(text: string, path: string, rootManifest: Readonly<Record<string, unknown>>): NpmLock {
  const value = parseLock(text, path);
  const version = value['lockfileVersion'] ?? 1;
  if (version !== 1 && version !== 2 && version !== 3)
    throw new HumanError(`${path} has lockfileVersion ${String(version)}; versions 1 to 3 are known.`);
  const packages = new Map<string, LockPackage>();
  if (version === 1) {
    packages.set('', { key: '', name: '', bundled: false, edges: edgesOf(rootManifest, true) });
    addLegacy(packages, '', value['dependencies']);
  } else {
    const entries = value['packages'];
    if (!isRecord(entries)) throw new HumanError(`${path} has no “packages”, so it is damaged.`);
    for (const [key, entry] of Object.entries(entries)) if (isRecord(entry)) packages.set(key, packageOf(key, entry));
  }
  return { lockfileVersion: version, packages };
}

/** @throws HumanError when the text is no JSON object. */
export function parseLock(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (isRecord(value)) return value;
  } catch (error) {
    throw new HumanError(`${path} is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new HumanError(`${path} is not a JSON object.`);
}

/**
 * The place that `name` means to code at `from`: Node looks in the node_modules of the folder and of each folder above.
 * Links are followed.
 */
export function resolveDependency(lock: NpmLock, from: string, name: string): LockPackage | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    if (folder !== 'node_modules' && !folder.endsWith('/node_modules')) {
      const found = lock.packages.get(folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`);
      if (found !== undefined) return found.link === undefined ? found : (lock.packages.get(found.link) ?? found);
    }
    if (folder === '') return undefined;
  }
}

/** Every installed copy of a package, by its own name; not links. */
export function instancesOf(lock: NpmLock, name: string): readonly LockPackage[] {
  return [...lock.packages.values()].filter((each) => each.key !== '' && each.name === name && each.link === undefined);
}

/** Who uses this place, and in which range. */
export function dependantsOf(lock: NpmLock, key: string): readonly { readonly from: LockPackage; readonly edge: LockEdge }[] {
  return [...lock.packages.values()].flatMap((from) =>
    from.edges.filter((edge) => resolveDependency(lock, from.key, edge.name)?.key === key).map((edge) => ({ from, edge })),
  );
}

/** Everything that the places need, themselves included: the subtree over all edges. */
export function closureOf(lock: NpmLock, keys: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...keys];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const place = lock.packages.get(key);
    if (place === undefined || seen.has(key)) continue;
    seen.add(key);
    for (const edge of place.edges) {
      const found = resolveDependency(lock, key, edge.name);
      if (found !== undefined) open.push(found.key);
    }
  }
  return seen;
}

/** How the place is called in a sentence: `the project`, `packages/a`, `express 4.16.0`. */
export function describePlace(place: LockPackage): string {
  if (place.key === '') return 'the project';
  if (!place.key.includes('node_modules/')) return place.key;
  return place.version === undefined ? place.name : `${place.name} ${place.version}`;
}

/** The shortest chain of parents from the place up to the project, nearest parent first; empty for the project's own. */
export function parentChain(lock: NpmLock, key: string): readonly LockPackage[] {
  const seen = new Set([key]);
  let level: { readonly key: string; readonly path: readonly LockPackage[] }[] = [{ key, path: [] }];
  while (level.length > 0) {
    const next: typeof level = [];
    for (const { key: child, path } of level) {
      for (const { from } of dependantsOf(lock, child)) {
        if (isProjectPlace(from.key)) return path;
        if (seen.has(from.key)) continue;
        seen.add(from.key);
        next.push({ key: from.key, path: [...path, from] });
      }
    }
    level = next;
  }
  return [];
}

/** The root and the workspace members: places whose manifest is the team's own. */
export function isProjectPlace(key: string): boolean {
  return !key.includes('node_modules/');
}

function packageOf(key: string, entry: Record<string, unknown>): LockPackage {
  const text = (field: string): string | undefined => (typeof entry[field] === 'string' ? entry[field] : undefined);
  const version = text('version');
  const resolved = text('resolved');
  const integrity = text('integrity');
  return {
    key,
    name: text('name') ?? nameInPath(key),
    ...(version === undefined ? {} : { version }),
    ...(resolved === undefined ? {} : { resolved }),
    ...(integrity === undefined ? {} : { integrity }),
    ...(entry['link'] === true && resolved !== undefined ? { link: resolved } : {}),
    bundled: entry['inBundle'] === true || entry['bundled'] === true,
    edges: edgesOf(entry, isProjectPlace(key)),
  };
}

function nameInPath(key: string): string {
  const at = key.lastIndexOf('node_modules/');
  return at === -1 ? key : key.slice(at + 'node_modules/'.length);
}

/** Of the same name in several sections npm lets dev win over optional, that over prod, and that over peer (arborist, Node). */
function edgesOf(entry: Readonly<Record<string, unknown>>, withDev: boolean): readonly LockEdge[] {
  const edges = new Map<string, LockEdge>();
  const meta = entry['peerDependenciesMeta'];
  const add = (section: string, kind: LockEdge['kind']): void => {
    const specs = entry[section];
    if (!isRecord(specs)) return;
    for (const [name, spec] of Object.entries(specs)) {
      if (typeof spec !== 'string') continue;
      const peer = isRecord(meta) ? meta[name] : undefined;
      const mayMiss = kind === 'peer' && isRecord(peer) && peer['optional'] === true;
      edges.set(name, { name, spec, kind: mayMiss ? 'peerOptional' : kind });
    }
  };
  add('peerDependencies', 'peer');
  add('dependencies', 'prod');
  add('optionalDependencies', 'optional');
  if (withDev) add('devDependencies', 'dev');
  return [...edges.values()];
}

/** Version 1 nests: `dependencies: { a: { version, requires: { b: "^1" }, dependencies: { b: … } } }`. */
function addLegacy(packages: Map<string, LockPackage>, parent: string, dependencies: unknown): void {
  if (!isRecord(dependencies)) return;
  for (const [name, entry] of Object.entries(dependencies)) {
    if (!isRecord(entry)) continue;
    const key = parent === '' ? `node_modules/${name}` : `${parent}/node_modules/${name}`;
    const alias = typeof entry['version'] === 'string' ? /^npm:(.+)@([^@]+)$/.exec(entry['version']) : null;
    const flat = {
      ...entry,
      ...(alias === null ? {} : { name: alias[1], version: alias[2] }),
      dependencies: entry['requires'],
    };
    packages.set(key, packageOf(key, flat));
    addLegacy(packages, key, entry['dependencies']);
  }
}
