import { Range } from 'semver';
import type { Finding } from '../model/finding';
import type { PlannedTest } from './plannedTest';

export const dependencyFailure = 'Patchline: vulnerable version:';

/** One advisory of the package: its ids and the affected range, as npm's range grammar reads it. */
export interface VersionRule {
  readonly id: string;
  readonly range: string;
}

type Comparator = readonly [operator: string, version: string];

/** The lock file that decides which copies are installed: beside the manifest, or at the root of its workspace. */
export interface LockPlace {
  readonly path: string;
  readonly lockfileVersion: 1 | 2 | 3;
}

/**
 * Asserts that every installed copy of the package (all that the lock file knows, and what lies in node_modules) is outside of
 * the affected ranges. The ranges are written out as plain bounds, so that the project needs no semver package.
 * Weaker than behaviour: it shows which version is there, not what the version does.
 * @param manifest - the finding's manifest as seen from where the test is run, like the path of `lock`
 */
export function planDependencyVersion(
  finding: Finding,
  manifest: string,
  findings: readonly Finding[],
  fixedVersion: string | undefined,
  lock: LockPlace | undefined,
  typescript = false,
): PlannedTest | { readonly because: string } {
  const name = finding.package?.name;
  if (name === undefined || finding.package?.ecosystem !== 'npm') return { because: 'only npm packages can be tested so far' };
  const rules = versionRules(name, [finding, ...findings]);
  const affected = rules.flatMap(({ id, range }) => boundsOf(range).map((bounds) => ({ id, range, bounds })));
  if (affected.length === 0 && fixedVersion === undefined) return { because: 'no affected range of the package is known' };
  if (affected.length === 0 && fixedVersion !== undefined) {
    affected.push({ id: finding.aliases[0] ?? finding.ruleId, range: `<${fixedVersion}`, bounds: [['<', fixedVersion]] });
  }
  const ids = [...new Set(affected.map(({ id }) => id))];
  const t = (type: string): string => (typescript ? type : '');
  const folder = manifest.includes('/') ? manifest.slice(0, manifest.lastIndexOf('/') + 1) : '';
  const table = affected
    .map(
      ({ id, range, bounds }) =>
        `  { id: ${js(id)}, range: ${js(range)}, bounds: [${bounds.map(([operator, version]) => `[${js(operator)}, ${js(version)}]`).join(', ')}] },`,
    )
    .join('\n');
  return {
    plan: {
      findingId: finding.id,
      title: `${name}: vulnerable versions`,
      stem: `${name.replace(/^@/, '').replace('/', '-')}.version`,
      comment: `${manifest}: no installed copy of ${name} may be one that an advisory affects (${ids.join(', ')}). This shows which version is installed, not how it behaves.`,
      imports: [{ names: 'fs', from: 'node:fs' }],
      support: [
        `const affected${t(': { id: string; range: string; bounds: [string, string][] }[]')} = [\n${table}\n];`,
        installedSupport(name, folder, lock, t),
        compareSupport(t),
      ],
      cases: [
        {
          name: `no installed copy of ${name} is affected by a known advisory`,
          body: `const copies = installedCopies();
assert.ok(copies.length > 0, 'no installed copy of ${name} was found');
for (const { where, version } of copies) {
  for (const { id, range, bounds } of affected) {
    const hit = bounds.every(([operator, bound]) => holds(compareVersions(version, bound), operator));
    assert.equal(hit, false, \`${dependencyFailure} \${where} is ${name} \${version}, which \${id} affects (\${range})\`);
  }
}`,
        },
      ],
    },
    strength: 'version',
    expectedFailure: dependencyFailure,
    claim: `Shows that every installed copy of ${name} is outside of the ranges that ${plural(ids.length, 'known advisory affects', 'known advisories affect')}; it shows the version, not its behaviour.`,
  };
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const js = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** Every advisory of the package that the findings know, each once. */
export function versionRules(name: string, findings: readonly Finding[]): readonly VersionRule[] {
  const rules = new Map<string, VersionRule>();
  for (const finding of findings) {
    const range = finding.package?.vulnerableRange;
    if (finding.package?.name !== name || finding.package.ecosystem !== 'npm' || range === undefined) continue;
    const id = finding.aliases.find((alias) => alias.startsWith('GHSA-')) ?? finding.aliases[0] ?? finding.ruleId;
    rules.set(`${id} ${range}`, { id, range });
  }
  return [...rules.values()];
}

/** A range as alternatives of bounds that all hold: `<4.17.21` → `[['<','4.17.21']]`; GitHub's commas are read as spaces. */
function boundsOf(range: string): readonly (readonly Comparator[])[] {
  try {
    return new Range(range.replaceAll(',', ' '), { includePrerelease: true }).set.map((alternative) =>
      alternative.flatMap((comparator): readonly Comparator[] =>
        comparator.semver instanceof Object && comparator.value !== ''
          ? [[comparator.operator === '' ? '=' : comparator.operator, comparator.semver.version]]
          : [],
      ),
    );
  } catch {
    return [];
  }
}

function installedSupport(name: string, folder: string, lock: LockPlace | undefined, t: (type: string) => string): string {
  const path = lock?.path ?? `${folder}package-lock.json`;
  // Version 1 has no table of places: it nests them.
  const nested =
    lock?.lockfileVersion === 1
      ? `
    const walk = (dependencies${t(': any')}, parent${t(': string')}) => {
      for (const [key, entry] of Object.entries${t('<any>')}(dependencies ?? {})) {
        const [, own = key, version = entry.version] = /^npm:(.+)@([^@]+)$/.exec(entry.version) ?? [];
        if (own === ${js(name)}) copies.push({ where: ${js(`${path} `)} + \`\${parent}node_modules/\${key}\`, version });
        walk(entry.dependencies, \`\${parent}node_modules/\${key}/\`);
      }
    };
    if (lock.packages === undefined) walk(lock.dependencies, '');`
      : '';
  return `/** Every copy of the package that the lock file names, and the one that the project itself loads. */
function installedCopies() {
  const copies${t(': { where: string; version: string }[]')} = [];
  if (fs.existsSync(${js(path)})) {
    const lock = JSON.parse(fs.readFileSync(${js(path)}, 'utf8').replace(/^\\uFEFF/, ''));
    for (const [where, entry] of Object.entries${t('<any>')}(lock.packages ?? {})) {
      const own = (entry.name ?? where.split('node_modules/').at(-1)) === ${js(name)};
      if (own && where.includes('node_modules/') && !entry.link) copies.push({ where: ${js(`${path} `)} + where, version: entry.version });
    }${nested}
  }
  const manifest = ${js(`${folder}node_modules/${name}/package.json`)};
  if (fs.existsSync(manifest)) copies.push({ where: manifest, version: JSON.parse(fs.readFileSync(manifest, 'utf8')).version });
  return copies;
}`;
}

/** Semantic Versioning 2.0.0, item 11: numbers by size, a prerelease below its release, its parts one by one. */
function compareSupport(t: (type: string) => string): string {
  return `/** Below 0, 0 or above 0, by Semantic Versioning (item 11). */
function compareVersions(left${t(': string')}, right${t(': string')}) {
  const parse = (version${t(': string')}) => {
    const [core = '', ...pre] = version.replace(/\\+.*$/, '').split('-');
    return { numbers: core.split('.').map(Number), pre: pre.length === 0 ? [] : pre.join('-').split('.') };
  };
  const a = parse(left);
  const b = parse(right);
  for (const i of [0, 1, 2]) {
    const step = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0);
    if (step !== 0) return step;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length - a.pre.length;
  for (let i = 0; i < Math.max(a.pre.length, b.pre.length); i++) {
    const [x, y] = [a.pre[i], b.pre[i]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    if (x === y) continue;
    const [p, q] = [/^\\d+$/.test(x), /^\\d+$/.test(y)];
    if (p && q) return Number(x) - Number(y);
    if (p !== q) return p ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

function holds(order${t(': number')}, operator${t(': string')}) {
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  if (operator === '>') return order > 0;
  if (operator === '>=') return order >= 0;
  return order === 0;
}`;
}
