import { HumanError } from '../errors';
import type { Artifact } from '../model/artifact';
import type { Policy, ServicePolicy } from '../model/policy';
import type { RolloutPlan } from '../model/rollout';
import { findRolloutGaps } from './findRolloutGaps';
import { planRollout } from './planRollout';
import { servicesFor } from './servicesFor';

/** A rollout before it starts, with the service as the policy has it now. */
export interface PlannedRollout {
  readonly plan: RolloutPlan;
  readonly service: ServicePolicy;
}

/** Stands where no artifact was built yet: a plan to look at or to rehearse, never to start. */
const noArtifact = { name: '', uri: '', digest: { sha256: '' }, commit: '' };

/**
 * The rollouts of every service that a patch touches, in their order.
 *
 * @throws HumanError naming what the policy lacks.
 */
export function planRollouts(request: {
  readonly run: string;
  readonly attempt: number;
  readonly policy: Policy;
  readonly changedPaths: readonly string[];
  readonly artifact: Artifact | undefined;
}): readonly PlannedRollout[] {
  const { run, attempt, policy, changedPaths, artifact = noArtifact } = request;
  const { problems } = findRolloutGaps(policy, changedPaths);
  if (problems.length > 0) throw new HumanError(problems.join(' '));
  return servicesFor(policy.rollout, changedPaths).map((service) => ({
    plan: planRollout({ run, attempt, service, artifact }),
    service,
  }));
}
