import { safePath } from '../findings/safePath';
import { asArray, asInteger, asObject, asString, ownMember } from './json';
import type { JsonObject } from './json';

export type ResolvedPath =
  | {
      readonly path: string;
      /** True for a file inside of this one (§3.24.3), such as in an archive: regions are of that and not of this file. */
      readonly isContainer?: boolean;
    }
  | { readonly reason: string };

/** Finds the workspace path of an artifactLocation (SARIF 2.1.0 §3.4); undefined when it names no file at all. */
export type ResolveArtifact = (artifactLocation: unknown) => ResolvedPath | undefined;

export interface ArtifactContext {
  /** Absolute workspace root. */
  readonly root: string;
  /** Reads `run.artifacts` where the run is given without them; asked only when a place is named by its index alone. */
  readonly readArtifacts?: (() => unknown) | undefined;
  readonly onRebased: (base: string) => void;
}

/**
 * Makes the resolver of one run. `originalUriBaseIds` (§3.14.14) are followed, `index` leads into `run.artifacts` (§3.4.5).
 * A report made on another machine names that machine's folders: an absolute place below the run's own root there (where
 * `versionControlProvenance[].mappedTo` or an invocation's `workingDirectory` says so, or the outermost base that it
 * declares) is taken relative to the workspace. `onRebased` hears of each such base once.
 */
export function artifactResolver(run: JsonObject, { root, readArtifacts, onRebased }: ArtifactContext): ResolveArtifact {
  const bases = asObject(run['originalUriBaseIds']);
  let artifacts: readonly unknown[] | undefined;
  const foreignRoots = findForeignRoots(run, bases);
  const cache = new Map<string | undefined, Map<string, ResolvedPath>>();

  const resolveUri = (uri: string, baseId: string | undefined): ResolvedPath => {
    const raw = decodeUri(joinBases(uri, baseId, bases));
    if (raw === undefined) return { reason: `\`${uri.slice(0, 200)}\` is not the address of a file` };
    const inside = safePath(raw, root);
    if ('path' in inside) return inside;
    if (!isAbsolute(raw)) return inside;
    // An absolute uri says itself where it lies; a base close to the root of the disk (`/etc/`) does not make it a project.
    const isOwn = scheme.test(uri) || isAbsolute(uri);
    for (const { path: foreign, isProject } of foreignRoots) {
      const rebased = safePath(raw, foreign);
      if (!('path' in rebased) || (isOwn && !isProject)) continue;
      onRebased(foreign);
      return rebased;
    }
    return inside;
  };

  // A large report names thousands of plain paths below one base: the base is resolved once, and they are put behind it.
  const prefixes = new Map<string | undefined, string | undefined>();
  const resolvePlain = (uri: string, baseId: string | undefined): ResolvedPath | undefined => {
    if (!plain.test(uri)) return undefined;
    if (!prefixes.has(baseId)) {
      const probe = resolveUri('x', baseId);
      prefixes.set(baseId, 'path' in probe ? probe.path.slice(0, -1) : undefined);
    }
    const prefix = prefixes.get(baseId);
    return prefix === undefined ? undefined : { path: prefix + uri };
  };

  return function resolve(artifactLocation: unknown): ResolvedPath | undefined {
    const location = asObject(artifactLocation);
    if (location === undefined) return undefined;
    const uri = asString(location['uri'])?.trim();
    const index = asInteger(location['index'], 0);
    if (uri === undefined) return index === undefined ? undefined : resolveArtifact(index, false);
    const resolved = resolveReference(uri, asString(location['uriBaseId']));
    // The uri of a nested artifact is its path in the container, from `/` on: no file of the workspace.
    return 'path' in resolved || index === undefined ? resolved : (resolveArtifact(index, true) ?? resolved);
  };

  /** The file of an artifact, of a nested one the outermost container; undefined for one that is none where only such is asked for. */
  function resolveArtifact(index: number, nestedOnly: boolean): ResolvedPath | undefined {
    artifacts ??= asArray(readArtifacts === undefined ? run['artifacts'] : readArtifacts());
    let outermost = index;
    for (let step = 0; step < longestChain; step++) {
      const parent = asInteger(asObject(artifacts[outermost])?.['parentIndex'], 0);
      if (parent === undefined) break;
      outermost = parent;
    }
    if (nestedOnly && outermost === index) return undefined;
    const target = asObject(asObject(artifacts[outermost])?.['location']);
    const uri = asString(target?.['uri'])?.trim();
    if (uri === undefined) return { reason: `artifact ${outermost} of the run has no location` };
    const resolved = resolveReference(uri, asString(target?.['uriBaseId']));
    return outermost === index || 'reason' in resolved ? resolved : { path: resolved.path, isContainer: true };
  }

  function resolveReference(uri: string, baseId: string | undefined): ResolvedPath {
    let known = cache.get(baseId);
    if (known === undefined) cache.set(baseId, (known = new Map()));
    let resolved = known.get(uri);
    if (resolved === undefined) known.set(uri, (resolved = resolvePlain(uri, baseId) ?? resolveUri(uri, baseId)));
    return resolved;
  }
}

