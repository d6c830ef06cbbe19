import { compare, gt, intersects, major, minor, parse, satisfies, subset, valid, validRange } from 'semver';
import { affects } from './knownAdvisories';
import type { KnownAdvisory } from './knownAdvisories';
import type { KnownVersions } from './npmSpec';
import type { PublishedPackage, PublishedVersion } from './publishedPackage';

export interface ChoiceRequest {
  readonly published: PublishedPackage;
  readonly installed: string;
  readonly advisories: readonly KnownAdvisory[];
  /** `engines.node` of the project. */
  readonly projectNode?: string;
  /** The Node version that runs here, used where the project names none. */
  readonly runningNode: string;
  /** Ranges of everything that shares the installed copy: the version must lie in each. Empty when the range may be rewritten. */
  readonly within?: readonly { readonly by: string; readonly range: string }[];
}

export type VersionChoice =
  | {
      readonly kind: 'chosen';
      readonly version: string;
      /** Semantic Versioning calls the step breaking: another major, or below 1.0.0 another minor. */
      readonly breaking: boolean;
      readonly publishedAt?: string;
      /** Which versions were passed over and why, lowest first. */
      readonly lines: readonly string[];
    }
  | { readonly kind: 'none'; readonly because: string; readonly lines: readonly string[] };

/**
 * The lowest published version above the installed one that no known advisory affects, that is not deprecated, no prerelease
 * (unless the installed one is), and that runs on the project's Node. Being the lowest it stays in the installed major wherever
 * that has a fix. `fixed` hints never decide where a range is known.
 *
 * The order of the filters is Dependabot's (`fetch_lowest_security_fix_version`); npm's own rules compare the versions.
 */
export function chooseVersion(request: ChoiceRequest): VersionChoice {
  const { published, installed, advisories } = request;
  if (valid(installed, { loose: true }) === null)
    return { kind: 'none', because: `the installed version “${installed}” is not a semantic version`, lines: [] };
  const opaque = advisories.find((advisory) => affects(advisory, published.name, installed) === undefined);
  if (opaque !== undefined) {
    const what =
      opaque.range === undefined ? 'no affected range and no fixed version' : `a range that cannot be read (${opaque.range})`;
    return { kind: 'none', because: `${nameOf(opaque)} gives ${what}, so no version can be called clean`, lines: [] };
  }
  const later = published.versions
    .filter((each) => valid(each.version, { loose: true }) !== null && gt(each.version, installed, { loose: true }))
    .sort((a, b) => compare(a.version, b.version, { loose: true }));
  if (later.length === 0)
    return { kind: 'none', because: `no version of ${published.name} above ${installed} is published`, lines: [] };

  const refuse = refusals(request);
  const skipped: Skip[] = [];
  for (const candidate of later) {
    const reason = refuse(candidate);
    if (reason !== undefined) {
      skipped.push({ version: candidate.version, reason });
      continue;
    }
    const { version, publishedAt } = candidate;
    const lines = explain(skipped);
    return { kind: 'chosen', version, breaking: isBreaking(installed, version), lines, ...(publishedAt ? { publishedAt } : {}) };
  }
  const lines = explain(skipped);
  return { kind: 'none', because: `no version of ${published.name} above ${installed} will do: ${lines.join('; ')}`, lines };
}

/**
 * Published versions that `range` admits although an advisory affects them, above `chosen` or in an alternative that does not
 * admit `chosen`: a later install could take them.
 */
export function affectedWithin(
  range: string,
  chosen: string,
  published: PublishedPackage,
  advisories: readonly KnownAdvisory[],
): readonly string[] {
  if (validRange(range) === null) return [];
  const others = range.split('||').filter((each) => !satisfies(chosen, each.trim()));
  const mayFollow = (version: string): boolean =>
    satisfies(version, range) && (gt(version, chosen) || others.some((each) => satisfies(version, each.trim())));
  return tellApart(published, advisories).affected.filter(mayFollow);
}

