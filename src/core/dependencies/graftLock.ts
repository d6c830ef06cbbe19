import { changeSpecs } from './lockEntry';
import type { SpecChanges } from './lockEntry';
import { closureOf, dependantsOf, isProjectPlace, parseLock, resolveDependency } from './npmLock';
import type { NpmLock } from './npmLock';
import { isRecord } from './npmManifest';

export interface GraftRequest {
  readonly path: string;
  /** The person's lock. */
  readonly original: string;
  /** What npm wrote. */
  readonly written: string;
  readonly before: NpmLock;
  readonly after: NpmLock;
  /** Places whose version was asked to change. */
  readonly updated: readonly string[];
  readonly specs: SpecChanges;
}

export interface GraftedLock {
  readonly text: string;
  /** Places that differ from the original: the updated ones and what only they need. */
  readonly changed: readonly string[];
  /** Places that npm changed beside that, and that were put back as they were. */
  readonly putBack: readonly string[];
  /** False when the original was not formatted as npm formats, so that more than the changed entries differs as text. */
  readonly formattingKept: boolean;
}

/**
 * The original lock with only those of npm's changes that the update needs: the updated places and their own dependency
 * subtrees, as they were and as they are now. npm's rewriting of unrelated entries (`peer` and `extraneous` marks, optional
 * platform packages, new metadata) is left out. Order of keys, indent, line ends, final newline and byte order mark stay.
 * npm must be asked afterwards whether it accepts the result.
 */
export function graftLock(request: GraftRequest): GraftedLock {
  const { path, original, before, after, updated } = request;
  const needed = neededPlaces(before, after, updated);
  const old = parseLock(original, path);
  const written = parseLock(request.written, path);
  const putBack: string[] = [];
  const changed: string[] = [];
  const decide = (key: string, same: boolean): boolean => {
    if (same) return false;
    if (needed.has(key)) {
      if (!changed.includes(key)) changed.push(key);
      return true;
    }
    if (!isProjectPlace(key) && !putBack.includes(key)) putBack.push(key);
    return false;
  };

  const result: Record<string, unknown> = { ...old };
  if (isRecord(old['packages']) && isRecord(written['packages'])) {
    const packages = mergeOrdered(old['packages'], written['packages'], (key, a, b) => decide(key, equal(a, b)));
    for (const [place, changes] of request.specs) {
      const entry = packages[place];
      if (!isRecord(entry)) continue;
      const copy: Record<string, unknown> = structuredClone(entry);
      changeSpecs(copy, changes);
      packages[place] = copy;
    }
    result['packages'] = packages;
  }
  if (isRecord(old['dependencies']) || isRecord(written['dependencies']))
    result['dependencies'] = mergeLegacy(record(old['dependencies']), record(written['dependencies']), '', decide);

  const format = formatOf(original);
  return {
    text: serialise(result, format),
    changed,
    putBack,
    formattingKept: serialise(old, format) === original,
  };
}

/**
 * The places that an update may change: the updated ones, what they need before and after, and where it pushes another user's
 * dependency out of its place, the new place of that dependency with what it needs.
 */
export function neededPlaces(before: NpmLock, after: NpmLock, updated: readonly string[]): ReadonlySet<string> {
  const needed = new Set<string>();
  const open: string[] = [];
  const add = (keys: Iterable<string>): void => {
    for (const key of keys) {
      if (needed.has(key) || isProjectPlace(key)) continue;
      needed.add(key);
      open.push(key);
    }
  };
  add(closureOf(before, updated));
  add(closureOf(after, updated));
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (before.packages.get(key)?.version === after.packages.get(key)?.version) continue;
    for (const { from, edge } of dependantsOf(before, key)) {
      const place = resolveDependency(after, from.key, edge.name);
      if (place !== undefined) add(closureOf(after, [place.key]));
    }
  }
  return needed;
}

/**
 * Keys of `old` in their order, minus those that are taken from `written` and missing there; new ones follow the key they
 * follow in `written`.
 */
function mergeOrdered(
  old: Record<string, unknown>,
  written: Record<string, unknown>,
  takeWritten: (key: string, before: unknown, after: unknown) => boolean,
): Record<string, unknown> {
  const result = new Map<string, unknown>();
  const own = (entries: Record<string, unknown>, key: string): unknown =>
    Object.hasOwn(entries, key) ? entries[key] : undefined;
  const followers = new Map<string | undefined, string[]>();
  let previous: string | undefined;
  for (const key of Object.keys(written)) {
    if (Object.hasOwn(old, key)) previous = key;
    else if (takeWritten(key, undefined, written[key])) followers.set(previous, [...(followers.get(previous) ?? []), key]);
  }
  const addFollowers = (key: string | undefined): void => {
    for (const follower of followers.get(key) ?? []) result.set(follower, written[follower]);
  };
  addFollowers(undefined);
  for (const key of Object.keys(old)) {
    const after = own(written, key);
    const value = takeWritten(key, old[key], after) ? after : old[key];
    if (value !== undefined) result.set(key, value);
    addFollowers(key);
  }
  return Object.fromEntries(result);
}

/** The nested tree of lock versions 1 and 2; a place is judged by its own fields, its nested ones each by theirs. */
function mergeLegacy(
  old: Record<string, unknown>,
  written: Record<string, unknown>,
  parent: string,
  decide: (key: string, same: boolean) => boolean,
): Record<string, unknown> {
  const keyOf = (name: string): string => (parent === '' ? `node_modules/${name}` : `${parent}/node_modules/${name}`);
  const merged = mergeOrdered(old, written, (name, a, b) => decide(keyOf(name), equal(ownFields(a), ownFields(b))));
  for (const [name, entry] of Object.entries(merged)) {
    const a = record(record(old[name])['dependencies']);
    const b = record(record(written[name])['dependencies']);
    if (!isRecord(entry) || (Object.keys(a).length === 0 && Object.keys(b).length === 0)) continue;
    const nested = mergeLegacy(a, b, keyOf(name), decide);
    const { dependencies: _, ...fields } = entry;
    merged[name] = Object.keys(nested).length === 0 ? fields : { ...fields, dependencies: nested };
  }
  return merged;
}

function ownFields(entry: unknown): unknown {
  if (!isRecord(entry)) return entry;
  const { dependencies: _, ...fields } = entry;
  return fields;
}

/** Equal as JSON, whatever the order of keys. */
function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => equal(each, b[i]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

interface Format {
  readonly indent: string;
  readonly newline: string;
  readonly final: string;
  readonly bom: string;
}

function formatOf(text: string): Format {
  const start = /^\uFEFF?\s*\{(\r?\n)?([ \t]*)/.exec(text);
  const newline = start?.[1];
  return {
    indent: newline === undefined ? '' : (start?.[2] ?? ''),
    newline: newline ?? '\n',
    final: /\s*$/.exec(text)?.[0] ?? '',
    bom: text.startsWith('\uFEFF') ? '\uFEFF' : '',
  };
}

function serialise(value: unknown, { indent, newline, final, bom }: Format): string {
  return bom + JSON.stringify(value, null, indent).replaceAll('\n', newline) + final;
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
