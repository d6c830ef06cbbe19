import { asArray, asInteger, asObject, asString } from './json';
import type { JsonObject } from './json';

/**
 * CWE ids (`CWE-79`, sorted by number) from what SARIF knows for them: references into a taxonomy (result `taxa` §3.27.8, rule
 * `relationships` §3.49.15), tags (`external/cwe/cwe-079`, `CWE-79: …`) and properties named after CWE.
 */
export function cweIds(
  taxa: readonly unknown[],
  properties: JsonObject | undefined,
  taxonomies: readonly unknown[],
): readonly string[] {
  if (taxa.length === 0 && properties === undefined) return noIds;
  const numbers = new Set<number>();
  for (const reference of taxa) {
    const id = taxonId(reference, taxonomies);
    if (id !== undefined) addNumbers(id, /^(?:CWE-)?(\d{1,5})\b/i, numbers);
  }
  for (const tag of asArray(properties?.['tags']))
    if (typeof tag === 'string') addNumbers(tag, /\bcwe[-_: ]?(\d{1,5})\b/i, numbers);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (!isCweProperty(name)) continue;
    for (const one of [value].flat().slice(0, 50))
      if (typeof one === 'string' || typeof one === 'number') addNumbers(String(one), /^(?:cwe[-_: ]?)?(\d{1,5})\b/i, numbers);
  }
  if (numbers.size === 0) return noIds;
  return [...numbers].sort((a, b) => a - b).map((n) => `CWE-${n}`);
}

/** Property names that hold CWE ids: `cwe`, `cweId`, `cwe-ids`, `problem.cwe`. */
export function isCweProperty(name: string): boolean {
  return /(?:^|[._-])cwes?(?:[._-]?ids?)?$/i.test(name);
}

const noIds: readonly string[] = Object.freeze([]);

function addNumbers(text: string, pattern: RegExp, numbers: Set<number>): void {
  const match = pattern.exec(text.slice(0, 300));
  const number = Number(match?.[1] ?? 0);
  if (number > 0) numbers.add(number);
}

/** The id that a reportingDescriptorReference (§3.52) names, when its component is the CWE taxonomy. */
function taxonId(reference: unknown, taxonomies: readonly unknown[]): string | undefined {
  const object = asObject(reference);
  const component = asObject(object?.['toolComponent']);
  const id = asString(object?.['id']);
  const index = asInteger(component?.['index'], 0);
  const name = asString(component?.['name']);
  const guid = asString(component?.['guid']);
  const taxonomy = taxonomies
    .map(asObject)
    .find((one, i) => (name !== undefined ? one?.['name'] === name : guid !== undefined ? one?.['guid'] === guid : i === index));
  const known = asString(taxonomy?.['name']) ?? name;
  if (known === undefined ? !/^CWE-\d/i.test(id ?? '') : !/^cwe\b/i.test(known)) return undefined;
  if (id !== undefined) return id;
  const taxon = asInteger(object?.['index'], 0);
  return taxon === undefined ? undefined : asString(asObject(asArray(taxonomy?.['taxa'])[taxon])?.['id']);
}
