import { isHumanError } from '../errors';
import { cleanLine } from '../findings/cleanText';
import type { FileChange } from '../model/patch';
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

/**
 * The licences of the packages that a change brings in or moves, as the lock file's `license` fields give them (npm writes them
 * from lockfileVersion 2 on). Fine is what stays under its licence and what comes under a permissive one; any other is for a
 * person to look at. A change of code alone changes none.
 */
export function checkLicences(changes: readonly FileChange[]): LicenceVerdict {
  const locks = changes.filter(({ path }) => npmLock.test(path));
  if (locks.length === 0) {
    const other = changes.find(({ path }) => manifest.test(path));
    return other === undefined
      ? { outcome: 'successful', detail: 'no dependency changes, so no licence does' }
      : { outcome: 'error', detail: `${other.path} changes without an npm lock file, so the licences are not known` };
  }
  try {
    const moved = locks.flatMap(movedPackages);
    const unknown = moved.filter(({ now }) => now === undefined).map(({ name }) => name);
    if (unknown.length > 0) return { outcome: 'error', detail: `the lock file says no licence of ${listOf(unknown)}` };
    const open = moved.filter(({ before, now }) => now !== before && !isPermissive(now ?? ''));
    if (open.length > 0) {
      const words = open.map(({ name, before, now }) => `${name} (${before === undefined ? '' : `${before} → `}${now})`);
      return { outcome: 'inconclusive', detail: `a person must look at the licence of ${listOf(words)}` };
    }
    const kinds = [...new Set(moved.map(({ now }) => now))].join(', ');
    return {
      outcome: 'successful',
      detail:
        moved.length === 0
          ? 'no package changes'
          : `${moved.length} changed ${moved.length === 1 ? 'package' : 'packages'}: ${kinds}`,
    };
  } catch (error) {
    if (isHumanError(error)) return { outcome: 'error', detail: error.message };
    throw error;
  }
}

interface MovedPackage {
  readonly name: string;
  readonly before?: string | undefined;
  readonly now: string | undefined;
}

function movedPackages({ path, before, after }: FileChange): readonly MovedPackage[] {
  const old = before === null ? new Map<string, Entry>() : entriesOf(before, path);
  return [...entriesOf(after, path)].flatMap(([key, entry]) => {
    const was = old.get(key);
    if (was?.version === entry.version && was?.licence === entry.licence) return [];
    const name = cleanLine(key.split('node_modules/').at(-1) ?? key, 100);
    return [{ name: entry.version === undefined ? name : `${name} ${entry.version}`, before: was?.licence, now: entry.licence }];
  });
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

/** An SPDX expression (annex D of the specification) of one operator; `OR` leaves the choice, `AND` asks for all. */
function isPermissive(expression: string): boolean {
  const flat = expression.replace(/[()]/g, ' ').trim().toLowerCase();
  const choices = flat.split(/\s+or\s+/);
  if (choices.length > 1 && /\sand\s/.test(flat)) return false;
  return choices.length > 1
    ? choices.some((id) => permissive.has(id))
    : flat.split(/\s+and\s+/).every((id) => permissive.has(id));
}

function listOf(names: readonly string[]): string {
  return names.length > shown ? `${names.slice(0, shown).join(', ')} and ${names.length - shown} more` : names.join(', ');
}
