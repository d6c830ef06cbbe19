import type { MetricSpec, Reading } from '../model/analysis';
import type { AnalysisContext } from './analysisContext';
import { addLogs, pValueOf } from './evidence';
import type { Judgement, Look } from './explain';
import {
  median,
  sayBorne,
  sayFine,
  sayNoComparison,
  sayNoData,
  sayPerhapsWorseValue,
  sayTooFewReadings,
  sayValueBeyond,
  sayValues,
  sayWorseThanEarlierValue,
  sayWorseValue,
} from './explain';
import { compareValues, differencesEvidence } from './valueEvidence';

/** Readings on each side before anything is said, where the metric does not say. */
const defaultMinSample = 3;
/** How many times the baseline is still fine, where the metric does not say: Kayenta lets a quarter of the effect pass as well. */
const defaultFactor = 1.25;

interface ValueReading {
  readonly step: number;
  readonly canary: number;
  readonly baseline: number | undefined;
}

/**
 * One number, such as a latency: its readings are compared in pairs with the baseline of the same windows (see differencesEvidence), and
 * each is held against the bounds. A bound is passed by a look, for a number brings no counts that could tell what chance
 * does: the metric fails when that happens in more looks than failureLimit, once there are minSample readings. With a lower bound
 * alone, lower is worse than the baseline as well.
 */
export function judgeValue(metric: MetricSpec, readings: readonly Reading[], context: AnalysisContext, look: Look): Judgement {
  const { max, min } = metric.threshold ?? {};
  const lowerIsWorse = min !== undefined && max === undefined;
  const least = metric.minSample ?? defaultMinSample;
  const factor = metric.tolerance ?? defaultFactor;
  const limit = metric.failureLimit ?? 0;
  const compares = metric.baseline !== undefined;
  const all = readings.flatMap(({ step, canary, baseline }): readonly ValueReading[] =>
    canary?.kind === 'value'
      ? [{ step, canary: canary.value, baseline: compares && baseline?.kind === 'value' ? baseline.value : undefined }]
      : [],
  );
  const ofStep = all.filter(({ step }) => step === context.step);
  const values = ofStep.map(({ canary }) => canary);
  const olds = ofStep.flatMap(({ baseline }) => (baseline === undefined ? [] : [baseline]));
  const oldIsGone = compares && context.weight >= 100 && olds.length < least;
  const earlier = oldIsGone ? all.flatMap(({ step, baseline }) => (step === context.step ? [] : (baseline ?? []))) : [];
  const shown = oldIsGone ? earlier : olds;
  const judge = (phase: Judgement['phase'], words: string): Judgement => ({
    phase,
    message: `${values.length === 0 ? '' : `${sayValues(values, shown, oldIsGone)}: `}${words}`,
    ...(values.length === 0 ? {} : { canary: median(values) }),
    ...(shown.length === 0 ? {} : { baseline: median(shown) }),
    sample: { canary: values.length, ...(compares ? { baseline: shown.length } : {}) },
  });
  const unsaid = context.over ? 'inconclusive' : 'waiting';
  if (values.length < least) return judge(unsaid, sayTooFewReadings(least, look, context.over));

  const above = max === undefined ? 0 : values.filter((value) => value > max).length;
  const below = min === undefined ? 0 : values.filter((value) => value < min).length;
  if (max !== undefined && above > limit) return judge('failed', sayValueBeyond('above', max, above, limit, look));
  if (min !== undefined && below > limit) return judge('failed', sayValueBeyond('below', min, below, limit, look));

  if (compares && !oldIsGone) {
    if (olds.length === 0) return judge(unsaid, sayNoData('old', look, context.over));
    if (olds.length < least) return judge(unsaid, sayTooFewReadings(least, look, context.over));
    const evidence = comparePairs(all, context, factor, lowerIsWorse);
    const failed = evidence.filter((each) => each >= Math.log(1 / context.level)).length;
    if (failed > limit) {
      const words = sayWorseValue(factor, lowerIsWorse, pValueOf(Math.max(...evidence)), look);
      return judge('failed', limit === 0 ? words : sayBorne(words, failed, limit));
    }
    if (context.over && isWorse(values, olds, factor, lowerIsWorse))
      return judge('inconclusive', sayPerhapsWorseValue(factor, lowerIsWorse));
  } else if (oldIsGone && earlier.length >= least) {
    if (isWorse(values, earlier, factor, lowerIsWorse))
      return judge('inconclusive', sayWorseThanEarlierValue(factor, lowerIsWorse));
  } else if (oldIsGone && max === undefined && min === undefined) return judge(unsaid, sayNoComparison());

  const bounded = max !== undefined || min !== undefined;
  const what = !compares || (oldIsGone && earlier.length < least) ? 'bounded' : bounded ? 'both' : 'compared';
  const fine = sayFine(what, look, context.over);
  const borne = above + below;
  return judge(context.over ? 'successful' : 'waiting', borne > 0 ? sayBorne(fine, borne, limit) : fine);
}

/**
 * Evidence after each pair of the current step, averaged over where the harm began: half for the first step, half for the
 * beginnings of the others.
 */
function comparePairs(
  readings: readonly ValueReading[],
  context: AnalysisContext,
  factor: number,
  lowerIsWorse: boolean,
): readonly number[] {
  const pairs = readings.flatMap(({ step, canary, baseline }) =>
    baseline === undefined ? [] : [{ step, difference: compareValues(canary, baseline, factor, lowerIsWorse) }],
  );
  const begins = pairs
    .flatMap(({ step }, index) => (step === pairs[index - 1]?.step ? [] : [index]))
    .slice(0, context.starts.steps);
  const later = 0.5 / Math.max(1, context.starts.steps - 1);
  return pairs.flatMap(({ step }, index) => {
    if (step !== context.step) return [];
    const begun = begins.filter((begin) => begin <= index);
    const weights = begun.map((_, place) => (place === 0 ? 0.5 : later));
    const left = 1 - weights.reduce((sum, weight) => sum + weight, 0);
    const terms = begun.map(
      (begin, place) =>
        Math.log(weights[place] ?? 0) + differencesEvidence(pairs.slice(begin, index + 1).map(({ difference }) => difference)),
    );
    return [addLogs([...terms, Math.log(Math.max(0, left))])];
  });
}

function isWorse(canary: readonly number[], baseline: readonly number[], factor: number, lowerIsWorse: boolean): boolean {
  return compareValues(median(canary), median(baseline), factor, lowerIsWorse) > 0;
}
