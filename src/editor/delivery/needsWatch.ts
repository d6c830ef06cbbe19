import type { DeliveryState } from '../../core/delivery';

/**
 * True while a rollout must not be left alone: traffic is on the new version or on its way back. A rollout that is stuck
 * halfway waits for a person, whom no process can replace.
 */
export function needsWatch({ rollout, services }: Pick<DeliveryState, 'rollout' | 'services'>): boolean {
  const all = services ?? (rollout === undefined ? [] : [rollout]);
  return all.some(
    ({ phase }) => phase === 'progressing' || phase === 'paused' || phase === 'rolling-back' || phase === 'watching',
  );
}
