import { cleanLine } from '../../core/findings/cleanText';
import type { MetricSpec, Reading, Sample } from '../../core/model/analysis';
import type { RolloutState } from '../../core/model/rollout';
import type { PanelChart } from '../../webview/protocol';
import { metricTitle, percentWords } from '../delivery/deliveryWords';

/** Newest points that are drawn of a line: more cannot be told apart at a panel's width. */
const mostPoints = 240;

type Point = readonly [number, number];
type Side = 'canary' | 'baseline';

/** One chart a metric of the rollout: canary and baseline over time, the threshold drawn in. */
export function metricCharts(rollout: RolloutState): readonly PanelChart[] {
  return rollout.plan.metrics.map((metric) => chartOf(metric, rollout));
}

function chartOf(metric: MetricSpec, rollout: RolloutState): PanelChart {
  const readings = rollout.readings.filter((reading) => reading.metric === metric.name);
  const title = metricTitle(rollout.plan.metrics, metric.name);
  const say = (value: number) => valueWords(metric.kind, value);
  const lines = (['canary', 'baseline'] as const).flatMap((side) => {
    const points = pointsOf(readings, side);
    return points.length === 0 ? [] : [{ name: side, look: side === 'canary' ? ('main' as const) : ('beside' as const), points }];
  });
  const limits = (['max', 'min'] as const).flatMap((bound) => {
    const value = metric.threshold?.[bound];
    return value === undefined ? [] : [{ value, label: `${bound === 'max' ? 'at most' : 'at least'} ${say(value)}` }];
  });
  const last = lines.map(({ name, points }) => `${name} ${say(points.at(-1)?.[1] ?? 0)}`);
  // A breach stays the word on its metric, whatever was read afterwards.
  const { breach } = rollout;
  const shown = breach?.metric === metric.name ? breach : rollout.verdicts.findLast((one) => one.metric === metric.name);
  const problem = readings.at(-1)?.problem;
  const spans = lines.map(({ name, points }) => {
    const values = points.map(([, value]) => value);
    return `${name} between ${say(Math.min(...values))} and ${say(Math.max(...values))}, last ${say(values.at(-1) ?? 0)}`;
  });
  const summary = [
    spans.length === 0 ? `${title}: nothing was measured yet` : `${title}: ${spans.join('; ')}`,
    ...limits.map((limit) => `allowed ${limit.label}`),
    ...(shown === undefined ? [] : [cleanLine(shown.message, 300)]),
    ...(problem === undefined ? [] : [`the last look could not measure: ${cleanLine(problem, 200)}`]),
  ].join('. ');
  return {
    id: metric.name,
    title,
    unit: metric.kind === 'ratio' ? 'percent' : metric.kind === 'probe' ? 'health' : 'number',
    lines,
    limits,
    last: problem === undefined ? last : [...last, `last look: ${cleanLine(problem, 200)}`],
    summary: `${summary}.`,
    ...(shown === undefined ? {} : { verdict: { title, outcome: shown.phase, message: cleanLine(shown.message, 400) } }),
  };
}

/**
 * The values of one side over time. Counters that count since the process began are told apart by the look before; where
 * they fell the process began anew, and the new count is what happened since.
 */
export function pointsOf(readings: readonly Reading[], side: Side): readonly Point[] {
  const points: Point[] = [];
  let before: Extract<Sample, { kind: 'ratio' }> | undefined;
  for (const reading of readings.toSorted((a, b) => a.at.localeCompare(b.at))) {
    const sample = reading[side];
    const at = Date.parse(reading.at);
    if (sample === undefined || Number.isNaN(at)) continue;
    if (sample.kind === 'value') points.push([at, sample.value]);
    else if (sample.kind === 'probe') points.push([at, sample.ok ? 1 : 0]);
    else {
      const since = sample.cumulative && before !== undefined && before.total <= sample.total && before.events <= sample.events;
      const events = sample.events - (since ? (before?.events ?? 0) : 0);
      const total = sample.total - (since ? (before?.total ?? 0) : 0);
      // The first cumulative count has no look before it to be compared with.
      const known = !sample.cumulative || before !== undefined;
      if (sample.cumulative) before = sample;
      if (known && total > 0) points.push([at, events / total]);
    }
  }
  return points.filter(([, value]) => Number.isFinite(value)).slice(-mostPoints);
}

function valueWords(kind: MetricSpec['kind'], value: number): string {
  if (kind === 'ratio') return percentWords(value);
  if (kind === 'probe') return value >= 1 ? 'healthy' : 'failing';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}
