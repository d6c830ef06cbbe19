import type { DeliveryAction, DeliveryState } from '../delivery';
import type { ApprovalDecision } from '../model/approval';
import type { Artifact } from '../model/artifact';
import type { CiReport } from '../model/ci';
import type { Outcome } from '../model/outcome';
import type { RolloutState } from '../model/rollout';
import type { PatchRun } from '../model/run';
import type { TestComparison } from '../model/testReport';
import type { ChecklistItem } from '../pullRequest/checklist';
import { firstTakenBack } from '../rollout/firstTakenBack';
import { isActiveRollout } from '../rollout/foldRollout';
import { changeOf } from './changeOf';
import { latestStep, reopened } from './foldRuns';

/** Names of the steps behind the pull request. */
export const deliverySteps = {
  checks: 'checks',
  artifact: 'artifact',
  tests: 'test-report',
  approval: 'approval',
  merge: 'merge',
  rollout: 'rollout',
  watch: 'watch',
  revert: 'revert',
  reopened,
  close: 'close',
  rehearsal: 'rehearsal',
} as const;

/** What was read last and is newer than the log: a check that runs is not worth an entry for every line it prints. */
export interface LiveDelivery {
  readonly ci?: CiReport;
  readonly approval?: ApprovalDecision;
  /** Why the last reading failed, for people. */
  readonly problem?: string;
}

export interface DeliveryFacts {
  readonly run: PatchRun;
  /** Rollouts of this run, in the order of their services. */
  readonly rollouts: readonly RolloutState[];
  readonly live: LiveDelivery;
  readonly checklist: readonly ChecklistItem[];
  /** When the rollout goes on by itself and what it waits for until then. */
  readonly rolloutWaits?: string;
  /** Something was rolled out over its services since, so that it cannot be rolled back any more. */
  readonly wasOverlaid?: boolean;
  readonly now: number;
}

/** How a run stands behind its pull request; undefined where none was opened. */
export function deliveryState(facts: DeliveryFacts): DeliveryState | undefined {
  const { run, rollouts, live, checklist } = facts;
  const change = changeOf(run);
  const pull = latestStep(run, 'pull-request')?.data;
  if (change === undefined || pull === undefined) return undefined;
  const merge = mergeOf(run);
  const parts = { ...partsOf(run, live), rollout: currentRollout(rollouts) };
  const revert = latestStep(run, deliverySteps.revert)?.data;
  const attention = attentionOf(parts.rollout);
  return {
    findingId: run.finding.id,
    run: run.id,
    pullRequest: {
      forge: textOf(pull['forge']),
      number: change.number,
      url: textOf(pull['url']),
      branch: change.branch,
      base: change.base,
      headCommit: change.headCommit,
      title: textOf(pull['title']),
      state: merge === undefined ? 'open' : 'merged',
      ...(merge === undefined ? {} : { mergeCommit: merge.commit }),
    },
    ...defined(parts),
    ...(rollouts.length > 1 ? { services: rollouts } : {}),
    ...(revert === undefined ? {} : { revert: { url: textOf(revert['url']), number: Number(revert['number']) } }),
    checklist,
    waitsFor: waitsFor(facts, parts),
    actions: actionsOf(facts, parts),
    attention: attention === 'none' && run.state === 'waiting' ? 'waiting' : attention,
    outcome: outcomeOf(run),
    ...(live.problem === undefined ? {} : { problem: live.problem }),
  };
}

interface Parts {
  readonly ci: CiReport | undefined;
  readonly artifact: Artifact | undefined;
  readonly tests: TestComparison | undefined;
  readonly approval: ApprovalDecision | undefined;
  readonly rollout: RolloutState | undefined;
}

/** What is known of the pull request's commit; what was seen of another commit says nothing of this one. */
export function partsOf(run: PatchRun, live: LiveDelivery): Omit<Parts, 'rollout'> {
  const change = changeOf(run);
  const commits = [change?.headCommit, mergeOf(run)?.commit];
  const ci = live.ci ?? (latestStep(run, deliverySteps.checks)?.data?.['report'] as CiReport | undefined);
  const artifact = latestStep(run, deliverySteps.artifact)?.data?.['artifact'] as Artifact | undefined;
  const tests = latestStep(run, deliverySteps.tests)?.data?.['comparison'] as TestComparison | undefined;
  const step = latestStep(run, deliverySteps.approval);
  const approval = live.approval ?? ((step?.personal?.['decision'] ?? step?.data?.['decision']) as ApprovalDecision | undefined);
  return {
    ci: ci?.commit === change?.headCommit ? ci : undefined,
    artifact: artifact !== undefined && commits.includes(artifact.commit) ? artifact : undefined,
    tests: tests?.commit === change?.headCommit ? tests : undefined,
    approval: approval?.diffHash === change?.diffHash ? approval : undefined,
  };
}

/** The merge of the run's pull request, where the log has it. */
export function mergeOf(run: PatchRun): { readonly commit: string; readonly tree: string } | undefined {
  const data = latestStep(run, deliverySteps.merge)?.data;
  return data === undefined ? undefined : { commit: textOf(data['mergeCommit']), tree: textOf(data['tree']) };
}

