import type { RolloutState } from '../model/rollout';

/** Rollouts by the id of their run, in their order: they are asked for of every run, again and again. */
export function rolloutsByRun(rollouts: readonly RolloutState[]): ReadonlyMap<string, readonly RolloutState[]> {
  const groups = new Map<string, RolloutState[]>();
  for (const rollout of rollouts) {
    const group = groups.get(rollout.plan.run);
    if (group === undefined) groups.set(rollout.plan.run, [rollout]);
    else group.push(rollout);
  }
  return groups;
}
