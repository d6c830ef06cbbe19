import type { DraftFinding } from '../findings/draft';
import { boundJson } from '../findings/boundJson';
import { cleanLine, cleanText } from '../findings/cleanText';
import type { CodeFlow, Location, Severity, Suppression } from '../model/finding';
import { asArray, asInteger, asObject, asString } from './json';
import type { JsonObject } from './json';
import { toUtf16Columns } from './columns';
import { readFix } from './fix';
import { messageString, resolveMessage, withoutLinks } from './message';
import { hasOffset } from './offsetIndex';
import { addRegion } from './region';
import { readPackage } from './resultPackage';
import type { RuleFacts } from './rules';
import type { RunContext } from './runContext';
import { asLevel, cvssOf, levelSeverity, securitySeverity } from './severity';
import type { Level } from './severity';
import { titleOf } from './text';
import { isUsableFingerprint } from './usableFingerprint';
import { cweIds } from './weakness';

/** GitHub keeps 100 locations of a result and 1,000 steps of a flow; a person looks at fewer. */
const mostLocations = 100;
const mostFlows = 20;
const mostSteps = 1000;
const mostFingerprints = 32;

type Draft = { -readonly [K in keyof DraftFinding]: DraftFinding[K] };

/** Kinds (§3.27.9) of results that say "no problem here"; `fail`, `open`, `review` and what nobody knows become findings. */
const harmless: ReadonlySet<unknown> = new Set(['pass', 'notApplicable', 'informational']);

/**
 * Makes the finding of one SARIF result (§3.27). Undefined when the result is none (its kind says so, or it is absent from
 * the baseline) or cannot be read; the run's tally has then counted or rejected it. `position` is the result's place in its run,
 * `index` its place in the report, `detail` its place in the file where the run is read lean.
 */
export function readResult(
  value: unknown,
  run: RunContext,
  position: number,
  index: number,
  detail?: NonNullable<DraftFinding['detail']>,
): DraftFinding | undefined {
  const result = asObject(value);
  if (result === undefined) {
    run.tally.reject(`runs[${run.number}].results[${position}]`, 'the result is not an object');
    return undefined;
  }
  const { kind, baselineState } = result;
  if (harmless.has(kind)) {
    run.tally.passOver(`# results of kind "${String(kind)}" were not imported: no problem reported`);
    return undefined;
  }
  if (baselineState === 'absent') {
    run.tally.passOver('# results with baselineState "absent" were not imported: gone since the baseline');
    return undefined;
  }

  const rule = run.findRule(result['ruleId'], result['ruleIndex'], result['rule']);
  const message = resolveMessage(result['message'], rule.strings);
  const title = message === undefined ? rule.title : titleOf(withoutLinks(message)) || rule.title;
  const locations = readLocations(result['locations'], run, position);
  const properties = asObject(result['properties']);
  const draft: Draft = {
    kind: locations.length === 0 && rule.kind === 'code' ? 'other' : rule.kind,
    scanner: run.scanner,
    ruleId: rule.id,
    title,
    severity: severityOf(result, rule, properties, run),
    locations,
    aliases: rule.aliases,
    cwe: weaknesses(result, rule, properties, run),
    references: rule.references,
    suppressed: false,
    witnesses: [{ scanner: run.scanner, file: run.file, ruleId: rule.id, index }],
  };
  if (rule.description !== undefined) draft.description = rule.description;
  if (!run.lean && message !== undefined && message.length > title.length && message.trim() !== title)
    draft.description = [message, rule.description].filter((text) => text !== undefined).join('\n\n');
  if (rule.kind === 'dependency') {
    const ref = readPackage(result, rule, locations[0], message);
    if (ref !== undefined) draft.package = ref;
  }
  const cvss = cvssOf(properties) ?? rule.cvss;
  if (cvss !== undefined) draft.cvss = cvss;
  if (baselineState === 'new' || baselineState === 'unchanged' || baselineState === 'updated')
    draft.baselineState = baselineState;
  addRest(draft, result, properties, run, position);
  if (detail !== undefined) draft.detail = detail;
  return draft;
}

