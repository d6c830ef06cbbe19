import type { MetricSpec, MetricVerdict, Reading } from '../model/analysis';
import type { AnalysisContext } from './analysisContext';
import { dropZero } from './analysisContext';
import { checkReading } from './checkReading';
import type { Judgement } from './explain';
import { sayMissed, sayNoData, sayProblem, sayUnmeasured } from './explain';
import { judgeProbe } from './judgeProbe';
import { judgeRatio } from './judgeRatio';
import { judgeValue } from './judgeValue';
import { missedLooks } from './missedLooks';

/** Looks in a row that may fail to measure, where the metric does not say; Argo's default. */
const defaultErrorLimit = 4;

/**
 * The verdict on one metric of the current step.
 *
 * What was measured speaks first: a breach is a breach even where the newest look failed. Looks that could not measure are an
 * `error` once there are more than consecutiveErrorLimit of them in a row. A newest look without data is never healthy: the
 * verdict waits while the step bakes and is `inconclusive` at its end; where the newest look met a problem it waits for the
 * next one even then, so that one lost answer neither passes nor stops a rollout. Where looks
 * failed whose time no later one covered, nothing is successful.
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
  const missed = judged.phase === 'successful' ? missedLooks(metric, dropZero(ofStep, context.lookSeconds)) : [];
  return verdict(missed.length === 0 ? judged : { ...judged, phase: 'inconclusive', message: sayMissed(judged.message, missed) });
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
