import { compare, valid } from 'semver';

/** An event of an OSV range: exactly one of the fields (ossf.github.io/osv-schema, affected[].ranges[].events). */
export interface OsvEvent {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly last_affected?: string;
  readonly limit?: string;
}

export interface OsvAffected {
  readonly package?: { readonly ecosystem?: string; readonly name?: string };
  readonly ranges?: readonly { readonly type?: string; readonly events?: readonly OsvEvent[] }[];
  readonly versions?: readonly string[];
}

/**
 * Whether an OSV `affected` list names this npm version, by the evaluation of the OSV schema: an explicit version, or a range
 * whose events, in order of version, leave it affected. GIT ranges say nothing about versions and are passed over.
 * A version that is no semantic version counts as affected when a range starts at `0` without an end, else as unknown.
 */
export function osvAffects(affected: readonly OsvAffected[], name: string, version: string): boolean | undefined {
  const own = affected.filter((each) => each.package === undefined || isThis(each.package, name));
  if (own.some((each) => each.versions?.includes(version))) return true;
  const ranges = own.flatMap((each) => each.ranges ?? []).filter((range) => range.type !== 'GIT');
  const parsed = valid(version, { loose: true });
  if (parsed === null) return ranges.length === 0 ? false : undefined;
  return ranges.some((range) => rangeAffects(range.events ?? [], parsed));
}

function isThis(reference: { readonly ecosystem?: string; readonly name?: string }, name: string): boolean {
  return (reference.ecosystem ?? 'npm').toLowerCase() === 'npm' && (reference.name ?? name) === name;
}

function rangeAffects(events: readonly OsvEvent[], version: string): boolean {
  const limits = events.flatMap((event) => (event.limit === undefined || event.limit === '*' ? [] : [event.limit]));
  if (limits.length > 0 && !limits.some((limit) => compareOsv(version, limit) < 0)) return false;
  const points = events.flatMap(pointsOf).sort((a, b) => compareOsv(a.at, b.at) || a.rank - b.rank);
  let affected = false;
  for (const point of points) {
    const order = compareOsv(version, point.at);
    if (point.kind === 'introduced' && order >= 0) affected = true;
    if (point.kind === 'fixed' && order >= 0) affected = false;
    if (point.kind === 'last_affected' && order > 0) affected = false;
  }
  return affected;
}

interface Point {
  readonly at: string;
  readonly kind: 'introduced' | 'fixed' | 'last_affected';
  /** At one version the end of the earlier stretch comes before the beginning of the next. */
  readonly rank: number;
}

/** OSV's `introduced: "0"`: before every version, prereleases of 0.0.0 too. As an end `0` is the version 0.0.0. */
const beginning = 'beginning';

function pointsOf(event: OsvEvent): readonly Point[] {
  if (event.introduced !== undefined) {
    return [{ at: event.introduced === '0' ? beginning : event.introduced, kind: 'introduced', rank: 1 }];
  }
  if (event.fixed !== undefined) return [{ at: event.fixed, kind: 'fixed', rank: 0 }];
  if (event.last_affected !== undefined) return [{ at: event.last_affected, kind: 'last_affected', rank: 2 }];
  return [];
}

/** A shortened `1` or `1.2` stands for `1.0.0` or `1.2.0`. */
function compareOsv(a: string, b: string): number {
  if (a === b) return 0;
  if (a === beginning) return -1;
  if (b === beginning) return 1;
  return compare(complete(a), complete(b), { loose: true });
}

function complete(version: string): string {
  const short = /^v?(\d+)(?:\.(\d+))?$/.exec(version);
  if (short !== null) return `${short[1] ?? '0'}.${short[2] ?? '0'}.0`;
  // An event that is no semantic version is a mistake in the advisory: "as high as possible" keeps versions affected.
  return valid(version, { loose: true }) ?? `${Number.MAX_SAFE_INTEGER}.0.0`;
}
