import picomatch from 'picomatch';
import type { Finding, Severity } from '../model/finding';
import type { Policy } from '../model/policy';
import type { PriorityBand, Reason, Triage } from '../model/triage';

/** What a finding is worth by its severity alone: the base that everything else is added to. */
const severityPoints: Readonly<Record<Severity, number>> = { critical: 70, high: 50, medium: 30, low: 12, info: 2 };

/** Due dates where the policy says nothing: common remediation targets, shorter the worse the finding. */
export const defaultSlaDays: Readonly<Partial<Record<Severity, number>>> = { critical: 7, high: 30, medium: 90, low: 180 };

const dayMs = 86_400_000;

/** Everything a decision depends on besides the finding itself; the same inputs always give the same triage. */
export interface TriageInputs {
  readonly policy: Policy;
  /** Owners of a path by CODEOWNERS; empty when nobody is named. */
  ownersOf(path: string): readonly string[];
  /** ISO 8601 instant of first detection. */
  readonly detectedAt: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Path tests are compiled once per glob list: triage runs over 100,000 findings. */
export type PathTest = (path: string) => boolean;

/**
 * The priority of a finding (0 … 100) with its explanation line by line; the points of the lines add up to the priority
 * before it is held within its bounds, and then a last line says so.
 */
export function prioritise(
  finding: Finding,
  inputs: TriageInputs,
  testOf: (globs: readonly string[]) => PathTest = compileGlobs,
): Triage {
  const reasons: Reason[] = [{ points: severityPoints[finding.severity], text: severityText(finding) }];
  const path = pathOf(finding);
  if (finding.package !== undefined) reasons.push(...packageReasons(finding.package));
  if (finding.kind === 'secret') reasons.push({ points: 10, text: 'a secret: it works for whoever reads it' });
  const scanners = new Set(finding.witnesses.map((w) => w.scanner));
  if (scanners.size > 1)
    reasons.push({ points: 5, text: `seen by ${scanners.size} scanners: ${[...scanners].sort().join(', ')}` });
  if (finding.suggestedFix !== undefined) reasons.push({ points: 3, text: 'the scanner brings a fix' });
  if (finding.baselineState === 'new') reasons.push({ points: 5, text: 'new since the baseline' });
  if (path !== undefined && isTestPath(path)) reasons.push({ points: -15, text: `test code: ${path}` });
  const component = inputs.policy.components?.find((c) => path !== undefined && testOf(c.paths)(path));
  if (component !== undefined && component.points !== 0)
    reasons.push({ points: component.points, text: `${component.name}: ${path ?? ''}` });
  const sum = reasons.reduce((total, reason) => total + reason.points, 0);
  const priority = Math.min(100, Math.max(0, sum));
  if (priority !== sum) reasons.push({ points: priority - sum, text: priority === 0 ? 'never below 0' : 'never above 100' });
  const owned = path === undefined ? [] : inputs.ownersOf(path);
  const due = dueDate(finding.severity, inputs);
  return {
    priority,
    band: bandOf(priority),
    reasons,
    owners: owned.length > 0 ? owned : (component?.owners ?? []),
    ...(due === undefined ? {} : { due }),
    detectedAt: inputs.detectedAt,
  };
}

/** now ≥ 70, next ≥ 45, scheduled ≥ 20, backlog below. */
export function bandOf(priority: number): PriorityBand {
  return priority >= 70 ? 'now' : priority >= 45 ? 'next' : priority >= 20 ? 'scheduled' : 'backlog';
}

/** The file a finding is owned and judged by: its first place, else its manifest. */
export function pathOf(finding: Finding): string | undefined {
  return finding.locations[0]?.path ?? finding.package?.manifest;
}

/** The policy's decision to suppress a finding, with its reason; undefined when there is none or it has run out. */
export function ignoredBy(
  finding: Finding,
  policy: Policy,
  now: number,
  testOf: (globs: readonly string[]) => PathTest = compileGlobs,
) {
  return policy.ignore?.find((entry) => {
    if (entry.until !== undefined && Date.parse(`${entry.until}T23:59:59.999Z`) < now) return false;
    const names = [finding.ruleId, ...finding.aliases];
    if (!names.some((name) => matchesRule(entry.rule, name))) return false;
    const path = pathOf(finding);
    return entry.paths === undefined || (path !== undefined && testOf(entry.paths)(path));
  });
}

/** A test for workspace paths against any of the globs. */
export function compileGlobs(globs: readonly string[]): PathTest {
  const test = picomatch([...globs], { dot: true });
  return (path) => test(path);
}

function severityText(finding: Finding): string {
  const score = finding.cvss === undefined ? '' : ` (CVSS ${finding.cvss.version} base score ${finding.cvss.score.toFixed(1)})`;
  return `severity ${finding.severity}${score}`;
}

function packageReasons(reference: NonNullable<Finding['package']>): readonly Reason[] {
  const reasons: Reason[] = [];
  if (reference.direct === true)
    reasons.push({ points: 5, text: `${reference.name} is a direct dependency: one line to change` });
  if (reference.direct === false)
    reasons.push({ points: -5, text: `${reference.name} comes through ${reference.via?.[0] ?? 'another package'}` });
  if (reference.fixedVersions.length > 0)
    reasons.push({ points: 5, text: `a fixed version is published: ${reference.fixedVersions.slice(0, 3).join(', ')}` });
  return reasons;
}

function isTestPath(path: string): boolean {
  return /(^|\/)(tests?|__tests__|spec|fixtures)\//i.test(path) || /\.(test|spec)\.[cm]?[jt]sx?$/i.test(path);
}

/** The clock runs from first detection; a finding suppressed or re-imported meanwhile does not restart it. */
function dueDate(severity: Severity, inputs: TriageInputs): string | undefined {
  const days = { ...defaultSlaDays, ...inputs.policy.slaDays }[severity];
  return days === undefined ? undefined : new Date(Date.parse(inputs.detectedAt) + days * dayMs).toISOString();
}

/** Rules by their exact name or with `*`; ids of advisories in either case, since their databases and tools differ in it. */
function matchesRule(pattern: string, name: string): boolean {
  if (/^(?:cve|ghsa)-/i.test(name)) return matchesExactly(pattern.toUpperCase(), name.toUpperCase());
  return matchesExactly(pattern, name);
}

function matchesExactly(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}
