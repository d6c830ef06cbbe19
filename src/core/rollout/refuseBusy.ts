import { HumanError } from '../errors';
import type { RolloutState } from '../model/rollout';
import type { PatchRun } from '../model/run';
import { isActiveRollout } from './foldRollout';
import type { PlannedRollout } from './planRollouts';

/**
 * Two rollouts over one service would set each other's weights, and the way back of one would take the other out of production.
 *
 * @param others - runs that are under way
 * @throws HumanError naming the patch that is still being rolled out to one of the services
 */
export function refuseBusy(
  plans: readonly PlannedRollout[],
  others: readonly PatchRun[],
  { rolloutsOf }: { readonly rolloutsOf: (runId: string) => readonly RolloutState[] },
): void {
  for (const { plan } of plans)
    for (const run of others) {
      const isSame = (one: RolloutState): boolean =>
        isActiveRollout(one) && one.plan.service === plan.service && one.plan.environment === plan.environment;
      if (rolloutsOf(run.id).some(isSame))
        throw new HumanError(
          `${plan.service} in ${plan.environment} is being rolled out by “${run.finding.title}”: wait until that has ended, or take it back.`,
        );
    }
}
