import { HumanError } from '../errors';
import type { MetricVerdict } from '../model/analysis';
import type { Patch } from '../model/patch';
import type { PullRequest } from '../model/pullRequest';
import type { RegressionTest } from '../model/regressionTest';
import type { RolloutState } from '../model/rollout';
import type { PatchRun } from '../model/run';
import type { Forge, SourceControl, Task } from '../ports';
import type { RevertTexts } from '../pullRequest/revert';
import { revertOf, revertPaths } from '../pullRequest/revert';
import { firstTakenBack } from '../rollout/firstTakenBack';
import { changeOf } from '../runs/changeOf';
import { deliverySteps, mergeOf } from '../runs/deliveryState';
import { latestStep } from '../runs/foldRuns';
import type { StepDraft } from '../runs/recordRun';

/** How a rollout ended, in one step of the run. */
export function endStep(rollouts: readonly RolloutState[]): StepDraft {
  const back = firstTakenBack(rollouts);
  const services = rollouts.map(({ plan }) => plan.service).join(', ');
  if (back === undefined) {
    return {
      stage: 'rollout',
      name: deliverySteps.rollout,
      outcome: 'successful',
      summary: `${services} serves ${rollouts[0]?.plan.artifact.name ?? 'the artifact'} (sha256 ${rollouts[0]?.plan.artifact.sha256.slice(0, 12) ?? ''}) to everybody.`,
      data: { services: rollouts.map(({ plan }) => plan.service) },
      bySystem: true,
    };
  }
  return {
    stage: 'rollout',
    name: deliverySteps.rollout,
    outcome: 'failed',
    summary: `${back.plan.service} was rolled back at ${back.plan.steps[back.step]?.name ?? 'the watch after 100 %'}: ${(back.reason ?? 'aborted').replace(/\.$/, '')}.`,
    data: {
      services: rollouts.map(({ plan }) => plan.service),
      ...(back.breach === undefined ? {} : { breach: back.breach }),
    },
    bySystem: true,
  };
}

/** What the watch after 100 % said, as a step. */
export function watchStep(rollouts: readonly RolloutState[]): StepDraft {
  const watched = rollouts.flatMap(({ events }) => events.flatMap(({ what }) => (what.event === 'watched' ? [what] : [])));
  const worst = watched.find(({ outcome }) => outcome !== 'successful') ?? watched.at(-1);
  return {
    stage: 'monitoring',
    name: deliverySteps.watch,
    outcome: worst?.outcome ?? 'inconclusive',
    summary: worst?.summary ?? 'Nothing watched the rollout.',
    bySystem: true,
  };
}

export interface RevertInputs {
  readonly run: PatchRun;
  readonly patch: Patch;
  readonly test?: RegressionTest;
  readonly reason: string;
  /** What was measured, where that is the reason. */
  readonly verdict?: MetricVerdict | undefined;
  /** The policy's branch prefix. */
  readonly prefix?: string | undefined;
  readonly sourceControl: SourceControl;
  readonly forge: Pick<Forge, 'branchHead' | 'openPullRequest'>;
  readonly task?: Task;
}

/**
 * Opens the pull request that takes the merged change out of the base branch again; the same again gives the same one.
 *
 * @throws HumanError where the pull request was never merged, or the base has since changed the same files.
 */
export async function openRevert(inputs: RevertInputs): Promise<{ readonly pullRequest: PullRequest; readonly step: StepDraft }> {
  const { run, patch, test, reason, verdict, prefix, sourceControl, forge, task = {} } = inputs;
  const change = changeOf(run);
  const merge = mergeOf(run);
  if (change === undefined || merge === undefined) throw new HumanError('Nothing was merged, so there is nothing to revert.');
  const baseCommit = await forge.branchHead(change.base, task);
  if (baseCommit === undefined)
    throw new HumanError(`The branch ${change.base} is no longer there, so nothing can be reverted in it.`);
  const parent = await sourceControl.firstParent(merge.commit);
  if (parent === undefined)
    throw new HumanError(`The merge commit ${merge.commit.slice(0, 10)} is not in this repository: fetch it.`);
  const texts = new Map<string, RevertTexts>();
  for (const path of revertPaths(patch, test)) {
    const at = (commit: string) => sourceControl.show(commit, path);
    texts.set(path, { before: await at(parent), merged: await at(merge.commit), head: await at(baseCommit) });
  }
  const pull = latestStep(run, 'pull-request')?.data ?? {};
  const { branch, files, message, title, body } = revertOf({
    finding: run.finding,
    patch,
    test,
    run: run.id,
    pullRequest: { number: change.number, url: String(pull['url'] ?? ''), title: String(pull['title'] ?? ''), base: change.base },
    mergeCommit: merge.commit,
    why: reason,
    verdict,
    texts,
    prefix,
  });
  const { commit } = await sourceControl.commit({ branch, baseCommit, files, message }, task);
  const { pullRequest } = await forge.openPullRequest(
    { branch, base: change.base, headCommit: commit, baseCommit, title, body },
    task,
  );
  return {
    pullRequest,
    step: {
      stage: 'monitoring',
      name: deliverySteps.revert,
      outcome: 'waiting',
      summary: `Revert pull request #${pullRequest.number} is open: it takes the change out of ${change.base} again.`,
      data: { forge: pullRequest.forge, number: pullRequest.number, url: pullRequest.url, branch, headCommit: commit },
      bySystem: true,
    },
  };
}
