import { isHumanError } from '../errors';
import { cleanLine } from '../findings/cleanText';
import type { FileChange } from '../model/patch';
import type { LicencePermission } from '../model/policy';
import type { Outcome } from '../model/outcome';
import { parseLock } from './npmLock';
import { isRecord } from './npmManifest';

export interface LicenceVerdict {
  /** successful; inconclusive: a person must look; error: it is not known. */
  readonly outcome: Extract<Outcome, 'successful' | 'inconclusive' | 'error'>;
  /** One sentence. */
  readonly detail: string;
}

/** SPDX ids of licences that ask for no more than a notice (Blue Oak Council's list, the better part of it in use at npm). */
const permissive = new Set(
  '0BSD Apache-2.0 Artistic-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause CC0-1.0 ISC MIT MIT-0 Python-2.0 Unlicense WTFPL Zlib'
    .toLowerCase()
    .split(' '),
);
const npmLock = /(^|\/)(package-lock|npm-shrinkwrap)\.json$/;
const manifest =
  /(^|\/)(package\.json|yarn\.lock|pnpm-lock\.yaml|requirements[\w.-]*\.txt|pom\.xml|go\.(mod|sum)|Cargo\.(toml|lock))$/;
const shown = 4;

/** What the team allows beside the licences that only ask for a notice, and the instant it is judged at (milliseconds since the epoch). */
export interface AllowedLicences {
  readonly permissions: readonly LicencePermission[];
  readonly now: number;
}

/**
 * The licences of the packages that a change brings in or moves, as the lock file's `license` fields give them (npm writes them
 * from lockfileVersion 2 on). Fine is what stays under its licence and what comes under a permissive one; any other is for a
 * person to look at, unless the policy says that somebody has (`licences`), and why. A change of code alone changes none.
 */
export function checkLicences(changes: readonly FileChange[], allowed?: AllowedLicences): LicenceVerdict {
  const locks = changes.filter(({ path }) => npmLock.test(path));
  if (locks.length === 0) {
    const other = changes.find(({ path }) => manifest.test(path));
    return other === undefined
      ? { outcome: 'successful', detail: 'no dependency changes, so no licence does' }
      : { outcome: 'error', detail: `${other.path} changes without an npm lock file, so the licences are not known` };
  }
  try {
    const moved = locks.flatMap(movedPackages);
    const cleared = new Map(moved.flatMap((one) => clearedBy(one, allowed)));
    const unknown = moved.filter((one) => one.now === undefined && !cleared.has(one)).map(labelOf);
    if (unknown.length > 0) return { outcome: 'error', detail: `the lock file says no licence of ${listOf(unknown)}` };
    const open = moved.filter((one) => one.now !== one.before && !isPermissive(one.now ?? '') && !cleared.has(one));
    if (open.length > 0) {
      const words = open.map((one) => `${labelOf(one)} (${one.before === undefined ? '' : `${one.before} → `}${one.now})`);
      return { outcome: 'inconclusive', detail: `a person must look at the licence of ${listOf(words)}` };
    }
    if (moved.length === 0) return { outcome: 'successful', detail: 'no package changes' };
    const kinds = [...new Set(moved.map(({ now }) => now ?? 'none said'))].join(', ');
    const reasons = [...cleared].map(
      ([one, why]) => `${labelOf(one)} (${one.now ?? 'no licence said'}) allowed by policy: ${cleanLine(why, 200)}`,
    );
    return {
      outcome: 'successful',
      detail: [`${moved.length} changed ${moved.length === 1 ? 'package' : 'packages'}: ${kinds}`, ...shorten(reasons)].join(
        '; ',
      ),
    };
  } catch (error) {
    if (isHumanError(error)) return { outcome: 'error', detail: error.message };
    throw error;
  }
}

