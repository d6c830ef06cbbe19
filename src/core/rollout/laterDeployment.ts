import type { RolloutState } from '../model/rollout';
import type { PatchRun } from '../model/run';

/**
 * What has been rolled out over the services of a deployed run since, as a clause for people: going back behind it would take
 * that out of production too, unseen. Undefined where nothing has, or where it was itself taken back to this run's version.
 */
export function laterDeployment(
  run: PatchRun,
  rollouts: readonly RolloutState[],
  runs: readonly PatchRun[],
  rolloutsOf: (run: string) => readonly RolloutState[],
): string | undefined {
  for (const { plan, startedAt, phase } of rollouts) {
    if (phase !== 'completed') continue;
    for (const other of runs) {
      if (other.id === run.id) continue;
      const over = rolloutsOf(other.id).find(
        (one) =>
          one.plan.service === plan.service &&
          one.plan.environment === plan.environment &&
          one.startedAt > startedAt &&
          // Planned and not begun has changed nothing yet.
          (one.pending !== undefined || (one.phase !== 'planned' && one.phase !== 'rolled-back')),
      );
      if (over !== undefined)
        return `“${other.finding.title}” was rolled out over ${plan.service} in ${plan.environment} since (${over.startedAt.slice(0, 10)})`;
    }
  }
  return undefined;
}