/** What most results do not have. */
function addRest(draft: Draft, result: JsonObject, properties: JsonObject | undefined, run: RunContext, position: number): void {
  const fingerprints = readFingerprints(result, run.lean);
  if (fingerprints !== undefined) {
    draft.fingerprints = fingerprints;
    // A fingerprint identifies the finding better than its snippet, which then can wait until somebody looks.
    if (run.lean) draft.locations = withoutSnippets(draft.locations);
  }
  const suppressions = readSuppressions(result['suppressions']);
  if (suppressions !== undefined) {
    draft.suppressions = suppressions;
    draft.suppressed = suppressions.some((one) => one.status !== 'rejected');
  }
  if (!run.lean && result['codeFlows'] !== undefined) {
    const flows = readCodeFlows(result['codeFlows'], run);
    if (flows.length > 0) draft.codeFlows = flows;
  }
  if (result['fixes'] !== undefined) {
    const fix = readFix(result['fixes'], run, (i, reason) =>
      run.tally.reject(`runs[${run.number}].results[${position}].fixes[${i}]`, `The fix is left out: ${reason}.`),
    );
    if (fix !== undefined) draft.suggestedFix = fix;
  }
  if (!run.lean && properties !== undefined) draft.properties = boundJson(properties) as JsonObject;
}

function withoutSnippets(locations: readonly Location[]): readonly Location[] {
  for (const { snippet } of locations) if (snippet !== undefined) return locations.map(({ snippet: _, ...rest }) => rest);
  return locations;
}

function severityOf(result: JsonObject, rule: RuleFacts, properties: JsonObject | undefined, run: RunContext): Severity {
  const scored = (properties === undefined ? undefined : securitySeverity(properties)) ?? rule.severity;
  return scored ?? levelSeverity(levelOf(result, rule, run));
}

/**
 * The level by §3.27.10: none when the kind is not `fail`, else the result's own, else the invocation's override for the
 * rule (§3.20.5), else the rule's default, else warning.
 */
function levelOf(result: JsonObject, rule: RuleFacts, run: RunContext): Level {
  const { kind } = result;
  if (kind === 'open' || kind === 'review') return 'none';
  return (
    asLevel(result['level']) ??
    run.overriddenLevel(rule, asInteger(asObject(result['provenance'])?.['invocationIndex'], 0)) ??
    rule.level
  );
}

function weaknesses(result: JsonObject, rule: RuleFacts, properties: JsonObject | undefined, run: RunContext): readonly string[] {
  if (properties === undefined && result['taxa'] === undefined) return rule.cwe;
  const own = cweIds(asArray(result['taxa']), properties, run.taxonomies);
  if (own.length === 0 || own.every((id) => rule.cwe.includes(id))) return rule.cwe;
  const number = (id: string): number => Number(id.slice(4));
  return [...new Set([...rule.cwe, ...own])].sort((a, b) => number(a) - number(b));
}

function readLocations(value: unknown, run: RunContext, position: number): readonly Location[] {
  const list = asArray(value);
  if (list.length > mostLocations)
    run.tally.count(`# results have more than ${mostLocations} locations; the first ${mostLocations} were kept`);
  const locations: Location[] = [];
  for (let i = 0; i < list.length && i < mostLocations; i++) {
    const location = readLocation(list[i], run);
    if (location === undefined) continue;
    if ('path' in location) locations.push(location);
    else
      run.tally.reject(
        `runs[${run.number}].results[${position}].locations[${i}]`,
        `The finding is kept without this place: ${location.reason}.`,
      );
  }
  return locations.length === 0 ? noLocations : locations;
}

const noLocations: readonly Location[] = Object.freeze([]);

