import type { Finding, Location } from '../model/finding';
import { packagePlaceKey } from './advisoryKey';
import { combineFindings, compareFindings, compareText } from './combine';
import { ruleKey } from './ruleKey';
import { UnionFind } from './unionFind';
import { eachStep, finish, perStep, sortSteps } from '../steps';
import type { Steps } from '../steps';

/**
 * One finding for each thing that several results say, over all reports:
 * - dependency: the same advisory, through the closure of the aliases that any report gives, in the same package and manifest;
 * - code: the same id (the same result seen in several reports), or the same rule at the same place told by different
 *   reports, or by different scanners of one report. Results of one scanner in one report are never merged with each other by
 *   place: a tool that reports twice means two.
 * The result does not depend on the order of the input, which may itself be merged already; it is sorted by path and line.
 */
export function mergeFindings(findings: readonly Finding[]): Finding[] {
  return finish(mergeSteps(findings));
}

/** The same in steps. */
export function* mergeSteps(findings: readonly Finding[]): Steps<Finding[]> {
  const dependencies: Finding[] = [];
  const others: Finding[] = [];
  yield* eachStep(findings, (finding) => (finding.package === undefined ? others : dependencies).push(finding));
  const merged = mergeDependencies(dependencies);
  yield;
  yield* eachStep(yield* mergePlaces(yield* mergeIds(others)), (finding) => merged.push(finding));
  return yield* sortByPlace(merged);
}

/** Most ids occur once, so lists are made only for those that do not. */
function* mergeIds(findings: readonly Finding[]): Steps<readonly Finding[]> {
  const first = new Map<string, Finding>();
  const repeated = new Map<string, Finding[]>();
  yield* eachStep(findings, (finding) => {
    const { id } = finding;
    const other = first.get(id);
    if (other === undefined) first.set(id, finding);
    else if (repeated.has(id)) add(repeated, id, finding);
    else repeated.set(id, [other, finding]);
  });
  if (repeated.size === 0) return findings;
  yield* eachStep(repeated, ([id, parts]) => first.set(id, combineFindings(parts)));
  return [...first.values()];
}

/** Groups by canonical alias, package and manifest; findings without any alias by their rule. */
function mergeDependencies(findings: readonly Finding[]): Finding[] {
  const aliases = new UnionFind();
  for (const { aliases: own } of findings) for (const alias of own) aliases.join(own[0] ?? alias, alias);
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (finding.package === undefined) continue;
    const [alias] = finding.aliases;
    const advisory = alias === undefined ? `rule\u0000${finding.ruleId.toUpperCase()}` : `alias\u0000${aliases.find(alias)}`;
    add(groups, `${advisory}\u0000${packagePlaceKey(finding.package, finding.component)}`, finding);
  }
  return [...groups.values()].map(combineFindings);
}

/** Same rule, same file, same start line, overlapping region, and no source in common: a scanner in a report. */
function* mergePlaces(findings: readonly Finding[]): Steps<readonly Finding[]> {
  if (!(yield* hasSeveralSources(findings))) return findings;
  const buckets = new Map<string, Finding[]>();
  yield* eachStep(findings, (finding) => {
    const place = finding.locations[0];
    const key =
      place?.startLine === undefined
        ? `id\u0000${finding.id}`
        : `${ruleKey(finding.ruleId)}\u0000${place.path}\u0000${String(place.startLine)}`;
    add(buckets, key, finding);
  });
  const merged: Finding[] = [];
  yield* eachStep(buckets.values(), (bucket) => {
    for (const finding of bucket.length === 1 ? bucket : mergeBucket(bucket)) merged.push(finding);
  });
  return merged;
}

function* hasSeveralSources(findings: readonly Finding[]): Steps<boolean> {
  const first = findings[0]?.witnesses[0];
  for (const [index, finding] of findings.entries()) {
    if (finding.witnesses.some(({ file, scanner }) => file !== first?.file || scanner !== first.scanner)) return true;
    if (index % perStep === perStep - 1) yield;
  }
  return false;
}

/**
 * Each finding joins the first group whose first part it overlaps. Only first parts are compared: whether two groups could
 * become one is then the same question before and after merging, so that merging what is merged changes nothing.
 */
function mergeBucket(bucket: readonly Finding[]): Finding[] {
  const groups: { parts: Finding[]; sources: Set<string> }[] = [];
  for (const finding of [...bucket].sort(compareFindings)) {
    const sources = finding.witnesses.map(({ file, scanner }) => `${file}\u0000${scanner}`);
    const group = groups.find(
      (one) => overlaps(one.parts[0]?.locations[0], finding.locations[0]) && !sources.some((source) => one.sources.has(source)),
    );
    if (group === undefined) groups.push({ parts: [finding], sources: new Set(sources) });
    else {
      group.parts.push(finding);
      for (const source of sources) group.sources.add(source);
    }
  }
  return groups.map((group) => combineFindings(group.parts));
}

/** On the same start line; a region without columns covers its lines, one without an end reaches to the end of the line. */
function overlaps(a: Location | undefined, b: Location | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const end = (place: Location): number =>
    place.endLine !== undefined && place.endLine > (place.startLine ?? 0) ? Infinity : (place.endColumn ?? Infinity);
  const start = (place: Location): number => place.startColumn ?? 1;
  return start(a) === start(b) || (start(a) < end(b) && start(b) < end(a));
}

/** By path, line, column, id. Grouped by path first, since comparing long paths is what sorting costs. */
function* sortByPlace(findings: readonly Finding[]): Steps<Finding[]> {
  const byPath = new Map<string, Placed[]>();
  yield* eachStep(findings, (finding) => {
    const place = finding.locations[0];
    add(byPath, place?.path ?? '', { finding, line: place?.startLine ?? 0, column: place?.startColumn ?? 0 });
  });
  const sorted: Finding[] = [];
  let stopAt = perStep;
  for (const path of yield* sortSteps([...byPath.keys()], compareText)) {
    for (const { finding } of yield* sortSteps(byPath.get(path) ?? [], compareInFile)) sorted.push(finding);
    // Most files have a handful, which are sorted without a stop.
    if (sorted.length < stopAt) continue;
    stopAt = sorted.length + perStep;
    yield;
  }
  return sorted;
}

/** A finding with where it stands in its file, which is asked for once and not at every comparison. */
interface Placed {
  readonly finding: Finding;
  readonly line: number;
  readonly column: number;
}

function compareInFile(a: Placed, b: Placed): number {
  return a.line - b.line || a.column - b.column || compareText(a.finding.id, b.finding.id);
}

function add<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}