/** Relative, nothing to decode, no dot segment; short enough that no check of length is passed over. */
const plain = /^(?=.{1,1000}$)[A-Za-z0-9_@][A-Za-z0-9_@.+~-]*(?:\/[A-Za-z0-9_@][A-Za-z0-9_@.+~-]*)*$/;

// Two letters at least, so that the drive of `C:\x` is not taken for a scheme.
const scheme = /^[A-Za-z][A-Za-z0-9+.-]+:/;

function isAbsolute(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path);
}

/** Longest chain of bases that is followed: a chain in an honest report has two or three. */
const longestChain = 16;

/**
 * Puts a reference behind its bases. Where they lead to no end (a base that is its own, by however many steps), they say as little
 * as a base that is not known: the reference stands alone.
 */
function joinBases(uri: string, baseId: string | undefined, bases: JsonObject | undefined): string {
  let joined = uri;
  let id = baseId;
  for (let step = 0; id !== undefined && !scheme.test(joined) && !isAbsolute(joined); step++) {
    if (step === longestChain) return uri;
    const base = asObject(ownMember(bases, id));
    const prefix = asString(base?.['uri'])?.trim() ?? '';
    // §3.14.14 asks for the final slash; producers forget it.
    joined = prefix === '' || prefix.endsWith('/') ? prefix + joined : `${prefix}/${joined}`;
    id = asString(base?.['uriBaseId']);
  }
  return joined;
}

/** The file-system path that a URI reference stands for; undefined for addresses that are no files. */
function decodeUri(uri: string): string | undefined {
  let path = uri;
  const [prefix] = scheme.exec(uri) ?? [];
  if (prefix !== undefined) {
    if (prefix.toLowerCase() !== 'file:') return undefined;
    path = uri.slice(prefix.length);
    const authority = /^\/\/([^/\\]*)/.exec(path);
    if (authority !== null) {
      const host = authority[1] ?? '';
      path = path.slice(authority[0].length);
      if (host !== '' && host.toLowerCase() !== 'localhost') path = `//${host}${path}`;
      else if (/^\/\/+/.test(path)) path = path.replace(/^\/+/, '/');
    }
  }
  try {
    path = decodeURIComponent(path);
  } catch {
    // Not percent-encoded after all (`100%.js`): the name as it stands.
  }
  return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
}

interface ForeignRoot {
  readonly path: string;
  /** False for a folder of the disk that merely serves as a base. */
  readonly isProject: boolean;
}

function findForeignRoots(run: JsonObject, bases: JsonObject | undefined): readonly ForeignRoot[] {
  const projects = [
    ...asArray(run['versionControlProvenance']).map((details) => asObject(details)?.['mappedTo']),
    ...asArray(run['invocations']).map((invocation) => asObject(invocation)?.['workingDirectory']),
  ];
  // A base with a base of its own lies inside that one, so only the outermost is a root.
  const outermost = Object.values(bases ?? {}).filter((base) => asObject(base)?.['uriBaseId'] === undefined);
  const roots = new Map<string, ForeignRoot>();
  for (const location of [...projects, ...outermost]) {
    const uri = asString(asObject(location)?.['uri'])?.trim() ?? '';
    const path = decodeUri(joinBases(uri, asString(asObject(location)?.['uriBaseId']), bases));
    if (path === undefined || !isAbsolute(path) || roots.has(path)) continue;
    const depth = path.split(/[/\\]/).filter((segment) => segment !== '' && !segment.endsWith(':')).length;
    // The root of a disk is no project: taking it for one would let `/etc/passwd` in as `etc/passwd`.
    if (depth > 0) roots.set(path, { path, isProject: depth > 1 || projects.includes(location) });
  }
  return [...roots.values()].slice(0, 16);
}
