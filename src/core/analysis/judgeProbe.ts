import type { MetricSpec, Reading } from '../model/analysis';
import type { AnalysisContext } from './analysisContext';
import type { Judgement, Look } from './explain';
import { sayFine, sayProbes, sayProbesFailed, sayTooFewReadings } from './explain';

/**
 * Whether a health address answers well: fails when it did not in more looks than failureLimit. A newest look that failed and is borne
 * is no end for a step: the next one decides.
 */
export function judgeProbe(metric: MetricSpec, readings: readonly Reading[], context: AnalysisContext, look: Look): Judgement {
  const probes = readings.flatMap(({ step, canary }) => (step === context.step && canary?.kind === 'probe' ? [canary] : []));
  const bad = probes.filter(({ ok }) => !ok);
  const least = metric.minSample ?? 1;
  const limit = metric.failureLimit ?? 0;
  const judge = (phase: Judgement['phase'], words: string): Judgement => ({
    phase,
    message: `${sayProbes(probes.length - bad.length, probes.length, bad.at(-1)?.detail)}: ${words}`,
    ...(probes.length === 0 ? {} : { canary: (probes.length - bad.length) / probes.length }),
    sample: { canary: probes.length },
  });
  if (bad.length > limit && probes.length >= least) return judge('failed', sayProbesFailed(bad.length, limit, look));
  if (probes.length < least)
    return judge(context.over ? 'inconclusive' : 'waiting', sayTooFewReadings(least, look, context.over));
  if (bad.length > 0)
    return judge(context.over && probes.at(-1)?.ok === true ? 'successful' : 'waiting', sayProbesFailed(bad.length, limit, look));
  return judge(context.over ? 'successful' : 'waiting', sayFine('answers', look, context.over));
}
