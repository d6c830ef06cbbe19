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

/** Compiles one pattern to a test on workspace paths without a leading slash. */
export function compilePattern(pattern: string): (path: string) => boolean {
  const anchored = pattern.slice(0, -1).includes('/');
  const directory = pattern.endsWith('/');
  const body = pattern.replace(/^\//, '').replace(/\/$/, '');
  const segments = body.split('/');
  let source = anchored ? '^' : '^(?:.*/)?';
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === '**') {
      // In the middle: any number of folders, none included. At the end: everything below, but not the folder itself.
      source += last ? '.+' : '(?:[^/]+/)*';
      continue;
    }
    source += segment
      .replace(/[\\^$.|+(){}]/g, '\\$&')
      .replace(/\*+/g, '[^/]*')
      .replace(/\?/g, '[^/]');
    if (!last) source += '/';
  }
  const end = segments.at(-1);
  if (directory) source += '/.+$';
  // `docs/*` is one level only; every other pattern that names a folder owns all that lies in it.
  else if (end === '*' && segments.length > 1) source += '$';
  else if (end === '**') source += '$';
  else source += '(?:/.*)?$';
  const expression = new RegExp(source, 's');
  return (path) => expression.test(path);
}
