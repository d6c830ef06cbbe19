import { measurePatch } from '../approval/assessRisk';
import { cleanLine } from '../findings/cleanText';
import { countOf } from '../words';
import { canJudge } from '../rollout/findRolloutGaps';
import { passedWords } from '../ci/passedWords';
import { checkLicences } from '../dependencies/checkLicences';
import type { ApprovalDecision } from '../model/approval';
import type { MetricSpec } from '../model/analysis';
import type { Artifact } from '../model/artifact';
import type { CiReport } from '../model/ci';
import type { Outcome } from '../model/outcome';
import type { Patch } from '../model/patch';
import type { LicencePermission } from '../model/policy';
import type { Proof, ProofCheckId } from '../model/proof';
import type { RegressionTest } from '../model/regressionTest';
import type { RolloutPlan, RolloutState } from '../model/rollout';
import type { TestComparison } from '../model/testReport';
import type { Triage } from '../model/triage';
import type { ChecklistItem } from './checklist';

/** What was seen of a run; each is given only where it was. */
export interface ReadyFacts {
  readonly triage?: Pick<Triage, 'priority' | 'band' | 'owners'> | undefined;
  readonly patch?: Pick<Patch, 'changes'> | undefined;
  readonly test?: Pick<RegressionTest, 'strength'> | undefined;
  readonly proof?: Pick<Proof, 'checks' | 'weaker'> | undefined;
  readonly ci?: Pick<CiReport, 'outcome' | 'checks' | 'missing'> | undefined;
  readonly tests?: Pick<TestComparison, 'outcome' | 'summary'> | undefined;
  readonly artifact?: Pick<Artifact, 'tree' | 'digest' | 'provenance' | 'reproducibility'> | undefined;
  /** git tree of what is to be rolled out: an artifact of another is not this one's. */
  readonly tree?: string | undefined;
  readonly approval?: Pick<ApprovalDecision, 'outcome' | 'summary' | 'waitsFor'> | undefined;
  /** One plan for each service that the patch touches, and what forbids a start: the policy's gaps and the provider's problems. */
  readonly rollout?: { readonly plans: readonly RolloutPlan[]; readonly problems: readonly string[] } | undefined;
  /** The last exercise of the way back. */
  readonly rehearsal?: RolloutState['rehearsal'] | undefined;
  /** What the policy allows beside permissive licences. */
  readonly licences?: readonly LicencePermission[] | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Part {
  readonly state: ChecklistItem['state'];
  /** What shows it, or what is missing; empty: nothing to say. */
  readonly detail: string;
  readonly command?: string;
}

/** Files and lines beyond which one change is no longer one. */
const focused = { files: 10, lines: 400 };
/** Days after which an exercise of the way back says little about today's. */
const rehearsalDays = 30;

const generateFix = { command: 'patchline.generateFix', words: 'run Generate Fix' };
const generateTest = { command: 'patchline.generateTest', words: 'run Generate Regression Test' };
const prove = { command: 'patchline.proveFix', words: 'run Prove Fix' };
const policy = { command: 'patchline.openPolicy', words: 'run Open Policy' };
const checks = { command: 'patchline.rerunFailedChecks', words: 'run Re-run Failed Checks' };
const build = { command: 'patchline.buildArtifact', words: 'run Build Artifact' };
const approve = { command: 'patchline.approve', words: 'run Approve' };
const rehearse = { command: 'patchline.rehearseRollback', words: 'run Rehearse Rollback' };
type Remedy = typeof generateFix;

/** Ready to deploy? Eight lines computed from evidence, never ticked by hand; each says what shows it, or what is missing and where to get it. */
export function readyChecklist(facts: ReadyFacts): readonly ChecklistItem[] {
  return [
    line('triaged', 'Triaged and prioritised', [triagePart(facts)]),
    line('focused', 'Focused change', [sizePart(facts), proofPart(facts, ['clean'], 'the patch keeps to what it may touch')]),
    line('tests', 'Automated tests added and passing', [
      testPart(facts),
      proofPart(facts, ['red', 'green', 'repeat'], 'it fails without the fix and passes with it'),
      ciPart(facts),
      comparisonPart(facts),
    ]),
    line('artifact', 'Artifact built and stored', [artifactPart(facts)]),
    line('scans', 'Security and licence scans passed', [
      proofPart(facts, ['gone'], 'the finding is gone and no new one came'),
      licencePart(facts),
    ]),
    line('approvals', 'Approvals recorded', [approvalPart(facts)]),
    line('rollout', 'Rollout and rollback plan defined', [planPart(facts), rehearsalPart(facts)]),
    line('monitoring', 'Monitoring and alerts configured', [monitoringPart(facts)]),
  ];
}

/** The first part that is bad speaks for the line, else the first that is missing; else all say what they saw. */
function line(id: string, text: string, parts: readonly Part[]): ChecklistItem {
  const open = parts.find(({ state }) => state === 'no') ?? parts.find(({ state }) => state === 'not-yet');
  const told = open === undefined ? parts : [open];
  const detail = told
    .map((part) => part.detail)
    .filter((each) => each !== '')
    .join('; ');
  const command = told.find((part) => part.command !== undefined)?.command;
  return {
    id,
    text,
    state: open?.state ?? 'done',
    ...(detail === '' ? {} : { detail }),
    ...(command === undefined ? {} : { command }),
  };
}

function done(detail: string): Part {
  return { state: 'done', detail };
}

function notYet(what: string, remedy?: Remedy): Part {
  return remedy === undefined
    ? { state: 'not-yet', detail: what }
    : { state: 'not-yet', detail: `${what}: ${remedy.words}`, command: remedy.command };
}

function bad(what: string, remedy?: Remedy): Part {
  return { ...notYet(what, remedy), state: 'no' };
}

function triagePart({ triage }: ReadyFacts): Part {
  if (triage === undefined)
    return notYet('the finding has no priority', { command: 'patchline.refreshFindings', words: 'run Refresh Findings' });
  const owners = triage.owners.length === 0 ? 'nobody owns the place' : `owned by ${triage.owners.join(', ')}`;
  return done(`priority ${triage.priority} (${triage.band}), ${owners}`);
}

function sizePart({ patch }: ReadyFacts): Part {
  if (patch === undefined) return notYet('there is no patch', generateFix);
  const { files, lines, locks } = measurePatch(patch.changes);
  const size = `${countOf(files, 'file')} and ${countOf(lines, 'line')}${locks === 0 ? '' : ` beside ${countOf(locks, 'lock file')}`}`;
  return files > focused.files || lines > focused.lines
    ? bad(`the patch touches ${size}, more than one can review in one go; split it`)
    : done(size);
}

/** The worst of these checks of the proof, in its own words. */
function proofPart({ proof }: ReadyFacts, ids: readonly ProofCheckId[], shown: string): Part {
  if (proof === undefined) return notYet('no proof was made', prove);
  const made = ids.map((id) => proof.checks.find((check) => check.id === id));
  const failed = made.find((check) => check?.outcome === 'failed');
  if (failed !== undefined) return bad(`${failed.title} failed: ${withoutStop(failed.detail)}`, prove);
  const open = made.find((check) => check !== undefined && check.outcome !== 'successful');
  if (open !== undefined) return notYet(`${open.title} ${wordOf(open.outcome)}: ${withoutStop(open.detail)}`, prove);
  if (made.includes(undefined)) return notYet('the proof did not check it', prove);
  return done(proof.weaker && ids.includes('red') ? `${shown} (weaker: it shows versions, not behaviour)` : shown);
}

function testPart({ test }: ReadyFacts): Part {
  if (test === undefined) return notYet('there is no regression test', generateTest);
  return test.strength === 'skeleton'
    ? notYet('a person must complete the marked line of the regression test')
    : done('regression test added');
}

function ciPart({ ci }: ReadyFacts): Part {
  const refresh = { command: 'patchline.openPullRequest', words: 'run Open Pull Request' };
  if (ci === undefined) return notYet('the pull request’s checks were not read', refresh);
  const names = (states: readonly string[]): string =>
    ci.checks
      .filter(({ state, required }) => states.includes(state) && required !== false)
      .map(({ name }) => `“${cleanLine(name, 100)}”`)
      .join(', ');
  switch (ci.outcome) {
    case 'successful':
      return done(passedWords(ci));
    case 'failed':
      return bad(`failed: ${names(['failed', 'timed-out', 'cancelled', 'action-required', 'stale']) || 'a check'}`, checks);
    case 'waiting': {
      const open = [names(['queued', 'running']), ci.missing.map((name) => `“${name}”`).join(', ')].filter((each) => each !== '');
      return notYet(`waits for ${open.join(', ') || 'the checks'}`);
    }
    case 'error':
    case 'inconclusive':
    case 'closed':
      return notYet(`the pull request’s checks ${wordOf(ci.outcome)}`, checks);
  }
}

function comparisonPart({ tests }: ReadyFacts): Part {
  if (tests === undefined) return notYet('no test report was read: let a check write JUnit XML (ci.jobs in the policy)', policy);
  const said = withoutStop(tests.summary);
  if (tests.outcome === 'successful') return done(said);
  return tests.outcome === 'failed' ? bad(said, checks) : notYet(said, checks);
}

function artifactPart({ artifact, tree }: ReadyFacts): Part {
  if (artifact === undefined) return notYet('nothing was built', build);
  if (tree === undefined) return notYet('what is to be rolled out is not known, so the artifact cannot be held to it');
  if (artifact.tree !== tree) return notYet('the artifact was built from another source', build);
  const digest = `sha256:${artifact.digest.sha256.slice(0, 12)}… with provenance`;
  switch (artifact.reproducibility.verdict) {
    case 'reproducible':
      return done(`${digest}, reproducible`);
    case 'different':
      return done(`${digest}, not reproducible (${countOf(artifact.reproducibility.differences.length, 'difference')})`);
    case 'not-checked':
      return done(`${digest}, reproducibility not checked`);
  }
}

function licencePart({ patch, licences = [], now }: ReadyFacts): Part {
  if (patch === undefined) return notYet('there is no patch', generateFix);
  const { outcome, detail } = checkLicences(patch.changes, { permissions: licences, now });
  if (outcome === 'successful') return done(`licences: ${detail}`);
  // A person who has looked says so in the policy; what is not known is nothing to allow in general.
  return notYet(`licences: ${detail}`, outcome === 'inconclusive' ? policy : undefined);
}

function approvalPart({ approval }: ReadyFacts): Part {
  if (approval === undefined) return notYet('the reviews were not read', approve);
  const said = withoutStop(approval.summary);
  if (approval.outcome === 'successful') return done(said);
  const waits = approval.waitsFor.length === 0 ? '' : `; waits for ${approval.waitsFor.join(' and ')}`;
  return approval.outcome === 'failed' ? bad(`${said}${waits}`, approve) : notYet(`${said}${waits}`, approve);
}

function planPart({ rollout }: ReadyFacts): Part {
  const [problem, ...more] = rollout?.problems ?? [];
  if (problem !== undefined)
    return notYet(`${withoutStop(problem)}${more.length === 0 ? '' : ` (and ${more.length} more)`}`, policy);
  const plans = rollout?.plans ?? [];
  if (plans.length === 0) return notYet('nothing says how to roll out', policy);
  const backless = plans.find(({ wayBack }) => wayBack === '');
  if (backless !== undefined) return notYet(`${backless.service} has no way back`, policy);
  return done(
    plans
      .map((plan) => `${plan.service} by ${plan.strategy} in ${countOf(plan.steps.length, 'step')}, back by ${plan.wayBack}`)
      .join('; '),
  );
}

/** A way back that failed in exercise is none; one that was never exercised is defined all the same, and said to be so. */
function rehearsalPart({ rehearsal, now }: ReadyFacts): Part {
  if (rehearsal === undefined)
    return { ...done(`the way back was never rehearsed: ${rehearse.words}`), command: rehearse.command };
  if (!rehearsal.ok) return bad(`the rehearsal of the way back failed: ${withoutStop(rehearsal.summary)}`, rehearse);
  const days = Math.floor((now - Date.parse(rehearsal.at)) / (24 * 3600 * 1000));
  const said = `rehearsed ${days < 1 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`}`;
  return days > rehearsalDays ? { ...done(`${said}: ${rehearse.words}`), command: rehearse.command } : done(said);
}

function monitoringPart({ rollout }: ReadyFacts): Part {
  const plans = rollout?.plans ?? [];
  if (plans.length === 0) return notYet('there is no rollout to watch', policy);
  for (const { service, metrics, watchSeconds } of plans) {
    if (metrics.length === 0) return notYet(`nothing watches ${service}`, policy);
    if (!metrics.some(isAlert)) return notYet(`no metric of ${service} stops a bad version`, policy);
    if (watchSeconds === 0) return notYet(`nothing watches ${service} after 100 %`, policy);
  }
  return done(
    plans
      .map(({ service, metrics, lookSeconds, watchSeconds }) => {
        const alerts = metrics.filter(isAlert).length;
        return `${service}: ${countOf(metrics.length, 'metric')} every ${lookSeconds} s, ${alerts} of them ${alerts === 1 ? 'stops' : 'stop'} a bad version, for ${watchSeconds} s after 100 %`;
      })
      .join('; '),
  );
}

/** A metric that can say that a version is bad, and then does something about it. */
function isAlert(metric: MetricSpec): boolean {
  return canJudge(metric) && metric.onBreach !== 'warn';
}

function wordOf(outcome: Outcome): string {
  switch (outcome) {
    case 'error':
      return 'could not be checked';
    case 'waiting':
      return 'not through yet';
    case 'closed':
      return 'closed without a result';
    case 'inconclusive':
    case 'failed':
    case 'successful':
      return outcome;
  }
}

function withoutStop(text: string): string {
  return text.trim().replace(/\.$/, '');
}