/** Why the policy lets this package be, where it would otherwise be for a person to look at. */
function clearedBy(moved: MovedPackage, allowed: AllowedLicences | undefined): readonly (readonly [MovedPackage, string])[] {
  const { name, before, now } = moved;
  if (now !== undefined && (now === before || isPermissive(now))) return [];
  const mine = (allowed?.permissions ?? []).filter(
    (one) =>
      (one.package === undefined || one.package === name) &&
      (one.until === undefined || Date.parse(`${one.until}T23:59:59.999Z`) >= (allowed?.now ?? Infinity)),
  );
  // Whatever licence it has, and also where none is said: that package itself was looked at.
  const whole = mine.find((one) => one.licence === undefined || one.licence.toLowerCase() === now?.toLowerCase());
  if (whole !== undefined) return [[moved, whole.reason]];
  const used = mine.filter(({ licence }) => licence !== undefined);
  const ids = new Set(used.flatMap(({ licence }) => licence?.toLowerCase() ?? []));
  if (now === undefined || !isPermissive(now, ids)) return [];
  const named = used.filter(({ licence }) => idsOf(now).includes(licence?.toLowerCase() ?? ''));
  return [[moved, named.map(({ reason }) => reason).join('; ')]];
}

interface MovedPackage {
  readonly name: string;
  readonly version: string | undefined;
  readonly before?: string | undefined;
  readonly now: string | undefined;
}

function movedPackages({ path, before, after }: FileChange): readonly MovedPackage[] {
  const old = before === null ? new Map<string, Entry>() : entriesOf(before, path);
  return [...entriesOf(after, path)].flatMap(([key, entry]) => {
    const was = old.get(key);
    if (was?.version === entry.version && was?.licence === entry.licence) return [];
    const name = cleanLine(key.split('node_modules/').at(-1) ?? key, 100);
    return [{ name, version: entry.version, before: was?.licence, now: entry.licence }];
  });
}

function labelOf({ name, version }: MovedPackage): string {
  return version === undefined ? name : `${name} ${version}`;
}

interface Entry {
  readonly version: string | undefined;
  readonly licence: string | undefined;
}

function entriesOf(text: string, path: string): ReadonlyMap<string, Entry> {
  const lock = parseLock(text, path);
  const from = (value: unknown): readonly (readonly [string, Entry])[] =>
    isRecord(value)
      ? Object.entries(value).flatMap(([key, entry]) => {
          if (!isRecord(entry) || entry['link'] === true) return [];
          const text = (name: string): string | undefined =>
            typeof entry[name] === 'string' ? cleanLine(entry[name], 100) : undefined;
          return [[key, { version: text('version'), licence: text('license') }] as const];
        })
      : [];
  const places = from(lock['packages']).filter(([key]) => key.includes('node_modules/'));
  return new Map(isRecord(lock['packages']) ? places : from(lock['dependencies']));
}

/**
 * An SPDX expression (annex D of the specification) of one operator; `OR` leaves the choice, `AND` asks for all.
 * @param also - ids in lower case that are as good as permissive
 */
function isPermissive(expression: string, also: ReadonlySet<string> = new Set()): boolean {
  const isFine = (id: string): boolean => permissive.has(id) || also.has(id);
  const flat = expression.replace(/[()]/g, ' ').trim().toLowerCase();
  const choices = flat.split(/\s+or\s+/);
  if (choices.length > 1 && /\sand\s/.test(flat)) return false;
  return choices.length > 1 ? choices.some(isFine) : idsOf(flat).every(isFine);
}

function idsOf(expression: string): readonly string[] {
  return expression
    .replace(/[()]/g, ' ')
    .trim()
    .toLowerCase()
    .split(/\s+(?:and|or)\s+/);
}

function listOf(names: readonly string[]): string {
  return names.length > shown ? `${names.slice(0, shown).join(', ')} and ${names.length - shown} more` : names.join(', ');
}

function shorten(reasons: readonly string[]): readonly string[] {
  return reasons.length > shown ? [...reasons.slice(0, shown), `and ${reasons.length - shown} more`] : reasons;
}
