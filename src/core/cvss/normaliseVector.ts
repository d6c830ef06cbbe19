import type { CvssScore } from '../model/finding';

/** The metrics of one version: legal values, mandatory ones first as `base`. */
interface MetricTable {
  readonly base: Readonly<Record<string, string>>;
  readonly optional: Readonly<Record<string, string>>;
}

const threatAndEnvironment3 = {
  E: 'X U P F H', RL: 'X O T W U', RC: 'X U R C', CR: 'X L M H', IR: 'X L M H', AR: 'X L M H',
  MAV: 'X N A L P', MAC: 'X L H', MPR: 'X N L H', MUI: 'X N R', MS: 'X U C', MC: 'X N L H', MI: 'X N L H', MA: 'X N L H',
}; // oxfmt-ignore
const base3 = { AV: 'N A L P', AC: 'L H', PR: 'N L H', UI: 'N R', S: 'U C', C: 'N L H', I: 'N L H', A: 'N L H' };

/** CVSS 2.0 §3.2, 3.0 §6, 3.1 §6, 4.0 §7: names and values as their tables list them. */
const tables: Readonly<Record<CvssScore['version'], MetricTable>> = {
  '2.0': {
    base: { AV: 'L A N', AC: 'H M L', Au: 'M S N', C: 'N P C', I: 'N P C', A: 'N P C' },
    optional: {
      E: 'U POC F H ND', RL: 'OF TF W U ND', RC: 'UC UR C ND', CDP: 'N L LM MH H ND', TD: 'N L M H ND',
      CR: 'L M H ND', IR: 'L M H ND', AR: 'L M H ND',
    }, // oxfmt-ignore
  },
  '3.0': { base: base3, optional: threatAndEnvironment3 },
  '3.1': { base: base3, optional: threatAndEnvironment3 },
  '4.0': {
    base: {
      AV: 'N A L P', AC: 'L H', AT: 'N P', PR: 'N L H', UI: 'N P A',
      VC: 'H L N', VI: 'H L N', VA: 'H L N', SC: 'H L N', SI: 'H L N', SA: 'H L N',
    }, // oxfmt-ignore
    optional: {
      E: 'X A P U', CR: 'X H M L', IR: 'X H M L', AR: 'X H M L',
      MAV: 'X N A L P', MAC: 'X L H', MAT: 'X N P', MPR: 'X N L H', MUI: 'X N P A',
      MVC: 'X H L N', MVI: 'X H L N', MVA: 'X H L N', MSC: 'X H L N', MSI: 'X S H L N', MSA: 'X S H L N',
      S: 'X N P', AU: 'X N Y', R: 'X A U I', V: 'X D C', RE: 'X L M H', U: 'X Clear Green Amber Red',
    }, // oxfmt-ignore
  },
};

export type NormalVector =
  | { readonly version: CvssScore['version']; readonly base: string; readonly full: string }
  | { readonly error: string };

/**
 * Checks a vector metric by metric against its version's tables: every mandatory metric once, nothing twice, nothing unknown.
 * Gives the base metrics in the specification's order and the whole vector, both with the version's prefix (2.0 has none).
 * Order is not checked: 3.x allows any, and 4.0's fixed order is broken by enough publishers that refusing helps nobody.
 */
export function normaliseVector(raw: string): NormalVector {
  const text = raw.trim().replace(/^\((.*)\)$/, '$1');
  if (text === '') return { error: 'an empty line' };
  if (text.length > 400) return { error: 'longer than any CVSS vector' };
  const prefix = /^CVSS:(\d+\.\d+)\//.exec(text);
  const version = prefix?.[1] ?? '2.0';
  if (!isVersion(version)) return { error: `CVSS version ${version} is not known: 2.0, 3.0, 3.1 and 4.0 are` };
  const table = tables[version];
  const metrics = new Map<string, string>();
  for (const part of text.slice(prefix?.[0].length ?? 0).split('/')) {
    const [name = '', value = '', ...rest] = part.split(':');
    const legal = ownValue(table.base, name) ?? ownValue(table.optional, name);
    if (legal === undefined || rest.length > 0) return { error: `“${part}” is no metric of CVSS ${version}` };
    if (!legal.split(' ').includes(value))
      return { error: `${name} cannot be “${value}” in CVSS ${version}: ${legal.split(' ').join(', ')}` };
    if (metrics.has(name)) return { error: `${name} stands twice` };
    metrics.set(name, value);
  }
  const missing = Object.keys(table.base).filter((name) => !metrics.has(name));
  if (missing.length > 0)
    return { error: `${missing.join(', ')} missing: CVSS ${version} asks for ${missing.length === 1 ? 'it' : 'them'}` };
  const start = version === '2.0' ? '' : `CVSS:${version}/`;
  const write = (names: readonly string[]) =>
    start +
    names
      .filter((name) => metrics.has(name))
      .map((name) => `${name}:${metrics.get(name) ?? ''}`)
      .join('/');
  return {
    version,
    base: write(Object.keys(table.base)),
    full: write([...Object.keys(table.base), ...Object.keys(table.optional)]),
  };
}

function isVersion(version: string): version is CvssScore['version'] {
  return Object.hasOwn(tables, version);
}

function ownValue(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
