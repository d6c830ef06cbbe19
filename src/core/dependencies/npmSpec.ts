import { compare, major, minor, parse, satisfies, validRange } from 'semver';

/** A dependency's value in package.json, told apart the way npm-package-arg does. */
export type NpmSpec =
  | { readonly kind: 'range'; readonly range: string }
  /** `npm:NAME@RANGE`: `prefix` is everything before the range. */
  | { readonly kind: 'alias'; readonly name: string; readonly prefix: string; readonly range: string }
  | { readonly kind: 'workspace' | 'file' | 'git' | 'url' | 'tag' };

/** What a manifest's value means (docs.npmjs.com, package.json, "dependencies"). */
export function parseSpec(spec: string): NpmSpec {
  const value = spec.trim();
  const alias = /^npm:((?:@[^/@]+\/)?[^@/]+)(?:@(.*))?$/.exec(value);
  if (alias !== null) {
    const [, name = '', range = ''] = alias;
    return { kind: 'alias', name, prefix: `npm:${name}@`, range };
  }
  if (validRange(value) !== null) return { kind: 'range', range: value };
  if (value.startsWith('workspace:')) return { kind: 'workspace' };
  if (/^(?:file:|link:|\.{1,2}(?:\/|$)|\/|~\/|[A-Za-z]:[\\/])/.test(value)) return { kind: 'file' };
  if (/^(?:git[+:@]|github:|gitlab:|bitbucket:|gist:)/.test(value) || /^[^@\s/:]+\/[^\s/]+$/.test(value)) return { kind: 'git' };
  if (/^https?:/.test(value)) return /\.git(?:#|$)/.test(value) ? { kind: 'git' } : { kind: 'url' };
  return { kind: 'tag' };
}

/** Why a value of this kind is not rewritten. */
export function reasonLeftAlone(kind: 'workspace' | 'file' | 'git' | 'url' | 'tag', spec: string): string {
  const what = {
    workspace: 'points into the workspace',
    file: 'points to a local folder or file',
    git: 'points to a git repository',
    url: 'points to an address of its own',
    tag: 'points to a distribution tag',
  }[kind];
  return `“${spec}” ${what}, not to a version range`;
}

const versionToken = /(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?/;
const comparatorToken = new RegExp(`(<=|>=|<|>|=|~>|~|\\^)?(\\s*v?)(${versionToken.source})`, 'g');

/** Published versions, told apart by what is known of the package. */
export interface KnownVersions {
  readonly clean: readonly string[];
  readonly affected: readonly string[];
}

/**
 * The range that admits `to` and has the style of the old one: operator, precision, `x` places and spacing stay; floors rise to
 * `to`, so that no later install goes back; a ceiling moves only when it would shut `to` out. `^4`, `4.x` and `*` stay as they
 * are when they admit `to`.
 *
 * Of several alternatives one comes to admit `to`. Another one goes when all it admits of the published versions is affected,
 * since every install that takes it takes a vulnerable version; its floor rises to its own lowest version above the affected
 * ones where it has such a version; a clean one stays as it is.
 *
 * @param range a valid npm range, without an `npm:` prefix
 * @param to full version
 * @param known the published versions; without them other alternatives stay
 * @returns undefined when no rewriting in this style admits `to`
 */
export function raiseRange(range: string, to: string, known: KnownVersions = { clean: [], affected: [] }): string | undefined {
  if (range.trim() === '') return range;
  const alternatives = range.split('||');
  const admitting = alternatives.findIndex((each) => satisfies(to, each.trim()));
  // Where none does, the last that goes anyway makes room; without one, the last.
  const going = alternatives.findLastIndex((each) => withoutAffected(each, known) === undefined);
  const index = admitting !== -1 ? admitting : going !== -1 ? going : alternatives.length - 1;
  const kept: string[] = [];
  for (const [i, each] of alternatives.entries()) {
    const raised = i === index ? raiseAlternative(each, to) : withoutAffected(each, known);
    const doubled = raised !== each && kept.some((other) => other.trim() === raised?.trim());
    if (raised !== undefined && !doubled) kept.push(raised);
  }
  const joined = kept.join('||');
  const result = kept.length === alternatives.length ? joined : joined.trim();
  return satisfies(to, result) ? result : undefined;
}

/** An alternative beside the one that admits the new version, undefined where it admits affected versions alone. */
function withoutAffected(text: string, { clean, affected }: KnownVersions): string | undefined {
  const range = text.trim();
  const within = (version: string): boolean => satisfies(version, range);
  const bad = affected.filter(within);
  if (bad.length === 0) return text;
  const good = clean.filter(within).sort(compare);
  if (good.length === 0) return undefined;
  const floor = good.find((version) => bad.every((each) => compare(each, version) < 0));
  return floor === undefined ? text : raiseAlternative(text, floor);
}

/** One set of comparators that all hold: `^1.2.3`, `>=1.2.3 <2`, `1.2.3 - 2.3.4`. */
function raiseAlternative(text: string, to: string): string {
  const hyphen = /^(\s*)(\S+)(\s+-\s+)(\S+)(\s*)$/.exec(text);
  if (hyphen !== null) {
    const [, before = '', low = '', dash = '', high = '', after = ''] = hyphen;
    const ceiling = satisfies(to, `<=${high}`) ? high : likeToken(high, to);
    return `${before}${likeFloor(low, to)}${dash}${ceiling}${after}`;
  }
  return text.replace(comparatorToken, (whole: string, operator: string | undefined, space: string, token: string) => {
    switch (operator) {
      case '<':
        return satisfies(to, `<${token}`) ? whole : `<${space}${nextBreaking(token, to)}`;
      case '<=':
        return satisfies(to, `<=${token}`) ? whole : `<=${space}${likeToken(token, to)}`;
      case '>':
        // A floor above which `to` lies: `>=` says from `to` on.
        return `>=${space}${to}`;
      case '>=':
        return `>=${space}${likeFloor(token, to)}`;
      case undefined:
      case '=':
      default:
        return `${operator ?? ''}${space}${likeToken(token, to)}`;
    }
  });
}

/** `to` in the precision of `token`: `4.17.x` → `4.18.x`, `4` → `5`; a full version where either is a prerelease. */
function likeToken(token: string, to: string): string {
  const version = parse(to);
  if (version === null) return token;
  if (version.prerelease.length > 0 || token.includes('-')) return to;
  const numbers = [version.major, version.minor, version.patch].map(String);
  return token
    .replace(/\+.*$/, '')
    .split('.')
    .map((part, i) => (/^[xX*]$/.test(part) ? part : (numbers[i] ?? part)))
    .join('.');
}

/** A floor, of `>=` or of a hyphen, must not fall below `to`, so a shortened one is written out unless it says the same. */
function likeFloor(token: string, to: string): string {
  const short = likeToken(token, to);
  const padded = [...short.split('.'), '0', '0'].slice(0, 3).join('.');
  return padded === to ? short : to;
}

/** The next version that may break, in the precision of the ceiling it replaces: `<5` → `<6`, `<5.0.0` → `<6.0.0`. */
function nextBreaking(token: string, to: string): string {
  const next = major(to) > 0 ? [major(to) + 1, 0, 0] : [0, minor(to) + 1, 0];
  const precision = Math.max(token.split('.').length, major(to) > 0 ? 1 : 2);
  return next.slice(0, precision).join('.');
}
