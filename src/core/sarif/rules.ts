import { advisoryIds } from '../findings/advisoryIds';
import { cleanLine, cleanText } from '../findings/cleanText';
import { httpsLinks } from '../findings/httpsLinks';
import type { CvssScore, FindingKind, Severity } from '../model/finding';
import { asArray, asInteger, asObject, asString } from './json';
import type { JsonObject } from './json';
import { messageString } from './message';
import { asLevel, cvssOf, securitySeverity } from './severity';
import type { Level } from './severity';
import { cweIds } from './weakness';

/** What a rule says about all its results; made once per rule, so its arrays and texts are shared by them. */
export interface RuleFacts {
  readonly id: string;
  /** Where the descriptor stands: component (-1 the driver, else the extension's index) and index; undefined: no descriptor. */
  readonly place?: { readonly component: number; readonly index: number };
  readonly guid?: string;
  /** `defaultConfiguration.level` (§3.50.2), warning where it says nothing. */
  readonly level: Level;
  readonly severity?: Severity;
  readonly cvss?: CvssScore;
  readonly cwe: readonly string[];
  readonly aliases: readonly string[];
  readonly references: readonly string[];
  readonly description?: string;
  /** Stands in for a result's message that cannot be resolved. */
  readonly title: string;
  readonly kind: FindingKind;
  /** Package URL of the one package that the rule is about, where it says so. */
  readonly purl?: string;
  /** Where message ids are looked up, in order (§3.11.7). */
  readonly strings: readonly (JsonObject | undefined)[];
}

/** Finds the rule of a result (its `ruleId`, `ruleIndex` and `rule`, §3.27.5 to §3.27.7). */
export type FindRule = (ruleId: unknown, ruleIndex: unknown, rule: unknown) => RuleFacts;

interface Component {
  readonly number: number;
  readonly object: JsonObject | undefined;
  readonly rules: readonly unknown[];
  readonly byId: ReadonlyMap<string, number>;
  readonly facts: RuleFacts[];
}

const unnamed = 'unspecified';

/** Makes the rule finder of one run from its `tool` (driver and extensions) and its taxonomies. */
export function ruleFinder(run: JsonObject): FindRule {
  const tool = asObject(run['tool']);
  const driver = component(asObject(tool?.['driver']), -1);
  const extensions = asArray(tool?.['extensions']).map((extension, i) => component(asObject(extension), i));
  const taxonomies = asArray(run['taxonomies']);
  const loose = new Map<string, RuleFacts>();

  const at = (owner: Component, index: number): RuleFacts | undefined => {
    const known = owner.facts[index];
    if (known !== undefined) return known;
    const descriptor = asObject(owner.rules[index]);
    if (descriptor === undefined) return undefined;
    return (owner.facts[index] = describe(descriptor, owner, index, taxonomies));
  };

  return function findRule(ruleId, ruleIndex, rule) {
    const reference = asObject(rule);
    const id = asString(ruleId) ?? asString(reference?.['id']);
    const index = asInteger(reference?.['index'], 0) ?? asInteger(ruleIndex, 0);
    const owner = findComponent(reference?.['toolComponent'], driver, extensions);
    if (index !== undefined) {
      const facts = at(owner, index);
      // An index whose descriptor bears another id is a producer's mistake; then the id is the better witness (§3.27.6).
      if (facts !== undefined && (id === undefined || isSameOrWithin(id, facts.id))) return named(facts, id, loose);
    }
    const guid = asString(reference?.['guid']);
    for (const candidate of owner === driver ? [driver, ...extensions] : [owner]) {
      const found = guid === undefined ? undefined : candidate.rules.findIndex((one) => asObject(one)?.['guid'] === guid);
      const place = found !== undefined && found >= 0 ? found : id === undefined ? undefined : indexOfId(candidate, id);
      const facts = place === undefined ? undefined : at(candidate, place);
      if (facts !== undefined) return named(facts, id, loose);
    }
    const name = cleanLine(id ?? '') || unnamed;
    let facts = loose.get(name);
    if (facts === undefined) loose.set(name, (facts = describe({ id: name }, driver, undefined, taxonomies)));
    return facts;
  };
}

