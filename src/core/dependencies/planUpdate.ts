import { minVersion, satisfies, validRange } from 'semver';
import type { TextEdit } from '../model/patch';
import { affectedWithin, chooseVersion, tellApart } from './chooseVersion';
import type { VersionChoice } from './chooseVersion';
import { affects } from './knownAdvisories';
import type { KnownAdvisory } from './knownAdvisories';
import type { SpecChange, SpecChanges } from './lockEntry';
import { dependantsOf, describePlace, instancesOf, isProjectPlace, parentChain } from './npmLock';
import type { LockPackage, NpmLock } from './npmLock';
import { editDeclaration, isRecord } from './npmManifest';
import type { Declaration, NpmManifest } from './npmManifest';
import { parseSpec, raiseRange, reasonLeftAlone } from './npmSpec';
import type { PublishedPackage } from './publishedPackage';

export interface ProjectManifest {
  /** Place in the lock: `` for the root, `packages/a` for a workspace member. */
  readonly place: string;
  /** Workspace path. */
  readonly path: string;
  readonly manifest: NpmManifest;
}

export interface PlanRequest {
  readonly name: string;
  readonly published: PublishedPackage;
  readonly advisories: readonly KnownAdvisory[];
  /** The root first. */
  readonly manifests: readonly ProjectManifest[];
  readonly lock?: NpmLock;
  /** The installed version by the report, for projects without a lock. */
  readonly reported?: string;
  readonly runningNode: string;
}

/** One installed copy (or, without a lock, one declaration) that moves. */
export interface PlannedMove {
  /** Place in the lock; undefined without one. */
  readonly key?: string;
  readonly from: string;
  /** Without a lock: the range that the declaration asks for, of which `from` is the lowest version. */
  readonly range?: string;
  readonly to: string;
  readonly direct: boolean;
  readonly breaking: boolean;
  readonly publishedAt?: string;
  readonly lines: readonly string[];
}

/** A vulnerable copy that this plan leaves: by whom it is held, as a clause. */
export interface HeldCopy {
  readonly key: string;
  readonly version: string;
  readonly because: string;
}

export interface UpdatePlan {
  readonly moves: readonly PlannedMove[];
  /** Manifest path → splices. */
  readonly edits: ReadonlyMap<string, readonly TextEdit[]>;
  readonly specs: SpecChanges;
  readonly held: readonly HeldCopy[];
  readonly notes: readonly string[];
}

/**
 * Which installed copies of a package move to which version, and which manifest values rise with them: the project's own
 * declarations are rewritten in their style, copies that only other packages use move where every user's range allows a clean
 * version (a refresh of the lock alone), and what cannot move is named with whoever holds it. Each copy stays in its own major
 * where that has a clean version.
 */
export function planUpdate(request: PlanRequest): UpdatePlan {
  const plan = new PlanBuilder(request);
  const { lock, name, advisories } = request;
  if (lock === undefined) plan.moveDeclarationsWithoutLock();
  else
    for (const copy of instancesOf(lock, name))
      if (copy.version !== undefined && isAffected(advisories, name, copy.version)) plan.moveCopy(lock, copy, copy.version);
  return plan;
}

/** A version about which an advisory does not let one tell counts as affected. */
export function isAffected(advisories: readonly KnownAdvisory[], name: string, version: string): boolean {
  return advisories.some((advisory) => affects(advisory, name, version) !== false);
}

/**
 * Whether the overrides of a root manifest name the package: npm resolves by them, whatever parents ask for. `$NAME` says only
 * that all copies follow the project's own declaration, which an update raises.
 * @param direct true: the project's own copy, for which entries below another package's do not count
 */
export function overridesOf(manifest: NpmManifest, name: string, direct = false): boolean {
  const names = (value: unknown, depth: number): boolean =>
    isRecord(value) &&
    Object.entries(value).some(
      ([key, inner]) =>
        (key.replace(/(?<=.)@.*$/, '') === name && inner !== `$${name}`) || (!(direct && depth === 0) && names(inner, depth + 1)),
    );
  return names(manifest.value['overrides'], 0);
}

class PlanBuilder implements UpdatePlan {
  readonly moves: PlannedMove[] = [];
  readonly edits = new Map<string, TextEdit[]>();
  readonly specs = new Map<string, SpecChange[]>();
  readonly held: HeldCopy[] = [];
  readonly notes: string[] = [];

  constructor(readonly request: PlanRequest) {}

