import type { DeliveryState } from '../../core/delivery';

type Rollout = NonNullable<DeliveryState['rollout']>;

/**
 * True while a rollout must not be left alone: traffic is on the new version or on its way there or back. A rollout that is stuck
 * halfway waits for a person, whom no process can replace.
 */
export function needsWatch({ rollout, services }: Pick<DeliveryState, 'rollout' | 'services'>): boolean {
  return (services ?? (rollout === undefined ? [] : [rollout])).some(isUnderWay);
}

function isUnderWay({ phase, pending }: Rollout): boolean {
  // The first step's command may have set the traffic already, though nothing has come of it yet.
  if (phase === 'planned') return pending !== undefined;
  return phase === 'progressing' || phase === 'paused' || phase === 'rolling-back' || phase === 'watching';
}
