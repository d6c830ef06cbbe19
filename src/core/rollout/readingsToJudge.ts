import type { MetricVerdict, Reading } from '../model/analysis';
import type { RolloutState } from '../model/rollout';

/**
 * When a person last went on although a metric had failed that only pauses: by its name, in milliseconds since the epoch. From
 * then on it is judged afresh, as Argo Rollouts begins a new analysis where an inconclusive one was resumed; what the person has
 * seen and let pass stops nothing again. A metric that takes back by itself never stands here.
 */
export function breachesLetPass({ plan, events }: RolloutState): ReadonlyMap<string, number> {
  const passed = new Map<string, number>();
  const pausing = new Set(plan.metrics.filter(({ onBreach }) => onBreach === 'pause').map(({ name }) => name));
  if (pausing.size === 0) return passed;
  let verdicts: readonly MetricVerdict[] = [];
  for (const { at, what } of events) {
    if (what.event === 'looked') verdicts = what.verdicts;
    else if (what.event === 'done' && what.action.kind !== 'rehearse') verdicts = [];
    else if (what.event === 'resumed' || what.event === 'promoted')
      for (const { metric, step, phase } of verdicts)
        if (phase === 'failed' && pausing.has(metric) && (what.event === 'resumed' || what.step === step))
          passed.set(metric, Date.parse(at));
  }
  return passed;
}

/** All readings of a rollout but those of a breach that a person let pass, and what was read of that metric before it. */
export function readingsToJudge(state: RolloutState): readonly Reading[] {
  const passed = breachesLetPass(state);
  if (passed.size === 0) return state.readings;
  return state.readings.filter(({ metric, at }) => Date.parse(at) > (passed.get(metric) ?? -Infinity));
}
