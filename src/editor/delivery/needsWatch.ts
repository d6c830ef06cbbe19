import type { DeliveryState } from '../../core/delivery';

type Rollout = NonNullable<DeliveryState['rollout']>;

/**
 * True while a rollout must not be left alone: traffic is on the new version or on its way there or back, or it is to be begun when
 * its window opens. A rollout that is stuck halfway waits for a person, whom no process can replace.
 */
export function needsWatch({ rollout, services }: Pick<DeliveryState, 'rollout' | 'services'>): boolean {
  const all = services ?? (rollout === undefined ? [] : [rollout]);
  if (all.some(isUnderWay)) return true;
  // Where one was taken back, or is stuck on its way back, no other one is begun any more.
  return (
    all.some(({ phase }) => phase === 'planned') && !all.some(({ phase }) => phase === 'rolled-back' || phase === 'degraded')
  );
}

function isUnderWay({ phase, pending }: Rollout): boolean {
  // The first step's command may have set the traffic already, though nothing has come of it yet.
  if (phase === 'planned') return pending !== undefined;
  return phase === 'progressing' || phase === 'paused' || phase === 'rolling-back' || phase === 'watching';
}
