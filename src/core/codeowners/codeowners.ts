/** A line of a CODEOWNERS file that assigns owners (none: the line takes ownership away). */
export interface OwnerRule {
  readonly line: number;
  readonly pattern: string;
  readonly owners: readonly string[];
  readonly matches: (path: string) => boolean;
}

export interface Codeowners {
  readonly rules: readonly OwnerRule[];
  /** Lines that were passed over, with the reason; GitHub skips such lines and shows them as errors. */
  readonly skipped: readonly { readonly line: number; readonly reason: string }[];
}

/** GitHub does not load a larger file. */
const maxBytes = 3 * 1024 * 1024;

/** Where GitHub looks, first found wins (GitHub docs, "About code owners"). */
export const codeownersPlaces: readonly string[] = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

/**
 * Parses a CODEOWNERS file in GitHub's dialect: gitignore-like patterns without `!`, `[ ]` and `\#`
 * (GitHub docs, "About code owners", CODEOWNERS syntax).
 */
export function parseCodeowners(text: string): Codeowners {
  const rules: OwnerRule[] = [];
  const skipped: { line: number; reason: string }[] = [];
  if (text.length > maxBytes) return { rules, skipped: [{ line: 1, reason: 'the file is over 3 MB: it is ignored' }] };
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = index + 1;
    const [pattern, ...rest] = splitFields(raw);
    if (pattern === undefined || pattern.startsWith('#')) continue;
    const comment = rest.findIndex((field) => field.startsWith('#'));
    const owners = comment < 0 ? rest : rest.slice(0, comment);
    const reason = faultOf(pattern, owners);
    if (reason !== undefined) skipped.push({ line, reason });
    else rules.push({ line, pattern, owners, matches: compilePattern(pattern) });
  }
  return { rules, skipped };
}

/** The owners of a path: the last matching line wins entirely, and one without owners clears what came before. */
export function ownersOf(codeowners: Codeowners, path: string): readonly string[] {
  return codeowners.rules.findLast((rule) => rule.matches(path))?.owners ?? [];
}

/** Fields are separated by white space; a backslash keeps the next character (spaces in paths). */
function splitFields(line: string): readonly string[] {
  return (line.match(/(?:\\.|[^\s\\])+/g) ?? []).map((field) => field.replace(/\\(\s)/g, '$1'));
}

function faultOf(pattern: string, owners: readonly string[]): string | undefined {
  if (pattern.startsWith('!')) return 'patterns cannot be negated with !';
  if (/[[\]]/.test(pattern)) return 'character ranges [ ] are not supported';
  if (pattern.startsWith('\\#')) return 'a pattern cannot begin with an escaped #';
  const strange = owners.find((owner) => !/^@[\w.-]+(\/[\w.-]+)?$/.test(owner) && !/^[^@\s]+@[^@\s]+$/.test(owner));
  return strange === undefined ? undefined : `“${strange}” is neither @user, @org/team nor an email address`;
}

/** Any number of folders, none included. */
const anyFolders = Symbol('**');
/** Characters where one of them stands for others; a name as it is; any folders. */
type Segment = readonly string[] | string | typeof anyFolders;
const anyName: Segment = ['*'];

/**
 * Compiles one pattern to a test on workspace paths without a leading slash. The test looks at every segment of the pattern and of
 * the path in turn and never tries again what did not fit: a regular expression would take ages for a few `*` in a row, and both
 * pattern and path are somebody else's.
 */
export function compilePattern(pattern: string): (path: string) => boolean {
  const anchored = pattern.slice(0, -1).includes('/');
  const names = pattern.replace(/^\//, '').replace(/\/$/, '').split('/');
  const last = names.at(-1);
  const segments: Segment[] = names.map((name) => (name === '**' ? anyFolders : /[*?]/.test(name) ? [...name] : name));
  if (!anchored) segments.unshift(anyFolders);
  // At the end both `**` and `/` are everything below, but not the folder itself.
  if (last === '**') segments.push(anyName);
  if (pattern.endsWith('/')) segments.push(anyName, anyFolders);
  // `docs/*` is one level only; every other pattern that names a folder owns all that lies in it.
  else if (last !== '*' || names.length === 1) segments.push(anyFolders);
  return (path) => matchAll(segments, segmentsOf(path), anyFolders, matchName);
}

/** The segments of the path that was asked for last: every rule is asked for it. */
let lastPath = '';
let lastSegments: readonly string[] = [''];

function segmentsOf(path: string): readonly string[] {
  if (path !== lastPath) [lastPath, lastSegments] = [path, path.split('/')];
  return lastSegments;
}

/** `*` is any characters of a name, `?` any one. */
function matchName(pattern: Segment, name: string): boolean {
  if (typeof pattern === 'string') return pattern === name;
  return pattern === anyName || (pattern !== anyFolders && matchAll(pattern, [...name], '*', matchCharacter));
}

function matchCharacter(pattern: string, character: string): boolean {
  return pattern === '?' || pattern === character;
}

/**
 * True when the parts fit the pattern, in which `any` stands for any number of parts. What follows an `any` is looked for at its
 * first place; only the last `any` is ever widened, since what stands before it fits already: at most as many steps as the
 * product of both lengths.
 */
function matchAll<P, T>(pattern: readonly P[], parts: readonly T[], any: P, fits: (one: P, part: T) => boolean): boolean {
  let at = 0;
  let behindAny = -1;
  let from = 0;
  for (let next = 0; next < parts.length;) {
    const one = pattern[at];
    if (at < pattern.length && one === any) {
      behindAny = ++at;
      from = next;
    } else if (at < pattern.length && fits(one as P, parts[next] as T)) {
      at++;
      next++;
    } else if (behindAny >= 0) {
      at = behindAny;
      next = ++from;
    } else return false;
  }
  while (at < pattern.length && pattern[at] === any) at++;
  return at === pattern.length;
}
