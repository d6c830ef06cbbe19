import type { MetricSpec, Reading } from '../model/analysis';
import type { RolloutPlan } from '../model/rollout';
import type { StartPlan } from './evidence';

/**
 * Chance that a rollout which is as good as the old version is taken back by any of its tests, at any look: at most 1 in 100.
 * It is divided evenly among the tests of the plan.
 */
export const falseAlarms = 0.01;

/** What a metric is judged by beside its readings; the same for all metrics of a step. */
export interface AnalysisContext {
  readonly step: number;
  /** Percent of the traffic that the step gives the new version. */
  readonly weight: number;
  /** Looks planned in the step. */
  readonly looks: number;
  readonly lookSeconds: number;
  /** The step's time is over: what can be said is said. */
  readonly over: boolean;
  readonly starts: StartPlan;
  /** Chance of a false alarm that each test may have over the whole rollout. */
  readonly level: number;
}

/**
 * @param step - 0-based; the number of steps stands for the watch after the rollout
 * @param readings - of the whole rollout
 * @param over - whether the step's time is over, where the caller knows; else it is taken from the readings
 */
export function describeContext(plan: RolloutPlan, step: number, readings: readonly Reading[], over?: boolean): AnalysisContext {
  const lengths = [...plan.steps.map(({ bakeSeconds }) => bakeSeconds), plan.watchSeconds].map((seconds) =>
    seconds > 0 ? Math.max(1, seconds - plan.warmUpSeconds) : 0,
  );
  const planned = lengths.map((seconds) => plannedLooks(seconds, plan.lookSeconds));
  const looks = Math.max(1, planned[step] ?? 1);
  return {
    step,
    weight: plan.steps[step]?.weight ?? 100,
    looks,
    over:
      over ??
      isOver(
        readings.filter((reading) => reading.step === step),
        lengths[step] ?? 0,
        looks,
        plan.lookSeconds,
      ),
    lookSeconds: plan.lookSeconds,
    starts: {
      steps: Math.max(1, planned.filter((count) => count > 0).length),
      looks: planned.reduce((sum, count) => sum + count, 0),
    },
    level:
      falseAlarms /
      Math.max(
        1,
        plan.metrics.reduce((sum, metric) => sum + countTests(metric), 0),
      ),
  };
}

/** Looks that fit into a time; none into no time. */
function plannedLooks(seconds: number, lookSeconds: number): number {
  if (seconds <= 0) return 0;
  return lookSeconds > 0 ? Math.max(1, Math.floor(seconds / lookSeconds)) : 1;
}

/** As many looks as planned, or as long as planned: looks may have been missed while nobody watched. */
function isOver(ofStep: readonly Reading[], seconds: number, looks: number, lookSeconds: number): boolean {
  if (ofStep.length === 0) return false;
  if (new Set(dropZero(ofStep, lookSeconds).map(({ at }) => at)).size >= looks) return true;
  const began = Math.min(...ofStep.map(({ from }) => Date.parse(from)));
  return Math.max(...ofStep.map(({ at }) => Date.parse(at))) - began >= seconds * 1000;
}

/**
 * The readings of a step that count as looks: the first of a step only reads where counters stand, and its window is no window yet.
 */
export function dropZero(ofStep: readonly Reading[], lookSeconds: number): readonly Reading[] {
  const began = ofStep[0]?.from;
  return ofStep.filter(({ from, at }) => from !== began || Date.parse(at) - Date.parse(from) >= lookSeconds * 500);
}

/** Questions that a metric decides by chance models: against the baseline, and against each bound of a ratio. */
function countTests(metric: MetricSpec): number {
  const { max, min } = metric.threshold ?? {};
  const bounds = metric.kind === 'ratio' ? Number(max !== undefined) + Number(min !== undefined) : 0;
  return (metric.baseline !== undefined && metric.kind !== 'probe' ? 1 : 0) + bounds;
}
