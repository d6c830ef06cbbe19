import type { PatchRun } from '../model/run';
import { deliverySteps } from '../runs/deliveryState';
import { latestStep } from '../runs/foldRuns';

/** How a run ended or stands, and since when (ISO 8601). */
export interface RunEnd {
  readonly end: 'deployed' | 'rolledBack' | 'closed' | 'failed' | 'active';
  readonly at: string;
}

/** How a run ended. A later run of the same finding does not change how this one did. */
export function runEnd(run: PatchRun): RunEnd {
  const back = latestStep(run, deliverySteps.reopened);
  if (back !== undefined) return { end: 'rolledBack', at: back.at };
  const close = latestStep(run, deliverySteps.close);
  if (close !== undefined)
    return { end: latestStep(run, deliverySteps.rollout) === undefined ? 'closed' : 'deployed', at: close.at };
  const last = run.steps.at(-1);
  const at = last?.at ?? run.startedAt;
  if (last?.outcome === 'closed') return { end: 'closed', at };
  // A later run took its place before it came to an end, or its last step went wrong.
  if (run.state === 'superseded' || run.state === 'failed') return { end: 'failed', at };
  return { end: 'active', at };
}
