import type { DeliveryState } from '../../core/delivery';
import { isStuck } from '../../core/rollout/isStuck';
import { nextService } from '../../core/rollout/nextService';

type Rollout = NonNullable<DeliveryState['rollout']>;

/**
 * True while a rollout must not be left alone: traffic is on the new version or on its way there or back, or it is to be begun when
 * its window opens. A rollout that is stuck halfway waits for a person, whom no process can replace.
 */
export function needsWatch({ rollout, services }: Pick<DeliveryState, 'rollout' | 'services'>): boolean {
  const all = services ?? (rollout === undefined ? [] : [rollout]);
  const due = nextService(all);
  // What waits for one that is stuck waits for the same person.
  if (due !== undefined && isStuck(due)) return false;
  // Where one was taken back, no other one is due to be begun.
  return all.some(isUnderWay) || due?.phase === 'planned';
}

function isUnderWay(one: Rollout): boolean {
  const { phase, pending } = one;
  // The first step's command may have set the traffic already, though nothing has come of it yet.
  if (phase === 'planned') return pending !== undefined;
  // A way back that failed is tried again, until it is stuck.
  if (phase === 'degraded') return !isStuck(one);
  return phase === 'progressing' || phase === 'paused' || phase === 'rolling-back' || phase === 'watching';
}
