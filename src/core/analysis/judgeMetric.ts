import type { MetricSpec, MetricVerdict, Reading, Sample } from '../model/analysis';
import type { AnalysisContext } from './analysisContext';
import { dropZero } from './analysisContext';
import type { Judgement } from './explain';
import { sayNoData, sayProblem, sayUnmeasured } from './explain';
import { judgeProbe } from './judgeProbe';
import { judgeRatio } from './judgeRatio';
import { judgeValue } from './judgeValue';
import { doubtSample } from './windows';

/** Looks in a row that may fail to measure, where the metric does not say; Argo's default. */
const defaultErrorLimit = 4;

/**
 * The verdict on one metric of the current step.
 *
 * What was measured speaks first: a breach is a breach even where the newest look failed. Looks that could not measure are an
 * `error` once there are more than consecutiveErrorLimit of them in a row. A newest look without data is never healthy: the
 * verdict waits while the step bakes and is `inconclusive` at its end; where the newest look met a problem it waits for the
 * next one even then, so that one lost answer neither passes nor stops a rollout.
 *
 * @param readings - of the whole rollout and all metrics, in order of time
 */
export function judgeMetric(metric: MetricSpec, readings: readonly Reading[], context: AnalysisContext): MetricVerdict {
  const mine = readings
    .filter((reading) => reading.metric === metric.name && reading.step <= context.step)
    .map((reading) => checkReading(metric, reading));
  const ofStep = mine.filter(({ step }) => step === context.step);
  const counted = dropZero(ofStep, context.lookSeconds).length;
  const look = { index: Math.max(1, counted), planned: context.looks };
  const verdict = ({ phase, message, ...numbers }: Judgement): MetricVerdict => ({
    metric: metric.name,
    step: context.step,
    phase,
    message,
    ...numbers,
  });

  const judged = judgeKind(metric, mine, context, look);
  if (judged.phase === 'failed') return verdict(judged);
  const inRow = ofStep.length - 1 - ofStep.findLastIndex(({ problem }) => problem === undefined);
  const limit = metric.consecutiveErrorLimit ?? defaultErrorLimit;
  const newest = ofStep.at(-1);
  if (newest?.problem !== undefined) {
    const phase = inRow > limit ? 'error' : 'waiting';
    return verdict({ ...judged, phase, message: sayProblem(newest.problem, inRow, limit, phase === 'error') });
  }
  const nothing = context.over ? 'inconclusive' : 'waiting';
  if (newest === undefined || (counted === 0 && newest.canary === undefined))
    return verdict({ phase: nothing, message: sayUnmeasured(context.over) });
  if (newest.canary === undefined) return verdict({ ...judged, phase: nothing, message: sayNoData('new', look, context.over) });
  return verdict(judged);
}

function judgeKind(
  metric: MetricSpec,
  readings: readonly Reading[],
  context: AnalysisContext,
  look: { readonly index: number; readonly planned: number },
): Judgement {
  switch (metric.kind) {
    case 'ratio':
      return judgeRatio(metric, readings, context, look);
    case 'value':
      return judgeValue(metric, readings, context, look);
    case 'probe':
      return judgeProbe(metric, readings, context, look);
  }
}

/** A sample that cannot be is a problem of measuring; a number that is none (0 / 0) is no data. What is right stays as it is. */
function checkReading(metric: MetricSpec, reading: Reading): Reading {
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
