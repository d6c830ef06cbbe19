import type { RolloutState } from '../model/rollout';
import type { PatchRun } from '../model/run';

/**
 * What has been rolled out over the services of a deployed run since: going back behind it would take that out of production
 * too, unseen. Undefined where nothing has, or where it was itself taken back to this run's version.
 *
 * @param own - the rollouts of the run
 * @param all - the rollouts of every run
 */
export function laterDeployment(own: readonly RolloutState[], all: readonly RolloutState[]): RolloutState | undefined {
  for (const { plan, startedAt, phase } of own) {
    if (phase !== 'completed') continue;
    const over = all.find(
      (one) =>
        one.plan.run !== plan.run &&
        one.plan.service === plan.service &&
        one.plan.environment === plan.environment &&
        one.startedAt > startedAt &&
        // Planned and not begun has changed nothing yet.
        (one.pending !== undefined || (one.phase !== 'planned' && one.phase !== 'rolled-back')),
    );
    if (over !== undefined) return over;
  }
  return undefined;
}

/** The same as a clause for people, by the title of the finding that it fixed. */
export function describeLater({ plan, startedAt }: RolloutState, runs: readonly PatchRun[]): string {
  const title = runs.find(({ id }) => id === plan.run)?.finding.title ?? 'another patch';
  return `“${title}” was rolled out over ${plan.service} in ${plan.environment} since (${startedAt.slice(0, 10)})`;
}
