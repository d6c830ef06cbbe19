import { HumanError } from '../errors';

/** A pattern of Python's `re` as JavaScript's RegExp takes it. */
export interface TranslatedPattern {
  readonly source: string;
  /** Always with `g` and `u`, and `d` is not needed: groups are given by text. */
  readonly flags: string;
}

/** What one match gave: its place in the searched text, its groups (undefined: took no part) and named groups. */
export interface PatternMatch {
  readonly index: number;
  readonly text: string;
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
}

const longestPattern = 1000;

/**
 * Translates the syntax of Python's `re` (docs.python.org/3/library/re.html) where it differs from JavaScript's: named groups,
 * `\A` and `\Z`, `$` before a last newline, `.` that stops at `\n` alone, `{,n}`, comments, flags at the start, and characters
 * that Python takes literally where JavaScript's unicode mode wants them escaped.
 * @throws HumanError for what has no counterpart (`(?x)`, conditionals, octal escapes) and for overlong patterns
 */
export function translatePattern(pattern: string): TranslatedPattern {
  if (pattern.length > longestPattern) throw new HumanError(`the scanner’s pattern is longer than ${longestPattern} characters.`);
  const inline = /^\(\?([a-zA-Z]+)\)/.exec(pattern);
  const flags = inline?.[1] ?? '';
  if (/[^imsu]/.test(flags))
    throw new HumanError(`the scanner’s pattern uses the flags “${flags}”, which cannot be carried over.`);
  const body = pattern.slice(inline?.[0].length ?? 0);
  const dot = flags.includes('s') ? '[\\s\\S]' : '[^\\n]';
  const end = flags.includes('m') ? '$' : '(?=\\n?(?![\\s\\S]))';
  let source = '';
  for (let i = 0; i < body.length;) {
    const rest = body.slice(i);
    const char = rest.charAt(0);
    const group = /^\(\?P<([A-Za-z_]\w*)>|^\(\?P=([A-Za-z_]\w*)\)|^\(\?#[^)]*\)/.exec(rest);
    const quantifier = /^\{(\d*)(,?)(\d*)\}/.exec(rest);
    if (group !== null) {
      const [whole, name, back] = group;
      source += name !== undefined ? `(?<${name}>` : back !== undefined ? `\\k<${back}>` : '';
      i += whole.length;
    } else if (/^\(\?(?:\(|[aiLmsux-]+[):]|>)/.test(rest)) {
      throw new HumanError('the scanner’s pattern uses a kind of group that cannot be carried over.');
    } else if (char === '[') {
      const set = readSet(rest);
      source += set.source;
      i += set.length;
    } else if (char === '\\') {
      source += escapeOutside(rest.charAt(1));
      i += 2;
    } else if (quantifier !== null && (quantifier[1] !== '' || quantifier[2] !== '')) {
      const [whole, low = '', comma = '', high = ''] = quantifier;
      source += `{${low === '' ? '0' : low}${comma}${high}}`;
      i += whole.length;
    } else {
      source += char === '.' ? dot : char === '$' ? end : /[{}\]]/.test(char) ? `\\${char}` : char;
      i += 1;
    }
  }
  return { source, flags: `gu${flags.includes('i') ? 'i' : ''}${flags.includes('m') ? 'm' : ''}` };
}

/**
 * Python's replacement template: `\1`, `\g<1>`, `\g<name>`, `\n`, `\t`, `\r`, `\\`; other text as it is.
 * @throws HumanError for a group that the pattern does not have and for escapes that Python refuses
 */
export function expandTemplate(template: string, match: PatternMatch): string {
  return template.replace(/\\(?:g<([^>]*)>|([1-9]\d?)|([\s\S]))/g, (whole, name?: string, number?: string, char?: string) => {
    if (name !== undefined) return /^\d+$/.test(name) ? numbered(match, Number(name)) : named(match, name);
    if (number !== undefined) return numbered(match, Number(number));
    const plain = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', '\\': '\\' }[char ?? ''];
    if (plain !== undefined) return plain;
    if (/[A-Za-z0-9]/.test(char ?? '')) throw new HumanError(`the scanner’s replacement holds “${whole}”, which means nothing.`);
    return whole;
  });
}

function numbered(match: PatternMatch, number: number): string {
  if (number === 0) return match.text;
  if (number > match.groups.length)
    throw new HumanError(`the scanner’s replacement names group ${number}, which its pattern does not have.`);
  return match.groups[number - 1] ?? '';
}

function named(match: PatternMatch, name: string): string {
  if (!Object.hasOwn(match.named, name))
    throw new HumanError(`the scanner’s replacement names group “${name}”, which its pattern does not have.`);
  return match.named[name] ?? '';
}

function escapeOutside(char: string): string {
  if (char === 'A') return '(?<![\\s\\S])';
  if (char === 'Z') return '(?![\\s\\S])';
  if (char === '0') throw new HumanError('the scanner’s pattern uses an octal escape, which cannot be carried over.');
  return escapeLiteral(char, false);
}

/** Letters and digits keep their backslash (classes, back-references); of the rest only what unicode mode lets be escaped. */
function escapeLiteral(char: string, inSet: boolean): string {
  if (/[A-Za-z0-9]/.test(char) || /[\^$\\.*+?()[\]{}|/]/.test(char) || (inSet && char === '-')) return `\\${char}`;
  return char;
}

/** A `[…]` set: Python takes a `]` right at its start literally. */
function readSet(text: string): { readonly source: string; readonly length: number } {
  let i = 1;
  let source = '[';
  if (text.charAt(i) === '^') {
    source += '^';
    i += 1;
  }
  for (let first = true; i < text.length; first = false) {
    const char = text.charAt(i);
    if (char === ']' && !first) return { source: `${source}]`, length: i + 1 };
    if (char === '\\') {
      source += escapeLiteral(text.charAt(i + 1), true);
      i += 2;
    } else {
      source += char === ']' || char === '[' ? `\\${char}` : char;
      i += 1;
    }
  }
  throw new HumanError('the scanner’s pattern has a set without an end.');
}
