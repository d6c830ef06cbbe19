import { cleanLine } from '../findings/cleanText';
import { artifactResolver } from './artifactPath';
import type { ResolveArtifact } from './artifactPath';
import type { LineOf } from './columns';
import { asArray, asInteger, asObject, asString } from './json';
import type { JsonObject } from './json';
import { OffsetIndex } from './offsetIndex';
import type { OffsetsOf } from './offsetIndex';
import { ruleFinder } from './rules';
import type { FindRule, RuleFacts } from './rules';
import { asLevel } from './severity';
import type { Level } from './severity';
import type { Tally } from './tally';

/** What the results of one run are read against (SARIF 2.1.0 §3.14). */
export interface RunContext {
  /** Index of the run in the log. */
  readonly number: number;
  /** The report's name, for witnesses. */
  readonly file: string;
  readonly scanner: string;
  readonly tally: Tally;
  /** Findings are made without code flows, properties and long messages, and without snippets where a fingerprint is there. */
  readonly lean: boolean;
  /** Set when the run's columns count Unicode code points (§3.14.27). */
  readonly codePointLines: LineOf | undefined;
  /** The text that was scanned (`run.artifacts[].contents`, §3.24.8), else the workspace's, for places by offsets alone. */
  readonly offsetsOf: OffsetsOf;
  readonly findRule: FindRule;
  readonly resolve: ResolveArtifact;
  readonly taxonomies: readonly unknown[];
  readonly threadFlowLocations: readonly unknown[];
  /** The level that the invocation's `ruleConfigurationOverrides` give a rule. */
  overriddenLevel(rule: RuleFacts, invocation: number | undefined): Level | undefined;
}

/** Where a report is read: its name, the absolute workspace root, and the tally of the whole report. */
export interface ReadingPlace {
  readonly file: string;
  readonly root: string;
  readonly tally: Tally;
  /** Leave out what `readDetail` reads again when a person opens the finding. */
  readonly lean?: boolean;
  /** Lines of workspace files, for columns that count code points. */
  readonly lineOf?: LineOf;
  /** Texts of workspace files, for places that are given by offsets alone. */
  readonly offsetsOf?: OffsetsOf;
}

/** The tool's name where a run does not say it. */
const unknownTool = 'unknown tool';

/**
 * Prepares a run: `run` is the run object, its `results` are not looked at. `readArtifacts` stands in for its `artifacts`, the
 * one large member that most runs do not need.
 */
export function createRunContext(
  run: JsonObject,
  number: number,
  place: ReadingPlace,
  readArtifacts?: () => unknown,
): RunContext {
  const { tally } = place;
  const invocations = asArray(run['invocations']).map(asObject);
  const taxonomies = [...asArray(run['taxonomies'])];
  const overrides = invocations.map((invocation) => readOverrides(invocation));
  const resolve = artifactResolver(run, {
    root: place.root,
    readArtifacts,
    onRebased: (base) => tally.note(`Places below ${base}, where the scan ran, were taken relative to the workspace`),
  });
  let contents: ReadonlyMap<string, OffsetIndex> | undefined;
  return {
    number,
    file: place.file,
    scanner: scannerName(run),
    tally,
    lean: place.lean ?? false,
    // Without columnKind (the specification demands it) columns are taken for UTF-16 units, as most producers count.
    codePointLines: run['columnKind'] === 'unicodeCodePoints' ? place.lineOf : undefined,
    findRule: ruleFinder(run),
    resolve,
    offsetsOf(path) {
      contents ??= contentsOf(readArtifacts === undefined ? run['artifacts'] : readArtifacts(), resolve);
      return contents.get(path) ?? place.offsetsOf?.(path);
    },
    taxonomies,
    threadFlowLocations: asArray(run['threadFlowLocations']),
    overriddenLevel(rule, invocation) {
      // Without provenance a result can only belong to the one invocation there is.
      const chosen = overrides[invocation ?? (overrides.length === 1 ? 0 : -1)];
      return chosen?.find((override) => override.matches(rule))?.level;
    },
  };
}

/** The texts that the report itself holds, by their paths. */
function contentsOf(artifacts: unknown, resolve: ResolveArtifact): ReadonlyMap<string, OffsetIndex> {
  const contents = new Map<string, OffsetIndex>();
  for (const artifact of asArray(artifacts)) {
    const text = asString(asObject(asObject(artifact)?.['contents'])?.['text']);
    const place = text === undefined ? undefined : resolve(asObject(artifact)?.['location']);
    if (text !== undefined && place !== undefined && 'path' in place) contents.set(place.path, new OffsetIndex(text));
  }
  return contents;
}

/** The scanner's name as people know it. */
export function scannerName(run: JsonObject): string {
  return cleanLine(asString(asObject(asObject(run['tool'])?.['driver'])?.['name']) ?? '', 100) || unknownTool;
}

/**
 * What a run says about itself as a whole: whether the scan succeeded (§3.20.14; a run whose results are null was not
 * completed either, §3.14.23), and results that lie in other files (§3.15).
 */
export function tallyRun(run: JsonObject, number: number, resultsAreNull: boolean, tally: Tally): void {
  asArray(run['invocations']).forEach((invocation, i) => {
    if (asObject(invocation)?.['executionSuccessful'] !== false) return;
    tally.complete = false;
    tally.note(`${scannerName(run)} says that the scan did not succeed (runs[${number}].invocations[${i}])`);
  });
  if (resultsAreNull) {
    tally.complete = false;
    tally.note(`${scannerName(run)} started a scan but wrote no results (runs[${number}].results is null)`);
  }
  const external = asArray(asObject(run['externalPropertyFileReferences'])?.['results']);
  if (external.length > 0) {
    tally.complete = false;
    tally.note(
      `runs[${number}] keeps results in ${external.length} other file(s), which are not read; import a log that holds them itself`,
    );
  }
}

interface Override {
  readonly level: Level;
  matches(rule: RuleFacts): boolean;
}

/** configurationOverride objects (§3.51) that set a level. */
function readOverrides(invocation: JsonObject | undefined): readonly Override[] {
  return asArray(invocation?.['ruleConfigurationOverrides']).flatMap((value) => {
    const level = asLevel(asObject(asObject(value)?.['configuration'])?.['level']);
    const descriptor = asObject(asObject(value)?.['descriptor']);
    if (level === undefined || descriptor === undefined) return [];
    const index = asInteger(descriptor['index'], 0);
    const component = asInteger(asObject(descriptor['toolComponent'])?.['index'], 0) ?? -1;
    const { id, guid } = descriptor;
    return [
      {
        level,
        matches: (rule: RuleFacts) =>
          (index !== undefined && rule.place?.index === index && rule.place.component === component) ||
          (typeof guid === 'string' && rule.guid === guid) ||
          (typeof id === 'string' && (rule.id === id || rule.id.startsWith(`${id}/`))),
      },
    ];
  });
}
