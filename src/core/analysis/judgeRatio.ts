import type { MetricSpec, Reading, Sample } from '../model/analysis';
import type { AnalysisContext } from './analysisContext';
import { accumulateEvidence, pValueOf, weighStarts } from './evidence';
import { binomialTail, fisherTail } from './exactTails';
import type { Judgement, Look } from './explain';
import {
  sayBeyond,
  sayBorne,
  sayCounts,
  sayFine,
  sayNoComparison,
  sayNoData,
  sayPerhapsBeyond,
  sayTooFew,
  sayWorse,
  sayWorseThanEarlier,
} from './explain';
import { withoutRepeated } from './missedLooks';
import type { Count, PairedCount } from './rateEvidence';
import { boundedRatios, comparedRatios, guessRates } from './rateEvidence';
import type { Window } from './windows';
import { countWindows, sumCounts } from './windows';

/** Requests on each side before anything is said, where the metric does not say. */
const defaultMinSample = 50;

/** One question that is put to the counts, with its evidence after each look of the current step. */
interface Test {
  readonly evidence: readonly number[];
  say(p: number): string;
}

/** A bound as one above which it is bad: `min` is turned round, since few successes are many failures. */
interface Bound {
  readonly side: 'above' | 'below';
  readonly limit: number;
}

/**
 * Events of a total: compared with the baseline of the same windows, and held against the bounds, each beyond chance.
 *
 * With a lower bound alone (`threshold.min` and no `max`) the events are good ones, and fewer of them than the baseline has are worse.
 * A look fails where a test's evidence has reached 1 / level; the metric fails when more looks than failureLimit have failed.
 * Passing the step takes minSample on each side and, where a bound is passed though not beyond chance, a person.
 *
 * At 100 percent the old version has no traffic left. The canary is then held against the baseline of the earlier steps, of another
 * time, by the exact test of Fisher at each look; that much weaker comparison can only bring in a person.
 */
export function judgeRatio(metric: MetricSpec, readings: readonly Reading[], context: AnalysisContext, look: Look): Judgement {
  const { max, min } = metric.threshold ?? {};
  const lowerIsWorse = min !== undefined && max === undefined;
  const least = metric.minSample ?? defaultMinSample;
  const ours = ({ step }: Window<unknown>): boolean => step === context.step;

  const { windows: single, restarts } = countWindows<{ canary: Count }>(withoutRepeated(readings), ({ canary }) =>
    isRatio(canary) ? { canary } : undefined,
  );
  const paired = countWindows<{ canary: Count; baseline: Count }>(readings, ({ canary, baseline }) =>
    isRatio(canary) && isRatio(baseline) ? { canary, baseline } : undefined,
  ).windows;
  const own = sumCounts(single.filter(ours).map(({ counts }) => counts.canary));
  const pair = {
    canary: sumCounts(paired.filter(ours).map(({ counts }) => counts.canary)),
    baseline: sumCounts(paired.filter(ours).map(({ counts }) => counts.baseline)),
  };

  const compares = metric.baseline !== undefined;
  const oldIsGone = compares && context.weight >= 100 && pair.baseline.total < least;
  const comparesNow = compares && !oldIsGone;
  const bounds: readonly Bound[] = [
    ...(max === undefined ? [] : [{ side: 'above' as const, limit: max }]),
    ...(min === undefined ? [] : [{ side: 'below' as const, limit: min }]),
  ];
  const tests: readonly Test[] = [
    ...(comparesNow ? [compare(paired, lowerIsWorse, metric.tolerance ?? 0, context, look)] : []),
    ...bounds.map((bound) => holdAgainst(single, bound, context, look)),
  ];

  const earlier = oldIsGone ? sumCounts(paired.filter((each) => !ours(each)).map(({ counts }) => counts.baseline)) : undefined;
  const shown = comparesNow && pair.baseline.total > 0 ? pair : earlier ? { canary: own, baseline: earlier } : { canary: own };
  const counts = sayCounts(shown.canary, { ...shown, earlier: oldIsGone, lowerIsWorse, restarts });
  const judge = (phase: Judgement['phase'], words: string): Judgement => ({
    phase,
    message: `${counts}: ${words}`,
    ...(shown.canary.total > 0 ? { canary: shown.canary.events / shown.canary.total } : {}),
    ...('baseline' in shown && shown.baseline.total > 0 ? { baseline: shown.baseline.events / shown.baseline.total } : {}),
    sample: { canary: shown.canary.total, ...('baseline' in shown ? { baseline: shown.baseline.total } : {}) },
  });
  const unsaid = context.over ? 'inconclusive' : 'waiting';

  const enoughOwn = own.total >= least;
  const enoughPaired = pair.canary.total >= least && pair.baseline.total >= least;
  const speaking = tests.filter((_, index) => (comparesNow && index === 0 ? enoughPaired : enoughOwn));
  const failed = countFailed(speaking, context.level);
  const limit = metric.failureLimit ?? 0;
  if (failed > limit) {
    const worst = speaking.reduce((a, b) => (greatest(b) > greatest(a) ? b : a));
    const words = worst.say(pValueOf(greatest(worst)));
    return judge('failed', limit === 0 ? words : sayBorne(words, failed, limit));
  }
  if (comparesNow && paired.filter(ours).length === 0 && single.some(ours))
    return judge(unsaid, sayNoData('old', look, context.over));
  if (!enoughOwn || (comparesNow && !enoughPaired))
    return judge(unsaid, sayTooFew(least, comparesNow ? 2 : 1, look, context.over));

  if (oldIsGone && earlier !== undefined && earlier.total >= least) {
    const [now, then] = lowerIsWorse ? [others(own), others(earlier)] : [own, earlier];
    const p = fisherTail(now, then);
    const worse = now.events / now.total > then.events / then.total + (metric.tolerance ?? 0);
    if (worse && p < context.level / context.looks) return judge('inconclusive', sayWorseThanEarlier(p));
  } else if (oldIsGone && bounds.length === 0) return judge(unsaid, sayNoComparison());

  if (context.over)
    for (const { side, limit: bound } of bounds) {
      const [counted, rate] = side === 'above' ? [own, bound] : [others(own), 1 - bound];
      if (counted.events / counted.total > rate)
        return judge('inconclusive', sayPerhapsBeyond(side, bound, binomialTail(counted.events, counted.total, rate)));
    }
  const what = !compares || (oldIsGone && earlier?.total === 0) ? 'bounded' : bounds.length > 0 ? 'both' : 'compared';
  const fine = sayFine(what, look, context.over);
  return judge(context.over ? 'successful' : 'waiting', failed > 0 ? sayBorne(fine, failed, limit) : fine);
}