/** The published versions in order; one about which an advisory does not let one tell counts as affected. */
export function tellApart(published: PublishedPackage, advisories: readonly KnownAdvisory[]): KnownVersions {
  const clean: string[] = [];
  const affected: string[] = [];
  for (const { version } of published.versions)
    if (valid(version) !== null)
      (advisories.some((each) => affects(each, published.name, version) !== false) ? affected : clean).push(version);
  return { clean: clean.sort(compare), affected: affected.sort(compare) };
}

/** True where Semantic Versioning allows the step to break its users (below 1.0.0 the minor counts as the major: item 4). */
export function isBreaking(from: string, to: string): boolean {
  const options = { loose: true };
  if (major(from, options) !== major(to, options)) return true;
  return major(from, options) === 0 && minor(from, options) !== minor(to, options);
}

interface Skip {
  readonly version: string;
  readonly reason: string;
}

function refusals(request: ChoiceRequest): (candidate: PublishedVersion) => string | undefined {
  const { published, installed, advisories, within = [] } = request;
  const prereleaseAllowed = isPrerelease(installed);
  // Where the whole package is deprecated the mark tells no version from another, and the fix is still worth having.
  const deprecationCounts = published.versions.some((each) => each.deprecated === undefined);
  const own = published.versions.find((each) => each.version === installed);
  return ({ version, deprecated, enginesNode }) => {
    if (!prereleaseAllowed && isPrerelease(version)) return 'prerelease';
    const hit = advisories.filter((advisory) => affects(advisory, published.name, version) !== false);
    if (hit.length > 0) return `affected by ${listIds(hit)}`;
    if (deprecationCounts && deprecated !== undefined) return 'deprecated by its maintainers';
    const outside = within.find(({ range }) => !satisfies(version, range, { loose: true }));
    if (outside !== undefined) return `outside the range of ${outside.by} (${outside.range})`;
    return engineRefusal(enginesNode, own?.enginesNode, request);
  };
}

/**
 * The version must run on every Node that the project supports; where the installed version already does not, sharing some of
 * them is as good as before. A range that cannot be read refuses nothing: npm itself only warns.
 */
function engineRefusal(wanted: string | undefined, own: string | undefined, request: ChoiceRequest): string | undefined {
  if (wanted === undefined || validRange(wanted) === null) return undefined;
  const { projectNode, runningNode } = request;
  if (projectNode === undefined || validRange(projectNode) === null)
    return satisfies(runningNode, wanted, { includePrerelease: true })
      ? undefined
      : `needs Node ${wanted}, here runs ${runningNode}`;
  const wasCovered = own === undefined || validRange(own) === null || subset(projectNode, own);
  const fits = wasCovered ? subset(projectNode, wanted) : intersects(projectNode, wanted);
  return fits ? undefined : `needs Node ${wanted}, the project supports ${projectNode}`;
}

function isPrerelease(version: string): boolean {
  return (parse(version, { loose: true })?.prerelease.length ?? 0) > 0;
}

/** At most three ids by name: the finding lists them all. */
function listIds(advisories: readonly KnownAdvisory[]): string {
  const ids = [...new Set(advisories.map(nameOf))];
  return ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more`;
}

function nameOf(advisory: KnownAdvisory): string {
  return advisory.ids.find((id) => id.startsWith('GHSA-')) ?? advisory.ids[0] ?? 'an advisory without an id';
}

/** Neighbours with the same reason become one line: `4.17.16 to 4.17.20 (5 versions): affected by GHSA-…`. */
function explain(skipped: readonly Skip[]): readonly string[] {
  const groups: { first: string; last: string; count: number; reason: string }[] = [];
  for (const { version, reason } of skipped) {
    const current = groups.at(-1);
    if (current?.reason === reason) {
      current.last = version;
      current.count++;
    } else groups.push({ first: version, last: version, count: 1, reason });
  }
  return groups.map(({ first, last, count, reason }) =>
    count === 1 ? `${first}: ${reason}` : `${first} to ${last} (${count} versions): ${reason}`,
  );
}
