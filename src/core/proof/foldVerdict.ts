import type { Outcome } from '../model/outcome';

/**
 * The verdict over all checks: failed if any failed; else error if any could not be made; else inconclusive if any was; else
 * successful. No checks at all is no proof.
 */
export function foldVerdict(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.length === 0) return 'error';
  for (const outcome of ['failed', 'error', 'inconclusive', 'waiting'] as const) {
    if (outcomes.includes(outcome)) return outcome === 'waiting' ? 'inconclusive' : outcome;
  }
  return 'successful';
}
