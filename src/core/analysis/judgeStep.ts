import type { MetricPhase, MetricSpec, MetricVerdict, Reading } from '../model/analysis';
import type { RolloutPlan } from '../model/rollout';
import { describeContext } from './analysisContext';
import { judgeMetric } from './judgeMetric';

/** What the metrics say of a step together. */
export interface StepVerdict {
  /** One per metric of the plan, in its order. */
  readonly verdicts: readonly MetricVerdict[];
  /**
   * `failed`: roll back. `error`: could not measure, a person decides. `inconclusive`: a person decides. `waiting`: look again after
   * lookSeconds, also where the bake time is over. `successful` only where the step's time is over and all that blocks was
   * measured and is fine.
   */
  readonly phase: MetricPhase;
}

/**
 * Judges a step by everything that was read since the rollout began.
 *
 * How many failed looks are too many is Argo's rule (argo-rollouts, analysis: `failed > failureLimit`, default 0;
 * `consecutiveErrors > consecutiveErrorLimit`, default 4). Flagger counts otherwise, `failedChecks >= threshold`, and takes
 * missing values for failed checks; Argo calls an analysis that was ended early successful. Neither is done here: no data is
 * never healthy, and nothing is successful before its time is over.
 *
 * @param step - 0-based; plan.steps.length stands for the watch after the rollout
 * @param readings - of the whole rollout, in order of time; steps that went before lend their evidence
 * @param over - whether the step's time is over, where the caller knows better than the readings tell
 */
export function judgeStep(plan: RolloutPlan, step: number, readings: readonly Reading[], over?: boolean): StepVerdict {
  const context = describeContext(plan, step, readings, over);
  const verdicts = plan.metrics.map((metric) => judgeMetric(metric, readings, context));
  const effects = plan.metrics.map((metric, index) => effectOf(metric, verdicts[index]?.phase ?? 'error'));
  for (const phase of ['failed', 'error', 'inconclusive', 'waiting'] as const)
    if (effects.includes(phase)) return { verdicts, phase };
  // Without anything that was measured and is fine there is nothing to be successful by.
  const measured = verdicts.some(({ phase }) => phase === 'successful');
  return { verdicts, phase: measured ? 'successful' : context.over ? 'inconclusive' : 'waiting' };
}

/** A metric that only warns never holds the step up; one that pauses asks a person. */
function effectOf(metric: MetricSpec, phase: MetricPhase): MetricPhase {
  const onBreach = metric.onBreach ?? 'rollback';
  if (onBreach === 'warn') return phase === 'waiting' ? 'waiting' : 'successful';
  return onBreach === 'pause' && phase === 'failed' ? 'inconclusive' : phase;
}
