/**
 * Canonical JSON after RFC 8785 (JCS): keys in UTF-16 code unit order, no white space, numbers and strings as
 * ECMAScript's JSON.stringify writes them. The same value always gives the same bytes, so that it can be hashed.
 *
 * @throws TypeError for what JSON cannot carry: undefined in an array, functions, NaN, infinities, lone surrogates, cycles.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

/**
 * True when the text is the canonical form of the value that was parsed from it: what `canonicalJson(value) === text` says, at a
 * fraction of its cost. May say false of a text that is canonical but unusual (keys that are numbers, escaped surrogates, very
 * deep); what is false is to be compared in full.
 */
export function isPlainlyCanonical(value: unknown, text: string): boolean {
  return !text.includes('\\ud') && JSON.stringify(value) === text && hasSortedKeys(value, 0);
}

function hasSortedKeys(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth > maxDepth) return false;
  if (Array.isArray(value)) return value.every((item) => hasSortedKeys(item, depth + 1));
  let before: string | undefined;
  for (const [key, item] of Object.entries(value)) {
    if (before !== undefined && before >= key) return false;
    before = key;
    if (!hasSortedKeys(item, depth + 1)) return false;
  }
  return true;
}

/** Deeper than anything we log; guards the recursion against hostile values. */
const maxDepth = 200;

function write(value: unknown, depth: number): string {
  if (depth > maxDepth) throw new TypeError(`nested deeper than ${maxDepth} levels`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('not a finite number');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    // RFC 8785 §3.2.2.2: invalid Unicode is an error, not something to be replaced silently.
    if (!value.isWellFormed()) throw new TypeError('a string with a lone surrogate');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(',')}]`;
  if (typeof value === 'object') {
    const record = value as Readonly<Record<string, unknown>>;
    const keys = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .sort(byCodeUnit);
    return `{${keys.map((key) => `${write(key, depth + 1)}:${write(record[key], depth + 1)}`).join(',')}}`;
  }
  throw new TypeError(`${typeof value} has no place in JSON`);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