function compare(
  windows: readonly Window<PairedCount>[],
  lowerIsWorse: boolean,
  tolerance: number,
  context: AnalysisContext,
  look: Look,
): Test {
  const pairs = windows.map(({ counts }) =>
    lowerIsWorse ? { canary: others(counts.canary), baseline: others(counts.baseline) } : counts,
  );
  const guesses = guessRates(pairs);
  const ratios = pairs.map((pair, index) => comparedRatios(pair, guesses[index] ?? 0, tolerance));
  return { evidence: evidenceOfStep(windows, ratios, context), say: (p) => sayWorse(p, look) };
}

function holdAgainst(
  windows: readonly Window<{ readonly canary: Count }>[],
  { side, limit }: Bound,
  context: AnalysisContext,
  look: Look,
): Test {
  const ratios = windows.map(({ counts: { canary } }) =>
    side === 'above' ? boundedRatios(canary, limit) : boundedRatios(others(canary), 1 - limit),
  );
  return { evidence: evidenceOfStep(windows, ratios, context), say: (p) => sayBeyond(side, limit, p, look) };
}

function evidenceOfStep(
  windows: readonly Window<unknown>[],
  ratios: readonly (readonly number[])[],
  context: AnalysisContext,
): readonly number[] {
  const steps = windows.map(({ step }) => step);
  return accumulateEvidence(ratios, weighStarts(steps, context.starts)).filter((_, index) => steps[index] === context.step);
}

/** Looks at which any of the tests had reached its level. */
function countFailed(tests: readonly Test[], level: number): number {
  const reached = Math.log(1 / level);
  const looks = Math.max(0, ...tests.map(({ evidence }) => evidence.length));
  let failed = 0;
  for (let index = 0; index < looks; index++)
    if (tests.some(({ evidence }) => (evidence[index] ?? -Infinity) >= reached)) failed += 1;
  return failed;
}

function greatest({ evidence }: Test): number {
  return Math.max(0, ...evidence);
}

/** The rest of the total: what did not succeed, or what did not fail. */
function others({ events, total }: Count): Count {
  return { events: Math.max(0, total - events), total };
}

function isRatio(sample: Sample | undefined): sample is Extract<Sample, { kind: 'ratio' }> {
  return sample?.kind === 'ratio';
}
