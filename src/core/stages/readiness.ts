import type { DeliveryHost } from '../deliveryHost';
import { isHumanError, isVendorError, messageOf } from '../errors';
import type { RolloutPlan } from '../model/rollout';
import type { PatchRun } from '../model/run';
import type { ChecklistItem } from '../pullRequest/checklist';
import { readyChecklist } from '../pullRequest/readyChecklist';
import { planRollouts } from '../rollout/planRollouts';
import { changeOf } from '../runs/changeOf';
import type { LiveDelivery } from '../runs/deliveryState';
import { deliverySteps, mergeOf, partsOf } from '../runs/deliveryState';
import { latestStep } from '../runs/foldRuns';

/** The eight lines of a run, from what the log and its evidence hold and from the policy as it is now. */
export async function readinessOf(host: DeliveryHost, run: PatchRun, live: LiveDelivery): Promise<readonly ChecklistItem[]> {
  const { ports } = host;
  const id = run.finding.id;
  const [patch, test, proof] = [await host.patchOf(id), await host.testOf(id), await host.proofOf(id)];
  const { ci, artifact, tests, approval } = partsOf(run, live);
  const change = changeOf(run);
  const tree = mergeOf(run)?.tree ?? (change === undefined ? undefined : await ports.sourceControl.tree(change.headCommit));
  const rehearsal = latestStep(run, deliverySteps.rehearsal);
  return readyChecklist({
    triage: run.finding.triage,
    patch,
    test,
    proof,
    ci,
    tests,
    artifact,
    tree,
    approval,
    rollout: await plansOf(host, run, patch?.changes.map(({ path }) => path) ?? []),
    ...(rehearsal === undefined
      ? {}
      : { rehearsal: { ok: rehearsal.outcome === 'successful', at: rehearsal.at, summary: rehearsal.summary } }),
    now: ports.clock.now(),
  });
}

/** What is under way is what was planned; before that, what the policy would give now and what stands in the way. */
async function plansOf(
  host: DeliveryHost,
  run: PatchRun,
  changedPaths: readonly string[],
): Promise<{ readonly plans: readonly RolloutPlan[]; readonly problems: readonly string[] }> {
  const planned = host.rolloutsOf(run.id).map(({ plan }) => plan);
  if (planned.length > 0) return { plans: planned, problems: [] };
  try {
    const policy = await host.ports.policy();
    const { artifact } = partsOf(run, {});
    const plans = planRollouts({ run: run.id, attempt: 1, policy, changedPaths, artifact });
    const problems: string[] = [];
    for (const { plan, service } of plans) {
      if (host.ports.mayRun()) problems.push(...(await host.ports.rollout(plan.provider).problems(plan, service)));
    }
    return { plans: plans.map(({ plan }) => plan), problems };
  } catch (error) {
    if (!isHumanError(error) && !isVendorError(error)) throw error;
    return { plans: [], problems: [messageOf(error)] };
  }
}
