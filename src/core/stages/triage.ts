import { compareText } from '../findings/combine';
import { withTriage } from '../findings/triagedRow';
import type { Finding, Severity } from '../model/finding';
import { severities } from '../model/finding';
import type { Policy } from '../model/policy';
import type { TriagedFinding } from '../model/triage';
import type { PathTest } from '../triage/prioritise';
import { compileGlobs, ignoredBy, prioritise } from '../triage/prioritise';
import { eachStep, finish, sortSteps } from '../steps';
import type { Steps } from '../steps';

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
  return finish(triageSteps(findings, context));
}

/** The same in steps. */
export function* triageSteps(findings: readonly Finding[], context: TriageContext): Steps<readonly TriagedFinding[]> {
  const now = new Date(context.now).toISOString();
  const testOf = memoise(compileGlobs);
  const owners = memoiseText(context.ownersOf);
  const triage = (finding: Finding): TriagedFinding => {
    const detectedAt = context.firstSeen.get(finding.id) ?? now;
    const decided = prioritise(finding, { policy: context.policy, ownersOf: owners, detectedAt, now: context.now }, testOf);
    const ignored = ignoredBy(finding, context.policy, context.now, testOf);
    if (ignored === undefined) return withTriage(finding, decided);
    return withTriage(finding, decided, { kind: 'policy', status: 'accepted', justification: ignored.reason });
  };
  const keys: SortKey[] = [];
  yield* eachStep(findings, (finding) => keys.push(sortKeyOf(triage(finding))));
  const sorted: TriagedFinding[] = [];
  yield* eachStep(yield* sortSteps(keys, worstFirst), ({ finding }) => sorted.push(finding));
  return sorted;
}

/** What is compared is asked for once and not at every comparison. */
function sortKeyOf(finding: TriagedFinding): SortKey {
  return { finding, ...rankOf(finding) };
}

/** What `worstFirst` compares, read once from a finding. */
export function rankOf({ id, severity, cvss, triage }: TriagedFinding): Ranked {
  return { id, severity, triage, ...(cvss === undefined ? {} : { cvss }) };
}

/** What the order of findings depends on. */
export type Ranked = Pick<TriagedFinding, 'id' | 'severity' | 'cvss' | 'triage'>;
type SortKey = Ranked & { readonly finding: TriagedFinding };

const rank = new Map<Severity, number>(severities.map((severity, index) => [severity, index]));

/** By priority, then severity, CVSS, due date, and at last the id, so that the order never depends on the reports' order. */
export function worstFirst(a: Ranked, b: Ranked): number {
  return (
    b.triage.priority - a.triage.priority ||
    (rank.get(a.severity) ?? 0) - (rank.get(b.severity) ?? 0) ||
    (b.cvss?.score ?? 0) - (a.cvss?.score ?? 0) ||
    compareText(a.triage.due ?? '9', b.triage.due ?? '9') ||
    compareText(a.id, b.id)
  );
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
