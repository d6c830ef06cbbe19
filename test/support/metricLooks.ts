import { judgeStep } from '../../src/core/analysis/judgeStep';
import type { MetricSpec, Reading, Sample } from '../../src/core/model/analysis';
import type { RolloutPlan } from '../../src/core/model/rollout';
import { canaryPlan } from '../tools/analysisTable';

export const errors: MetricSpec = { name: 'errors', kind: 'ratio', provider: 'scrape', canary: {}, baseline: {} };
export const latency: MetricSpec = { name: 'p95', kind: 'value', provider: 'prometheus', canary: {}, baseline: {} };
export const health: MetricSpec = { name: 'health', kind: 'probe', provider: 'scrape', canary: {} };

export const planOf = (...metrics: MetricSpec[]): RolloutPlan => {
  const plan = canaryPlan();
  return {
    ...plan,
    metrics,
    watchSeconds: 180,
    steps: plan.steps.map((step) => (step.index === 4 ? { ...step, weight: 100 } : step)),
  };
};
type Side = readonly [number, number] | number | boolean | undefined;
const sampleOf = (side: Exclude<Side, undefined>): Sample =>
  typeof side === 'boolean'
    ? { kind: 'probe', ok: side, ...(side ? {} : { detail: 'HTTP 503' }) }
    : typeof side === 'number'
      ? { kind: 'value', value: side }
      : { kind: 'ratio', events: side[0], total: side[1], cumulative: false };
/** Looks of one metric in one step, half a minute each; a text is a problem. */
export const looksOf = (metric: MetricSpec, sides: readonly (readonly [Side | string, Side?])[], step = 0): readonly Reading[] =>
  sides.map(([canary, baseline], index) => ({
    metric: metric.name,
    step,
    from: new Date((step * 6 + index) * 30_000).toISOString(),
    at: new Date((step * 6 + index + 1) * 30_000).toISOString(),
    ...(typeof canary === 'string' ? { problem: canary } : canary === undefined ? {} : { canary: sampleOf(canary) }),
    ...(baseline === undefined ? {} : { baseline: sampleOf(baseline) }),
  }));
export const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);
export const judge = (metric: MetricSpec, readings: readonly Reading[], step = 0, over?: boolean): string => {
  const { verdicts, phase } = judgeStep(planOf(metric), step, readings, over);
  return `${phase}: ${verdicts[0]?.message}`;
};
export const withBounds = (
  metric: MetricSpec,
  threshold: MetricSpec['threshold'],
  more: Partial<MetricSpec> = {},
): MetricSpec => {
  const { baseline: _, ...rest } = metric;
  return { ...rest, ...(threshold === undefined ? {} : { threshold }), ...more };
};
