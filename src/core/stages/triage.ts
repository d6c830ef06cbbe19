import { withTriage } from '../findings/triagedRow';
import type { Finding, Severity } from '../model/finding';
import { severities } from '../model/finding';
import type { Policy } from '../model/policy';
import type { TriagedFinding } from '../model/triage';
import type { PathTest } from '../triage/prioritise';
import { compileGlobs, ignoredBy, prioritise } from '../triage/prioritise';

export interface TriageContext {
  readonly policy: Policy;
  ownersOf(path: string): readonly string[];
  /** When each finding was first detected, by its id; `now` for those never seen. */
  readonly firstSeen: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Decides over findings in bulk: priority, explanation, owner, due date, suppression by policy; worst first. */
export function triageFindings(findings: readonly Finding[], context: TriageContext): readonly TriagedFinding[] {
  const now = new Date(context.now).toISOString();
  const testOf = memoise(compileGlobs);
  const owners = memoiseText(context.ownersOf);
  const triaged = findings.map((finding): TriagedFinding => {
    const detectedAt = context.firstSeen.get(finding.id) ?? now;
    const triage = prioritise(finding, { policy: context.policy, ownersOf: owners, detectedAt, now: context.now }, testOf);
    const ignored = ignoredBy(finding, context.policy, context.now, testOf);
    if (ignored === undefined) return withTriage(finding, triage);
    return withTriage(finding, triage, { kind: 'policy', status: 'accepted', justification: ignored.reason });
  });
  return sortWorstFirst(triaged);
}

/** By worstFirst; what it compares is asked for once and not at every comparison. */
function sortWorstFirst(triaged: readonly TriagedFinding[]): readonly TriagedFinding[] {
  const keys = triaged.map((finding): SortKey => {
    const { id, severity, cvss, triage } = finding;
    return { finding, id, severity, triage, ...(cvss === undefined ? {} : { cvss }) };
  });
  return keys.sort(worstFirst).map(({ finding }) => finding);
}

/** What the order of findings depends on. */
type Ranked = Pick<TriagedFinding, 'id' | 'severity' | 'cvss' | 'triage'>;
type SortKey = Ranked & { readonly finding: TriagedFinding };

const rank = new Map<Severity, number>(severities.map((severity, index) => [severity, index]));

/** By priority, then severity, CVSS, due date, and at last the id, so that the order never depends on the reports' order. */
export function worstFirst(a: Ranked, b: Ranked): number {
  return (
    b.triage.priority - a.triage.priority ||
    (rank.get(a.severity) ?? 0) - (rank.get(b.severity) ?? 0) ||
    (b.cvss?.score ?? 0) - (a.cvss?.score ?? 0) ||
    compare(a.triage.due ?? '9', b.triage.due ?? '9') ||
    compare(a.id, b.id)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function memoise(make: (globs: readonly string[]) => PathTest): (globs: readonly string[]) => PathTest {
  const made = new Map<readonly string[], PathTest>();
  return (globs) => {
    const known = made.get(globs);
    if (known !== undefined) return known;
    const test = make(globs);
    made.set(globs, test);
    return test;
  };
}

function memoiseText<T>(ask: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const answer = known.get(text) ?? ask(text);
    known.set(text, answer);
    return answer;
  };
}
