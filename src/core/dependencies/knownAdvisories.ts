import { compare, major, minor, satisfies, valid, validRange } from 'semver';
import type { Finding } from '../model/finding';
import { osvAffects } from './osvRange';
import type { OsvAffected } from './osvRange';

/** What is known of one advisory about one npm package. */
export interface KnownAdvisory {
  /** CVE, GHSA, …; the first is the one to name. */
  readonly ids: readonly string[];
  readonly source: 'report' | 'registry';
  /** The affected versions as npm audit (`<4.17.21`, `>=1 <2 || …`) or GitHub (`>= 1.0, < 2.0`) write them. */
  readonly range?: string;
  /** OSV's `affected`, where the source speaks OSV. */
  readonly osv?: readonly OsvAffected[];
  /** Versions said to be fixed: a hint that counts only where no range is given. */
  readonly fixed: readonly string[];
}

/** The advisories about a package that the open findings carry, whatever scanner and manifest they come from. */
export function advisoriesOfFindings(findings: readonly Finding[], name: string): readonly KnownAdvisory[] {
  return findings.flatMap((finding) => {
    const reference = finding.package;
    if (reference === undefined || reference.ecosystem !== 'npm' || reference.name !== name) return [];
    return [
      {
        ids: finding.aliases.length > 0 ? finding.aliases : [finding.ruleId],
        source: 'report' as const,
        ...(reference.vulnerableRange === undefined ? {} : { range: reference.vulnerableRange }),
        fixed: reference.fixedVersions,
      },
    ];
  });
}

/**
 * All advisories, each once: where the registry knows one that a report names too, the registry's range stands, since
 * published ranges are corrected after a report was written.
 */
export function mergeAdvisories(
  fromReports: readonly KnownAdvisory[],
  fromRegistry: readonly KnownAdvisory[],
): readonly KnownAdvisory[] {
  const fresh = new Set(fromRegistry.flatMap((advisory) => advisory.ids));
  return [...fromRegistry, ...fromReports.filter((advisory) => !advisory.ids.some((id) => fresh.has(id)))];
}

/**
 * Whether a version is affected; undefined where that cannot be told: the advisory has no range and no fixed version, or a range
 * that npm's grammar does not read, or the version is none (a git address in a lock of version 1). Prereleases lie inside a range like any other version: `4.17.21-rc.1` is below `4.17.21`.
 */
export function affects(advisory: KnownAdvisory, name: string, version: string): boolean | undefined {
  if (advisory.osv !== undefined) return osvAffects(advisory.osv, name, version);
  if (valid(version, { loose: true }) === null) return undefined;
  if (advisory.range !== undefined && advisory.range.trim() !== '') {
    const range = normaliseRange(advisory.range);
    if (range === undefined) return undefined;
    return satisfies(version, range, { includePrerelease: true, loose: true });
  }
  return affectedByHint(advisory.fixed, version);
}

/** GitHub joins comparators with commas and writes `= 1.2.3`; npm's grammar wants spaces. */
function normaliseRange(range: string): string | undefined {
  const spaced = range.replaceAll(',', ' ').trim();
  return validRange(spaced, { loose: true, includePrerelease: true }) === null ? undefined : spaced;
}

/**
 * Without a range: clean from the fixed version of its own line on. A line is a minor where several minors of a major have a fix
 * of their own (`15.0.5, 15.1.9`: 15.1.0 is above the first and not fixed); above the last of them all is fixed.
 */
function affectedByHint(fixed: readonly string[], version: string): boolean | undefined {
  const versions = fixed.flatMap((each) => valid(each, { loose: true }) ?? []).sort((a, b) => compare(a, b));
  const highest = versions.at(-1);
  if (highest === undefined) return undefined;
  const reached = (each: string | undefined): boolean => each !== undefined && compare(version, each, { loose: true }) >= 0;
  const ofMajor = versions.filter((each) => major(each) === major(version, { loose: true }));
  const ofMinor = ofMajor.filter((each) => minor(each) === minor(version, { loose: true }));
  return ![highest, ofMajor.at(-1), ofMinor.at(-1)].some(reached);
}
