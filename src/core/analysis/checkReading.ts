import type { MetricSpec, Reading, Sample } from '../model/analysis';
import { doubtSample } from './windows';

/** A sample that cannot be is a problem of measuring; a number that is none (0 / 0) is no data. What is right stays as it is. */
export function checkReading(metric: MetricSpec, reading: Reading): Reading {
  const { canary, baseline, problem } = reading;
  const doubted = doubt(metric, canary);
  const found = problem ?? doubted ?? doubt(metric, baseline);
  if (found === undefined && !isNaNSample(canary) && !isNaNSample(baseline)) return reading;
  const { step, at, from } = reading;
  const bare = { metric: metric.name, step, at, from };
  // What was measured of the new version is held against the bounds also where the old one could not be measured.
  if (found !== undefined) {
    const kept = canary === undefined || isNaNSample(canary) || doubted !== undefined ? {} : { canary };
    return { ...bare, ...kept, problem: found };
  }
  return {
    ...bare,
    ...(canary === undefined || isNaNSample(canary) ? {} : { canary }),
    ...(baseline === undefined || isNaNSample(baseline) ? {} : { baseline }),
  };
}

function doubt(metric: MetricSpec, sample: Sample | undefined): string | undefined {
  if (sample === undefined || isNaNSample(sample)) return undefined;
  if (sample.kind !== metric.kind) return `it gave a ${sample.kind}, the metric is a ${metric.kind}`;
  if (sample.kind === 'value' && sample.value < 0 && metric.baseline !== undefined)
    return `${sample.value} is below 0 and cannot be compared by a factor`;
  return doubtSample(sample);
}

function isNaNSample(sample: Sample | undefined): boolean {
  if (sample?.kind === 'ratio') return Number.isNaN(sample.events) || Number.isNaN(sample.total);
  return sample?.kind === 'value' && Number.isNaN(sample.value);
}
