import { isCvssProperty } from './severity';
import { isCweProperty } from './weakness';

const known = new Map<string, boolean>();

/** True for properties of a result from which its severity, score, weakness or package is read; others are only kept. */
export function isTellingProperty(name: string): boolean {
  const answer = known.get(name);
  if (answer !== undefined) return answer;
  const telling =
    name === 'security-severity' || name === 'tags' || /^purls?$/.test(name) || isCvssProperty(name) || isCweProperty(name);
  // A report may invent a new name for every result.
  if (known.size < 1000) known.set(name, telling);
  return telling;
}