  moveDeclarationsWithoutLock(): void {
    for (const { path, manifest } of this.request.manifests)
      for (const declaration of manifest.declarations) {
        const range = this.#rangeOf(declaration);
        if (range === undefined || declaration.section === 'peerDependencies') continue;
        const from = this.request.reported ?? (validRange(range) === null ? undefined : minVersion(range)?.version);
        if (from === undefined || !isAffected(this.request.advisories, this.request.name, from)) continue;
        const choice = this.#choose(from, []);
        if (choice.kind === 'none') this.held.push({ key: path, version: from, because: choice.because });
        else if (this.#raise('', path, declaration, choice.version, false)) this.#add(undefined, from, choice, true, range);
      }
  }

  moveCopy(lock: NpmLock, copy: LockPackage, from: string): void {
    const hold = (because: string): void => void this.held.push({ key: copy.key, version: from, because });
    if (copy.bundled) return hold(`it is bundled inside ${parentsOf(lock, copy)}`);
    if (copy.resolved !== undefined && !/^https?:/.test(copy.resolved))
      return hold(`it comes from ${copy.resolved}, not from a registry`);
    const users = dependantsOf(lock, copy.key);
    const declared = users.flatMap(({ from: place, edge }) => this.#declarations(place.key, edge.name));
    const fixed = users
      .filter(({ from: place, edge }) => !isProjectPlace(place.key) || edge.kind === 'peer' || edge.kind === 'peerOptional')
      .map(({ from: place, edge }) => ({ by: describePlace(place), range: rangeIn(edge.spec) }));

    if (declared.length === 0) {
      const choice = this.#choose(from, fixed);
      if (choice.kind === 'none') return hold(`${chainOf(lock, copy)}; ${this.#whyCapped(from, fixed, choice.because)}`);
      return this.#add(copy.key, from, choice, false);
    }
    for (const { declaration } of declared) {
      const spec = parseSpec(declaration.spec);
      if (spec.kind !== 'range' && spec.kind !== 'alias' && spec.kind !== 'tag')
        return hold(reasonLeftAlone(spec.kind, declaration.spec));
    }
    // Where other users of the same copy shut every clean version out, the project's copy still moves: npm then gives the
    // others one of their own, and the check of the finished lock says whether that is clean.
    const tags = declared.flatMap(({ declaration }) => this.#tagged(declaration));
    const shared = this.#choose(from, [...fixed, ...tags]);
    const choice = shared.kind === 'chosen' ? shared : this.#choose(from, tags);
    if (choice.kind === 'none') return hold(choice.because);
    const raised = declared.map((each) => this.#raise(each.place, each.path, each.declaration, choice.version));
    if (raised.every(Boolean)) this.#add(copy.key, from, choice, true);
  }

  /** A distribution tag admits the one version that it points to: npm takes that, whatever the lock names. */
  #tagged({ spec }: Declaration): readonly { readonly by: string; readonly range: string }[] {
    const tag = spec.trim();
    const { distTags } = this.request.published;
    const version = parseSpec(spec).kind === 'tag' && Object.hasOwn(distTags, tag) ? distTags[tag] : undefined;
    return version === undefined ? [] : [{ by: `the tag “${tag}”`, range: version }];
  }

  #choose(installed: string, within: readonly { readonly by: string; readonly range: string }[]): VersionChoice {
    const { published, advisories, manifests, runningNode } = this.request;
    const projectNode = manifests[0]?.manifest.enginesNode;
    return chooseVersion({
      published,
      installed,
      advisories,
      within,
      runningNode,
      ...(projectNode === undefined ? {} : { projectNode }),
    });
  }

  /** Which user's range shuts out the lowest clean version; where there is none at all, the choice's own words. */
  #whyCapped(from: string, fixed: readonly { readonly by: string; readonly range: string }[], because: string): string {
    const free = this.#choose(from, []);
    if (free.kind === 'none') return because;
    const capping = fixed.filter(({ range }) => !satisfies(free.version, range, { loose: true }));
    const users = listOf(capping.map(({ by, range }) => `${by} asks for ${range}`));
    return `${users}, which allows no clean version (the lowest is ${free.version})`;
  }

  #add(
    key: string | undefined,
    from: string,
    choice: VersionChoice & { readonly kind: 'chosen' },
    direct: boolean,
    range?: string,
  ): void {
    const { version: to, breaking, lines, publishedAt } = choice;
    this.moves.push({
      ...{ from, to, direct, breaking, lines },
      ...(key === undefined ? {} : { key }),
      ...(range === undefined ? {} : { range }),
      ...(publishedAt === undefined ? {} : { publishedAt }),
    });
  }