/** The service that is stuck halfway, or whose rollout is under way; else the one that was taken back; else the last. */
export function currentRollout(rollouts: readonly RolloutState[]): RolloutState | undefined {
  const begun = rollouts.filter(({ phase }) => phase !== 'planned');
  return (
    begun.find(({ phase }) => phase === 'degraded') ??
    begun.find((one) => isActiveRollout(one)) ??
    firstTakenBack(begun) ??
    rollouts.find((one) => isActiveRollout(one)) ??
    rollouts.at(-1)
  );
}

function attentionOf(rollout: RolloutState | undefined): DeliveryState['attention'] {
  if (rollout === undefined || rollout.phase === 'completed') return 'none';
  if (rollout.breach !== undefined || rollout.phase === 'degraded') return 'breach';
  if (rollout.phase === 'rolled-back') return 'none';
  return rollout.phase === 'paused' ? 'paused' : 'progressing';
}

function outcomeOf(run: PatchRun): Outcome {
  return run.steps.at(-1)?.outcome ?? 'waiting';
}

function waitsFor({ run, rolloutWaits }: DeliveryFacts, { ci, artifact, tests, approval, rollout }: Parts): string {
  const last = run.steps.at(-1);
  if (run.state === 'closed') return 'nothing: it is deployed and closed';
  if (last?.name === deliverySteps.reopened) return 'a new fix: this one was rolled back';
  if (last?.name === deliverySteps.watch && last.outcome === 'inconclusive')
    return 'somebody to promote it or roll it back: the watch gave no clear verdict';
  if (rollout !== undefined && isActiveRollout(rollout)) return rolloutWaits ?? rolloutWord(rollout);
  if (ci === undefined || ci.outcome === 'waiting') return checksWord(ci);
  if (ci.outcome !== 'successful') return `${nameOf(ci, 'failed') ?? 'the checks'}: run them again, or mend the patch`;
  if (tests?.outcome === 'failed') return 'a patch that breaks no test';
  if (artifact === undefined) return 'its artifact';
  if (approval?.outcome === 'failed') return 'the changes that were requested';
  if (approval === undefined) return 'approval';
  if (approval.outcome !== 'successful') return approval.waitsFor.join('; ') || 'approval';
  return 'somebody to start the rollout';
}

/** While nobody here has said what it waits for: another window watches, or something has just happened. */
function rolloutWord({ phase, plan, pending, paused }: RolloutState): string {
  if (phase === 'rolling-back' || phase === 'degraded') return `the way back of ${plan.service}`;
  return pending?.underWay?.summary ?? paused?.why ?? `the rollout of ${plan.service}`;
}

function checksWord(ci: CiReport | undefined): string {
  const running = ci === undefined ? undefined : (nameOf(ci, 'running') ?? nameOf(ci, 'queued'));
  return running ?? (ci !== undefined && ci.missing.length > 0 ? `check “${ci.missing[0] ?? ''}”` : 'its checks');
}

function nameOf(ci: CiReport, state: string): string | undefined {
  const check = ci.checks.find((one) => one.state === state);
  return check === undefined ? undefined : `check “${check.name}”`;
}

function actionsOf(
  { run, wasOverlaid }: DeliveryFacts,
  { ci, artifact, tests, approval, rollout }: Parts,
): readonly DeliveryAction[] {
  // A revert that could not be opened is tried again.
  const back: readonly DeliveryAction[] = latestStep(run, deliverySteps.revert)?.outcome === 'error' ? ['roll-back'] : [];
  if (latestStep(run, deliverySteps.reopened) !== undefined) return back;
  if (run.state === 'closed') return rollout?.phase === 'completed' && wasOverlaid !== true ? ['roll-back'] : [];
  if (rollout !== undefined && rollout.phase !== 'planned') {
    switch (rollout.phase) {
      case 'progressing':
        // The first step is still being set: there is nothing to go on from.
        return rollout.step < 0 ? ['pause', 'abort'] : ['promote', 'pause', 'abort'];
      case 'paused':
        return rollout.step < 0 ? ['resume', 'abort'] : ['promote', 'resume', 'abort'];
      case 'watching':
      case 'degraded':
        return ['roll-back'];
      case 'rolling-back':
        return [];
      case 'completed':
        return [
          ...(latestStep(run, deliverySteps.watch)?.outcome === 'inconclusive' ? (['promote'] as const) : []),
          ...(wasOverlaid !== true ? (['roll-back'] as const) : []),
        ];
      case 'rolled-back':
        return back;
    }
  }
  if (rollout !== undefined) return ['abort'];
  const green = ci?.outcome === 'successful' && tests?.outcome !== 'failed' && tests?.outcome !== 'error';
  const actions: DeliveryAction[] = [];
  if (ci !== undefined && ci.outcome !== 'waiting' && ci.outcome !== 'successful') actions.push('rerun-checks');
  if (green && artifact === undefined) actions.push('build-artifact');
  if (approval?.outcome !== 'successful') actions.push('approve');
  if (green && artifact !== undefined && approval?.outcome === 'successful') actions.push('start-rollout');
  actions.push('rehearse');
  return actions;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Without the fields that are undefined, as exact optional properties want it. */
function defined(parts: Parts): {
  readonly ci?: CiReport;
  readonly artifact?: Artifact;
  readonly tests?: TestComparison;
  readonly approval?: ApprovalDecision;
  readonly rollout?: RolloutState;
} {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}
