import type { RolloutState } from '../model/rollout';
import { isActiveRollout } from './foldRollout';
import { isStuck } from './isStuck';

/** Whether a service of a run was taken back, or is on its way there: then all of them go back. */
export function isTakenBack(rollouts: readonly RolloutState[]): boolean {
  return rollouts.some(({ phase }) => phase === 'rolled-back' || phase === 'rolling-back' || phase === 'degraded');
}

/**
 * The service of a run that is due: each waits for those before it, and on the way back for those after it. One that cannot be
 * taken back keeps only those that the policy has it come `after`, for what stands on them may still need them.
 *
 * @param rollouts - of the run, in the order of their services
 * @returns undefined where nothing is left to be done
 */
export function nextService(rollouts: readonly RolloutState[]): RolloutState | undefined {
  if (!isTakenBack(rollouts)) return rollouts.find(isActiveRollout);
  const held = heldServices(rollouts);
  const due = rollouts.filter((one) => isActiveRollout(one) && one.phase !== 'planned');
  return due.findLast((one) => !isStuck(one) && !held.has(one.plan.service)) ?? due.findLast(isStuck);
}

/** Which services wait for one that cannot be taken back, as a sentence for people; empty where none does. */
export function describeHeld(rollouts: readonly RolloutState[]): string {
  const held = heldServices(rollouts);
  const waiting = rollouts.filter((one) => held.has(one.plan.service) && isActiveRollout(one) && !isStuck(one));
  const stuck = rollouts.filter(isStuck).map(({ plan }) => plan.service);
  if (waiting.length === 0) return '';
  const names = waiting.map(({ plan }) => plan.service).toReversed();
  const [waits, them] = names.length === 1 ? ['waits', 'it'] : ['wait', 'them'];
  const [whom, comes] = stuck.length === 1 ? ['it', 'comes'] : ['these', 'come'];
  return `${names.join(', ')} ${waits} for ${whom}: ${stuck.join(', ')} ${comes} after ${them}.`;
}

/** Names of the services that one which cannot be taken back stands on, directly or by others. */
function heldServices(rollouts: readonly RolloutState[]): ReadonlySet<string> {
  const held = new Set<string>();
  // Each comes behind those that it names, so that one walk from the last to the first finds all of them.
  for (const one of rollouts.toReversed())
    if (isStuck(one) || held.has(one.plan.service)) for (const name of one.service.after ?? []) held.add(name);
  return held;
}
