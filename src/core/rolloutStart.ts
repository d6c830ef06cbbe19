import type { DeliveryState } from './delivery';
import type { DeliveryHost } from './deliveryHost';
import { HumanError } from './errors';
import { heldHost, isLeaseLost } from './heldHost';
import type { Artifact } from './model/artifact';
import type { Policy } from './model/policy';
import type { PatchRun } from './model/run';
import type { Change, Task } from './ports';
import type { PlannedRollout } from './rollout/planRollouts';
import { planRollouts } from './rollout/planRollouts';
import { refuseBusy } from './rollout/refuseBusy';
import { refuseUnready } from './rollout/refuseUnready';
import { deliverySteps, mergeOf } from './runs/deliveryState';
import { latestStep } from './runs/foldRuns';
import { checkArtifact } from './stages/artifact';

interface Beside {
  required(findingId: string): { readonly run: PatchRun; readonly change: Change };
  refresh(findingId: string, task?: Task): Promise<DeliveryState>;
  buildArtifact(findingId: string, task?: Task & { readonly again?: boolean }): Promise<Artifact>;
  underWay(run: PatchRun): boolean;
}

/** The lease of whoever starts a rollout of a folder: between looking whether one was started and writing that it is. */
const startLease = 'start';

/**
 * Merges and plans the rollouts of a run, once of all windows and processes; a run whose rollout was started is left as it is.
 * One start at a time for the folder, since two patches may go to the same service.
 *
 * @throws HumanError naming what is missing, or who is starting one at this moment
 */
export async function startRollout(host: DeliveryHost, beside: Beside, findingId: string, task: Task): Promise<void> {
  if (await wasStarted(host, beside, findingId)) return;
  const { leases } = host.ports;
  const lease = await leases.take(startLease);
  if (lease === undefined) {
    const who = (await leases.holder(startLease)) ?? 'another window or process';
    throw new HumanError(
      `${who.replace(/^./, (letter) => letter.toUpperCase())} is starting a rollout at this moment. If it is this one, it goes on there and is shown here; if not, start this one again when that has begun.`,
    );
  }
  try {
    // Whoever had the lease before may have started it since.
    if (!(await wasStarted(host, beside, findingId)))
      await begin(
        heldHost(host, () => lease.isHeld()),
        beside,
        findingId,
        task,
      );
  } catch (error) {
    if (!isLeaseLost(error)) throw error;
    throw new HumanError(
      'This start was interrupted for so long that another process has taken over: look here again, and start it anew where nobody did.',
    );
  } finally {
    await lease.release();
  }
}

async function wasStarted(host: DeliveryHost, beside: Beside, findingId: string): Promise<boolean> {
  await host.refreshRuns();
  return latestStep(beside.required(findingId).run, deliverySteps.rollout) !== undefined;
}

async function begin(host: DeliveryHost, beside: Beside, findingId: string, task: Task): Promise<void> {
  const { ports } = host;
  const ready = await beside.refresh(findingId, task);
  const { run, change } = beside.required(findingId);
  refuseUnready(ready);
  const policy = await ports.policy();
  const paths = [...new Set((await host.patchOf(findingId))?.changes.map(({ path }) => path) ?? [])];
  // Planned once before the merge, so that nothing is merged that cannot be rolled out.
  const planned = await plansFor(host, run, ready.artifact, policy, paths, task);
  const others = host.runs().filter((one) => one.id !== run.id && beside.underWay(one));
  refuseBusy(planned, others, host);
  const merge = mergeOf(run) ?? (await mergeRun(host, run, change, task));
  // The base moved on: what was built of the pull request's head is not what was merged.
  const artifact =
    ready.artifact?.tree === merge.tree ? ready.artifact : await beside.buildArtifact(findingId, { ...task, again: true });
  await checkArtifact(ports, artifact, task);
  const plans = await plansFor(host, run, artifact, policy, paths, task);
  for (const { plan, service } of plans)
    await host.recordRollout(plan, { event: 'planned', plan, policy: service }, await ports.identity.current());
  await host.record(host.runOf(findingId) ?? run, {
    stage: 'rollout',
    name: deliverySteps.rollout,
    outcome: 'waiting',
    summary: plans
      .map(({ plan }) => `${plan.service} to ${plan.environment}: ${plan.steps.map(({ name }) => name).join(', ')}`)
      .join('; '),
    data: { services: plans.map(({ plan }) => plan.service), sha256: artifact.digest.sha256, mergeCommit: merge.commit },
  });
}

/**
 * What would be rolled out of a run, and where.
 *
 * @throws HumanError naming what the providers find wrong with it
 */
export async function plansFor(
  { ports }: Pick<DeliveryHost, 'ports'>,
  run: PatchRun,
  artifact: Artifact | undefined,
  policy: Policy,
  paths: readonly string[],
  task: Task,
): Promise<readonly PlannedRollout[]> {
  const plans = planRollouts({ run: run.id, attempt: 1, policy, artifact, changedPaths: paths });
  const problems: string[] = [];
  for (const { plan, service } of plans) problems.push(...(await ports.rollout(plan.provider).problems(plan, service, task)));
  if (problems.length > 0) throw new HumanError(`The rollout cannot start: ${problems.join(' ')}`);
  return plans;
}

async function mergeRun(
  host: DeliveryHost,
  run: PatchRun,
  change: Change,
  task: Task,
): Promise<{ readonly commit: string; readonly tree: string }> {
  const { ports } = host;
  const forge = await ports.forge();
  task.onProgress?.(`Merging pull request #${change.number}`);
  await host.mayAct();
  const { mergeCommit } = await forge.merge(change.number, change.headCommit, task);
  const tree = await ports.sourceControl.tree(mergeCommit);
  if (tree === undefined)
    throw new HumanError(`The merge commit ${mergeCommit.slice(0, 10)} is not in this repository: fetch it.`);
  await host.record(run, {
    stage: 'approval',
    name: deliverySteps.merge,
    outcome: 'successful',
    summary: `Pull request #${change.number} is merged into ${change.base} as ${mergeCommit.slice(0, 10)}.`,
    data: { mergeCommit, tree },
  });
  return { commit: mergeCommit, tree };
}
