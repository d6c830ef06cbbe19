import { checkReading } from '../analysis/checkReading';
import { isMissed } from '../analysis/missedLooks';
import type { MetricSpec } from '../model/analysis';
import type { RolloutState } from '../model/rollout';
import { breachesLetPass } from './readingsToJudge';

/** A server may refuse a query over days, and would refuse an ever longer one for ever: more than this is not asked for again. */
const longestSeconds = 3600;

/**
 * The window that a look at one metric is about (ISO 8601). A look that brought nothing is taken along by the next, so that a
 * breach is judged although the metrics could not be asked when it happened; where that is too long ago, the failed readings
 * stand in the log and the step ends without a good verdict (core/analysis/missedLooks). What is judged afresh is read from
 * then on.
 *
 * @param due - what the look is about by itself, in milliseconds since the epoch
 */
export function lookWindow(
  state: RolloutState,
  metric: MetricSpec,
  due: { readonly from: number; readonly to: number },
): { readonly from: string; readonly to: string } {
  const newest = state.readings.findLast(({ metric: name, step }) => name === metric.name && step === state.step);
  const again = newest !== undefined && isMissed(metric, checkReading(metric, newest)) ? Date.parse(newest.from) : due.from;
  const longest = Math.max(longestSeconds, 4 * state.plan.lookSeconds) * 1000;
  const from = due.to - again > longest ? due.from : Math.min(again, due.from);
  const since = breachesLetPass(state).get(metric.name) ?? from;
  return { from: new Date(Math.min(due.to, Math.max(from, since))).toISOString(), to: new Date(due.to).toISOString() };
}