/** A location object (§3.28) as a place in a workspace file; undefined when it names no file (a logical location alone). */
function readLocation(value: unknown, run: RunContext): Location | { readonly reason: string } | undefined {
  const object = asObject(value);
  const physical = asObject(object?.['physicalLocation']);
  const resolved = physical === undefined ? undefined : run.resolve(physical['artifactLocation']);
  if (resolved === undefined || 'reason' in resolved) return resolved;
  const region = resolved.isContainer === true ? undefined : physical?.['region'];
  const place = addRegion({ path: resolved.path }, region);
  const location: Location =
    place.startLine === undefined
      ? hasOffset(region)
        ? { ...place, ...run.offsetsOf(place.path)?.regionOf(region) }
        : place
      : run.codePointLines === undefined
        ? place
        : { ...place, ...toUtf16Columns(place, place.path, run.codePointLines) };
  const message = object?.['message'] === undefined ? undefined : messageString(object['message']);
  return message === undefined ? location : { ...location, message: cleanLine(message) };
}

/** Every thread flow (§3.37) as a path of places; steps that lie outside the workspace are left out. */
function readCodeFlows(value: unknown, run: RunContext): readonly CodeFlow[] {
  const flows: CodeFlow[] = [];
  for (const flow of asArray(value)) {
    for (const thread of asArray(asObject(flow)?.['threadFlows'])) {
      if (flows.length >= mostFlows) return flows;
      const steps: Location[] = [];
      for (const step of asArray(asObject(thread)?.['locations']).slice(0, mostSteps)) {
        const index = asInteger(asObject(step)?.['index'], 0);
        const shared = index === undefined ? undefined : asObject(run.threadFlowLocations[index]);
        const location = readLocation(asObject(step)?.['location'] ?? shared?.['location'], run);
        if (location !== undefined && 'path' in location) steps.push(location);
      }
      if (steps.length > 0) flows.push(steps);
    }
  }
  return flows;
}

/**
 * `partialFingerprints` (§3.27.18) and `fingerprints` (§3.27.16) together; where both name one, the full fingerprint. Lean
 * findings keep those that identify.
 */
function readFingerprints(result: JsonObject, lean: boolean): Readonly<Record<string, string>> | undefined {
  const partial = asObject(result['partialFingerprints']);
  const full = asObject(result['fingerprints']);
  if (partial === undefined && full === undefined) return undefined;
  const only = partial === undefined ? full : full === undefined ? partial : undefined;
  if (only !== undefined && isClean(only, lean)) return only;
  const read: Record<string, string> = {};
  let count = 0;
  for (const object of [partial, full]) {
    for (const [name, text] of Object.entries(object ?? {})) {
      if (!isFingerprint(name, text, lean) || count++ >= mostFingerprints) continue;
      read[name] = text;
    }
  }
  return count === 0 ? undefined : read;
}

function isFingerprint(name: string, value: unknown, lean: boolean): value is string {
  if (typeof value !== 'string' || value.length > 1000 || name === '__proto__') return false;
  return !lean || isUsableFingerprint(name, value);
}

/** True when an object holds nothing but fingerprints, and so can be kept as it is: the case of nearly every result. */
function isClean(object: JsonObject, lean: boolean): object is Readonly<Record<string, string>> {
  let count = 0;
  for (const name in object) if (!isFingerprint(name, object[name], lean) || count++ >= mostFingerprints) return false;
  return count > 0;
}

/**
 * A result's suppressions (§3.27.23, §3.35); undefined when the report says nothing. A result is suppressed when at least one
 * is there that was not rejected: the others are shown, never hidden in silence.
 */
function readSuppressions(value: unknown): readonly Suppression[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value
    .slice(0, mostLocations)
    .map(asObject)
    .filter((one) => one !== undefined)
    .map((one) => {
      const status = asString(one['status']);
      const justification = asString(one['justification']);
      return {
        kind: cleanLine(asString(one['kind']) ?? 'external'),
        ...(status === undefined ? {} : { status: cleanLine(status) }),
        ...(justification === undefined ? {} : { justification: cleanText(justification, 2000) }),
      };
    });
}
