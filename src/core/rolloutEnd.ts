import type { DeliveryHost } from './deliveryHost';
import { isCancelled, isHumanError, isVendorError, messageOf, HumanError } from './errors';
import type { RolloutState } from './model/rollout';
import type { PatchRun } from './model/run';
import type { Task } from './ports';
import { firstTakenBack } from './rollout/firstTakenBack';
import { deliverySteps, mergeOf } from './runs/deliveryState';
import { latestStep } from './runs/foldRuns';
import { systemActor } from './runs/recordRun';
import { endStep, openRevert, watchStep } from './stages/monitoring';

/** The merge is reverted as a whole, so services that were done or begun when one is taken back go back too. */
export async function takeOthersBack(host: DeliveryHost, rollouts: readonly RolloutState[]): Promise<void> {
  const why = `${firstTakenBack(rollouts)?.plan.service ?? 'another service'} was taken back`;
  const isForward = ({ phase, pending }: RolloutState): boolean =>
    phase === 'planned' ? pending !== undefined : ['progressing', 'paused', 'watching', 'completed'].includes(phase);
  for (const one of rollouts.filter(isForward))
    await host.recordRollout(one.plan, { event: 'aborted', why, byPerson: false }, systemActor);
}

/** What follows the end of the last rollout, each part once: the way back closes the loop, the way on closes the run. */
export async function finishRollouts(host: DeliveryHost, run: PatchRun, task: Task): Promise<void> {
  const rollouts = host.rolloutsOf(run.id);
  const begun = latestStep(run, deliverySteps.rollout);
  if (begun === undefined || rollouts.length === 0) return;
  let now = run;
  const back = rollouts.some(({ phase }) => phase === 'rolled-back');
  // A rollout that had ended well and was taken back afterwards ends once more.
  if (begun.outcome === 'waiting' || (back && begun.outcome === 'successful')) {
    // Everything that was measured and done, as one piece that the step vouches for.
    const told = rollouts.map(({ plan, events }) => ({ plan, events: events.map(({ at, what }) => ({ at, ...what })) }));
    const evidence = await host.ports.evidence.put('rollout.json', 'application/json', JSON.stringify(told));
    now = await host.record(now, { ...endStep(rollouts), evidence: [evidence] });
  }
  if (back) return takeBack(host, now, rollouts, task);
  if (latestStep(now, deliverySteps.watch) === undefined) now = await host.record(now, watchStep(rollouts));
  // A watch without a good verdict is no reason to close: a person goes on, or takes it back.
  if (latestStep(now, deliverySteps.watch)?.outcome !== 'successful') return;
  if (latestStep(now, deliverySteps.close) !== undefined) return;
  await host.record(now, {
    stage: 'monitoring',
    name: deliverySteps.close,
    outcome: 'closed',
    summary: 'Deployed and watched: the finding is closed.',
    bySystem: true,
  });
}

/**
 * Opens the revert that could not be opened when the rollout was taken back: signed in by now, the policy mended.
 *
 * @returns false where there is none to be tried again
 */
export async function retryRevert(host: DeliveryHost, run: PatchRun, task: Task): Promise<boolean> {
  if (latestStep(run, deliverySteps.revert)?.outcome !== 'error') return false;
  await revertMerge(host, run, host.rolloutsOf(run.id), task);
  return true;
}

async function takeBack(host: DeliveryHost, run: PatchRun, rollouts: readonly RolloutState[], task: Task): Promise<void> {
  const mustRevert = latestStep(run, deliverySteps.revert) === undefined && mergeOf(run) !== undefined;
  const now = mustRevert ? await revertMerge(host, run, rollouts, task) : run;
  if (latestStep(now, deliverySteps.reopened) !== undefined) return;
  const reason = reasonOf(rollouts);
  await host.reopen(now, reason);
  await host.record(now, {
    stage: 'monitoring',
    name: deliverySteps.reopened,
    outcome: 'failed',
    summary: `The finding is open again and its clock runs on: ${reason}`.slice(0, 600).toWellFormed(),
    bySystem: true,
  });
}

/** The pull request that takes the merge out again, or why it could not be opened, as a step of the run. */
async function revertMerge(host: DeliveryHost, run: PatchRun, rollouts: readonly RolloutState[], task: Task): Promise<PatchRun> {
  const { ports } = host;
  const [patch, test] = [await host.patchOf(run.finding.id), await host.testOf(run.finding.id)];
  if (patch === undefined) throw new HumanError('The patch is no longer in the evidence store, so its revert cannot be made.');
  try {
    const forge = await ports.forge();
    const { step } = await openRevert({
      run,
      patch,
      ...(test === undefined ? {} : { test }),
      reason: reasonOf(rollouts),
      verdict: rollouts.find(({ breach }) => breach !== undefined)?.breach,
      prefix: (await ports.policy()).forge?.branchPrefix,
      sourceControl: ports.sourceControl,
      forge: {
        branchHead: (branch, options) => forge.branchHead(branch, options),
        async openPullRequest(request, options) {
          await host.mayAct();
          return forge.openPullRequest(request, options);
        },
      },
      task,
    });
    return await host.record(run, step);
  } catch (error) {
    if (isCancelled(error) || (!isHumanError(error) && !isVendorError(error))) throw error;
    if (isVendorError(error) && error.options.retryable) throw error;
    return host.record(run, {
      stage: 'monitoring',
      name: deliverySteps.revert,
      outcome: 'error',
      summary: `The revert could not be opened (Roll Back tries it again): ${messageOf(error)}`.slice(0, 600).toWellFormed(),
      bySystem: true,
    });
  }
}

const reasonOf = (rollouts: readonly RolloutState[]): string => firstTakenBack(rollouts)?.reason ?? 'it was rolled back';
