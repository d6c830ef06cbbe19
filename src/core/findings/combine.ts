import { compare, valid } from 'semver';
import { severities } from '../model/finding';
import type { CvssScore, Finding, PackageRef, Witness } from '../model/finding';
import { plainFinding } from './findingHandle';
import { dependencyId } from './identity';

/** Newest version of CVSS first: 4.0 before 3.1 before 3.0 before 2.0. */
const cvssRank: Readonly<Record<CvssScore['version'], number>> = { '4.0': 0, '3.1': 1, '3.0': 2, '2.0': 3 };
const baselineRank = { new: 0, updated: 1, unchanged: 2, absent: 3 } as const;

/** Order of findings that does not depend on the order of reports: place, scanner, file, index. */
export function compareFindings(a: Finding, b: Finding): number {
  const [left, right] = [a.witnesses[0], b.witnesses[0]];
  return (
    (a.locations[0]?.startColumn ?? 0) - (b.locations[0]?.startColumn ?? 0) ||
    compareText(left?.scanner ?? a.scanner, right?.scanner ?? b.scanner) ||
    compareText(left?.file ?? '', right?.file ?? '') ||
    (left?.index ?? 0) - (right?.index ?? 0) ||
    compareText(a.id, b.id)
  );
}

/**
 * One finding from several that are the same: the first in `compareFindings` order gives title, rule and place; severity is
 * the worst, CVSS the best known (4.0, 3.1, 3.0, 2.0; of one version the higher score), sets are united, and it is suppressed
 * only when every part is. Combining parts that were combined before gives the same.
 */
export function combineFindings(parts: readonly Finding[]): Finding {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const sorted = parts.map(plainFinding).sort(compareFindings);
  const [first] = sorted;
  if (first === undefined) throw new RangeError('nothing to combine');
  const aliases = union(sorted, (part) => part.aliases).sort();
  const ref = combinePackages(sorted.flatMap((part) => (part.package === undefined ? [] : [part.package])));
  const suppressions = uniqueJson(sorted.flatMap((part) => part.suppressions ?? []));
  const cvss = sorted
    .flatMap((part) => (part.cvss === undefined ? [] : [part.cvss]))
    .sort((a, b) => cvssRank[a.version] - cvssRank[b.version] || b.score - a.score || compareText(a.vector, b.vector))[0];
  const merged: Finding = {
    ...plainFinding(firstOf(sorted, ref?.manifest)),
    aliases,
    cwe: union(sorted, (part) => part.cwe).sort((a, b) => a.localeCompare(b, 'en', { numeric: true })),
    severity: severities[Math.min(...sorted.map((part) => severities.indexOf(part.severity)))] ?? first.severity,
    references: union(sorted, (part) => part.references),
    suppressed: sorted.every((part) => part.suppressed),
    witnesses: combineWitnesses(sorted),
    ...(ref === undefined ? {} : { package: ref }),
    ...(cvss === undefined ? {} : { cvss }),
    ...(suppressions.length === 0 ? {} : { suppressions }),
  };
  const ids = new Set(sorted.flatMap((part) => [part.id, ...(part.formerIds ?? [])]));
  // The id of a dependency follows from the united aliases; of code the smallest is taken, whatever the order of reports.
  const id = ref === undefined ? ([...ids].sort()[0] ?? first.id) : dependencyId(merged);
  ids.delete(id);
  const { formerIds: _, ...rest } = merged;
  return { ...rest, id, ...(ids.size === 0 ? {} : { formerIds: [...ids].sort() }) };
}

/**
 * Every optional field from the first part that has it, of places one with a line, in the manifest where there is one, and of
 * baselines the newest state.
 */
function firstOf(sorted: readonly Finding[], manifest: string | undefined): Finding {
  const merged = plainFinding(Object.assign({}, ...[...sorted].reverse().map(plainFinding)) as Finding);
  const properties = Object.assign({}, ...[...sorted].reverse().map((part) => part.properties ?? {})) as Record<string, unknown>;
  const baseline = sorted
    .flatMap((part) => (part.baselineState === undefined ? [] : [part.baselineState]))
    .sort((a, b) => baselineRank[a] - baselineRank[b])[0];
  const placed = sorted.map((part) => part.locations).filter((locations) => locations[0]?.startLine !== undefined);
  const place = placed.find((locations) => locations[0]?.path === manifest) ?? placed[0];
  return {
    ...merged,
    ...(place === undefined ? {} : { locations: place }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(baseline === undefined ? {} : { baselineState: baseline }),
  };
}

/** The lowest installed version stands for all: it is the one that every fix must leave behind. */
function combinePackages(refs: readonly PackageRef[]): PackageRef | undefined {
  const sorted = [...refs].sort(
    (a, b) => compareVersions(a.version, b.version) || compareText(a.manifest, b.manifest) || compareText(a.purl, b.purl),
  );
  const [first] = sorted;
  if (first === undefined) return undefined;
  // Of manifest and lock file the manifest is named: it is what a person edits. It is the one that another part calls so.
  const manifest = sorted.find((ref) => !/lock|shrinkwrap|\.sum$/i.test(ref.manifest))?.manifest ?? first.manifest;
  const ranges = [...new Set(sorted.flatMap((ref) => ref.vulnerableRange?.split(' || ') ?? []))].sort();
  const via = sorted.find((ref) => ref.via !== undefined)?.via;
  return {
    ...first,
    manifest,
    fixedVersions: [...new Set(sorted.flatMap((ref) => ref.fixedVersions))].sort(compareVersions),
    ...(ranges.length === 0 ? {} : { vulnerableRange: ranges.join(' || ') }),
    ...(sorted.some((ref) => ref.direct !== undefined) ? { direct: sorted.some((ref) => ref.direct === true) } : {}),
    ...(via === undefined ? {} : { via }),
  };
}

function combineWitnesses(sorted: readonly Finding[]): readonly Witness[] {
  const all = new Map<string, Witness>();
  for (const part of sorted) {
    for (const witness of part.witnesses)
      all.set(`${witness.file}\u0000${String(witness.index)}\u0000${witness.ruleId}`, witness);
  }
  return [...all.values()].sort(
    (a, b) =>
      compareText(a.scanner, b.scanner) || compareText(a.file, b.file) || a.index - b.index || compareText(a.ruleId, b.ruleId),
  );
}

/** Semver order where both are versions; what is none sorts behind, by text; unknown last. */
export function compareVersions(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  const [left, right] = [valid(a), valid(b)];
  if (left !== null && right !== null) return compare(left, right) || compareText(a, b);
  return left !== null ? -1 : right !== null ? 1 : compareText(a, b);
}

function union<T>(parts: readonly Finding[], of: (part: Finding) => readonly T[]): T[] {
  return [...new Set(parts.flatMap((part) => of(part)))];
}

function uniqueJson<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** By code units, whatever the locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
