import type { RolloutState } from '../model/rollout';

/** The rollout that failed, or that a person took back; others of its run that went back with it were aborted after it. */
export function firstTakenBack(rollouts: readonly RolloutState[]): RolloutState | undefined {
  const abortedAt = ({ events, startedAt }: RolloutState): number =>
    Date.parse(events.find(({ what }) => what.event === 'aborted')?.at ?? startedAt);
  return rollouts
    .filter(({ phase }) => phase === 'rolled-back' || phase === 'rolling-back' || phase === 'degraded')
    .toSorted((a, b) => abortedAt(a) - abortedAt(b))[0];
}