/** A rule's facts under the id that the result uses: a hierarchical id (`CA2101/1`) keeps its last part (§3.27.5). */
function named(facts: RuleFacts, id: string | undefined, loose: Map<string, RuleFacts>): RuleFacts {
  const clean = id === undefined || id === facts.id ? facts.id : cleanLine(id);
  if (clean === facts.id || clean === '') return facts;
  const key = `${facts.place?.component ?? ''}:${facts.place?.index ?? ''}:${clean}`;
  let sub = loose.get(key);
  if (sub === undefined) loose.set(key, (sub = { ...facts, id: clean }));
  return sub;
}

function component(object: JsonObject | undefined, number: number): Component {
  const rules = asArray(object?.['rules']);
  const byId = new Map<string, number>();
  rules.forEach((rule, i) => {
    const id = asString(asObject(rule)?.['id']);
    if (id !== undefined && !byId.has(id)) byId.set(id, i);
  });
  return { number, object, rules, byId, facts: [] };
}

/** The component a toolComponentReference (§3.54) names: by index among the extensions, by guid, by name; else the driver. */
function findComponent(reference: unknown, driver: Component, extensions: readonly Component[]): Component {
  const object = asObject(reference);
  if (object === undefined) return driver;
  const index = asInteger(object['index'], 0);
  const byIndex = index === undefined ? undefined : extensions[index];
  if (byIndex !== undefined) return byIndex;
  const all = [driver, ...extensions];
  const { guid, name } = object;
  return (
    all.find((one) => guid !== undefined && one.object?.['guid'] === guid) ??
    all.find((one) => name !== undefined && one.object?.['name'] === name) ??
    driver
  );
}

function indexOfId(owner: Component, id: string): number | undefined {
  for (let part = id; part !== ''; part = part.slice(0, Math.max(0, part.lastIndexOf('/')))) {
    const index = owner.byId.get(part);
    if (index !== undefined) return index;
  }
  return undefined;
}

function isSameOrWithin(id: string, parent: string): boolean {
  return parent === unnamed || id === parent || id.startsWith(`${parent}/`);
}

function describe(
  descriptor: JsonObject,
  owner: Component,
  index: number | undefined,
  taxonomies: readonly unknown[],
): RuleFacts {
  const id = cleanLine(asString(descriptor['id']) ?? '') || unnamed;
  const properties = asObject(descriptor['properties']);
  const short = messageString(descriptor['shortDescription']);
  const full = messageString(descriptor['fullDescription']);
  const help = asObject(descriptor['help']);
  const helpText = messageString({ text: help?.['markdown'] ?? help?.['text'] });
  const description = [...new Set([full ?? short, helpText].filter((text) => text !== undefined))].join('\n\n');
  const targets = asArray(descriptor['relationships']).map((relationship) => asObject(relationship)?.['target']);
  const severity = securitySeverity(properties);
  const cvss = cvssOf(properties);
  const guid = asString(descriptor['guid']);
  // Rules that are advisories (Trivy, Grype and OSV-Scanner write one rule each) name the vulnerability by their id.
  // Of ids that come from elsewhere `deprecatedIds` (§3.49.5) are the other names of the same vulnerability (OSV-Scanner).
  const own = advisoryIds(id);
  const aliases = own.length === 0 ? own : advisoryIds(id, ...asArray(descriptor['deprecatedIds']).slice(0, 50));
  const purls = asArray(properties?.['purls']);
  const purl = purls.length === 1 ? asString(purls[0]) : undefined;
  return {
    id,
    ...(index === undefined ? {} : { place: { component: owner.number, index } }),
    ...(guid === undefined ? {} : { guid }),
    level: asLevel(asObject(descriptor['defaultConfiguration'])?.['level']) ?? 'warning',
    ...(severity === undefined ? {} : { severity }),
    ...(cvss === undefined ? {} : { cvss }),
    cwe: cweIds(targets, properties, taxonomies),
    aliases,
    references: httpsLinks([descriptor['helpUri']]),
    ...(description === '' ? {} : { description: cleanText(description) }),
    title: cleanLine(short ?? full ?? asString(descriptor['name']) ?? '', 300) || id,
    kind: kindOf(aliases, properties),
    ...(purl === undefined ? {} : { purl }),
    strings: [asObject(descriptor['messageStrings']), asObject(owner.object?.['globalMessageStrings'])],
  };
}

function kindOf(aliases: readonly string[], properties: JsonObject | undefined): FindingKind {
  if (aliases.length > 0) return 'dependency';
  const tags = asArray(properties?.['tags']).filter((tag) => typeof tag === 'string');
  return tags.some((tag) => /^secrets?$/i.test(tag)) ? 'secret' : 'code';
}