  /** The editable declarations of a place under a key; peer ones only say what the surroundings must bring. */
  #declarations(place: string, key: string): { place: string; path: string; declaration: Declaration }[] {
    return this.request.manifests
      .filter((each) => each.place === place)
      .flatMap(({ path, manifest }) =>
        manifest.declarations
          .filter((each) => each.key === key && each.section !== 'peerDependencies')
          .map((declaration) => ({ place, path, declaration })),
      );
  }

  #rangeOf(declaration: Declaration): string | undefined {
    const spec = parseSpec(declaration.spec);
    if (spec.kind === 'alias') return spec.name === this.request.name ? spec.range : undefined;
    if (declaration.key !== this.request.name) return undefined;
    if (spec.kind === 'range') return spec.range;
    this.held.push({ key: declaration.key, version: declaration.spec, because: reasonLeftAlone(spec.kind, declaration.spec) });
    return undefined;
  }

  /** False when the value cannot be rewritten in its style, or would stay where no lock file decides; then the copy is held. */
  #raise(place: string, path: string, declaration: Declaration, to: string, hasLock = true): boolean {
    const { published, advisories, name } = this.request;
    const spec = parseSpec(declaration.spec);
    const isOpen = (): boolean => {
      const because = `“${declaration.spec}” in ${path} admits ${to} as it is, and there is no package-lock.json that could name it: run “npm install” once and commit the lock file`;
      if (!hasLock) this.held.push({ key: declaration.key, version: declaration.spec, because });
      return hasLock;
    };
    if (spec.kind !== 'range' && spec.kind !== 'alias') {
      if (!isOpen()) return false;
      this.notes.push(`${path} asks for “${declaration.spec}”, a distribution tag: it stays, the lock file decides.`);
      return true;
    }
    const range = raiseRange(spec.range, to, tellApart(published, advisories));
    if (range === undefined) {
      this.held.push({
        key: declaration.key,
        version: spec.range,
        because: `“${declaration.spec}” in ${path} cannot be raised to ${to}`,
      });
      return false;
    }
    const later = affectedWithin(range, to, published, advisories);
    if (later.length > 0)
      this.notes.push(
        `“${range}” also admits ${listOf(later)}, which an advisory affects: the lock file keeps ${to}, an install without it may not.`,
      );
    const value = spec.kind === 'alias' ? `${spec.prefix}${range}` : range;
    if (value === declaration.spec) {
      if (!isOpen()) return false;
      this.notes.push(`“${declaration.spec}” in ${path} admits ${to} as it is; the lock file decides.`);
      return true;
    }
    const edits = this.edits.get(path) ?? [];
    if (edits.some((edit) => edit.start === declaration.start)) return true;
    this.edits.set(path, [...edits, editDeclaration(declaration, value, `Raises ${name} to ${to}.`)]);
    const { section, key } = declaration;
    this.specs.set(place, [...(this.specs.get(place) ?? []), { section, key, spec: value }]);
    return true;
  }
}

/** The range behind an alias, else the spec itself; what is no range admits nothing that could be checked. */
function rangeIn(spec: string): string {
  const parsed = parseSpec(spec);
  return parsed.kind === 'range' || parsed.kind === 'alias' ? parsed.range : spec;
}

function parentsOf(lock: NpmLock, copy: LockPackage): string {
  const users = dependantsOf(lock, copy.key).map(({ from }) => describePlace(from));
  return users.length === 0 ? 'a package' : listOf([...new Set(users)]);
}

/** `it comes through mkdirp 0.5.1, brought in by webpack 4.0.0`. */
function chainOf(lock: NpmLock, copy: LockPackage): string {
  const chain = parentChain(lock, copy.key).map(describePlace);
  if (chain.length === 0)
    return dependantsOf(lock, copy.key).some(({ from }) => isProjectPlace(from.key))
      ? 'the project asks for it as a peer dependency'
      : 'nothing of the project asks for it';
  return `it comes through ${chain.join(', brought in by ')}`;
}

function listOf(items: readonly string[]): string {
  const shown = items.slice(0, 5).join(', ');
  return items.length > 5 ? `${shown} and ${items.length - 5} more` : shown;
}
