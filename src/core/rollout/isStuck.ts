import type { RolloutState } from '../model/rollout';

/** The way back is tried longer than the way on: leaving the service half changed is the worse end. */
const mostRollbackTries = 8;

/** True once the way back has failed so often that it is tried no more: a person must look, and take it back again. */
export function isStuck({ phase, failedTries }: Pick<RolloutState, 'phase' | 'failedTries'>): boolean {
  return phase === 'degraded' && failedTries >= mostRollbackTries;
}
