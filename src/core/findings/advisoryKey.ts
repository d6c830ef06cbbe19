import type { PackageRef } from '../model/finding';

/**
 * The id that stands for a set of aliases of one vulnerability: the first GHSA in order, else the first CVE, else the first
 * of any other kind, else the rule. GHSA comes first because npm's audit, OSV and GitHub all carry it, while a CVE is often
 * assigned later: an id chosen by CVE would change on that day.
 */
export function canonicalAdvisory(aliases: readonly string[], ruleId: string): string {
  const sorted = aliases.map((alias) => alias.toUpperCase()).sort();
  return (
    sorted.find((alias) => alias.startsWith('GHSA-')) ??
    sorted.find((alias) => alias.startsWith('CVE-')) ??
    sorted[0] ??
    ruleId.toUpperCase()
  );
}

/** The manifest for which a lock file stands: scanners name either one for the same dependency. */
const manifestOfLock: ReadonlyMap<string, string> = new Map([
  ['package-lock.json', 'package.json'],
  ['npm-shrinkwrap.json', 'package.json'],
  ['yarn.lock', 'package.json'],
  ['pnpm-lock.yaml', 'package.json'],
  ['bun.lock', 'package.json'],
  ['poetry.lock', 'pyproject.toml'],
  ['uv.lock', 'pyproject.toml'],
  ['pdm.lock', 'pyproject.toml'],
  ['pipfile.lock', 'pipfile'],
  ['gemfile.lock', 'gemfile'],
  ['go.sum', 'go.mod'],
  ['cargo.lock', 'cargo.toml'],
  ['composer.lock', 'composer.json'],
  ['packages.lock.json', 'packages.config'],
  ['pubspec.lock', 'pubspec.yaml'],
  ['mix.lock', 'mix.exs'],
]);

/**
 * Package without version plus manifest: what stays when a dependency is updated but remains vulnerable. Python names
 * are compared as PEP 503 normalises them; lock files count as their manifest. `component` tells repositories or images of one
 * report apart where it speaks of several.
 */
export function packagePlaceKey(ref: PackageRef, component = ''): string {
  const name = ref.ecosystem === 'pypi' ? ref.name.toLowerCase().replace(/[-_.]+/g, '-') : ref.name;
  const slash = ref.manifest.lastIndexOf('/') + 1;
  const file = ref.manifest.slice(slash);
  const manifest = manifestOfLock.get(file.toLowerCase());
  return `${ref.ecosystem}\u0000${name}\u0000${ref.manifest.slice(0, slash)}${manifest ?? file}\u0000${component}`;
}
