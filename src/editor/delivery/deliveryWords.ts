import { cleanLine } from '../../core/findings/cleanText';
import type { Approval } from '../../core/model/approval';
import type { MetricPhase, MetricSpec } from '../../core/model/analysis';
import type { RolloutPhase, RolloutState } from '../../core/model/rollout';

/** The phase of a rollout in words. */
export const phaseWords: Readonly<Record<RolloutPhase, string>> = {
  planned: 'planned',
  progressing: 'under way',
  paused: 'paused',
  'rolling-back': 'being taken back',
  'rolled-back': 'taken back',
  degraded: 'stuck halfway: a person must act',
  watching: 'at 100 %, being watched',
  completed: 'completed',
};

/** A verdict in a word or two, for places where there is no room for its sentence. */
export const metricWords: Readonly<Record<MetricPhase, string>> = {
  successful: 'healthy',
  failed: 'breached',
  error: 'could not be measured',
  inconclusive: 'inconclusive',
  waiting: 'too early to say',
};

/** `Error rate`: the metric's title, or its name with spaces. */
export function metricTitle(metrics: readonly MetricSpec[], name: string): string {
  const spec = metrics.find((metric) => metric.name === name);
  return cleanLine(spec?.title ?? name.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase()), 80);
}

/** `step 2 of 4`, `not begun`, `after the last step`. */
export function stepWords({ step, plan }: Pick<RolloutState, 'step' | 'plan'>): string {
  if (step < 0) return 'not begun';
  return step >= plan.steps.length ? 'after the last step' : `step ${step + 1} of ${plan.steps.length}`;
}

/** The worst that the metrics say now, in words; undefined where there is no verdict yet. */
export function worstVerdict({ verdicts, breach }: Pick<RolloutState, 'verdicts' | 'breach'>): MetricPhase | undefined {
  if (breach !== undefined) return 'failed';
  const order: readonly MetricPhase[] = ['failed', 'error', 'inconclusive', 'waiting', 'successful'];
  return order.find((phase) => verdicts.some((verdict) => verdict.phase === phase));
}

/** True while the rollout itself goes on or its metrics are watched: somebody has to look at it. */
export function isUnderWay({ phase }: Pick<RolloutState, 'phase'>): boolean {
  return (
    phase === 'progressing' || phase === 'watching' || phase === 'rolling-back' || phase === 'paused' || phase === 'degraded'
  );
}

/**
 * True when nobody has looked at a rollout that is under way for much longer than it should be looked at: five looks or two
 * minutes, whichever is longer. A paused rollout waits for a person and may stand for days. `now` in milliseconds.
 */
export function isUnwatched(rollout: RolloutState, now: number): boolean {
  if (rollout.phase !== 'progressing' && rollout.phase !== 'watching' && rollout.phase !== 'rolling-back') return false;
  const seen = [rollout.startedAt, rollout.stepSince, rollout.lastLookAt, rollout.events.at(-1)?.at].flatMap((at) =>
    at === undefined || Number.isNaN(Date.parse(at)) ? [] : [Date.parse(at)],
  );
  return now - Math.max(...seen, 0) > Math.max(5 * rollout.plan.lookSeconds, 120) * 1000;
}

/** What is said wherever an approval is not somebody else's. */
export function approvalLabel({ kind, source }: Pick<Approval, 'kind' | 'source'>): string | undefined {
  if (kind === 'solo') return 'solo: the author alone';
  if (kind === 'rule') return 'by rule, no person';
  return source === 'demo' ? 'demo identity, not a real person' : undefined;
}

/** `90 s`, `10 min`, `2 h`, `1 h 30 min`: a time of the plan. */
export function secondsWords(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** `512 B`, `24.1 kB`, `3.2 MB`: bytes in decimal units. */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** `5.8 %`, `100 %`: a share of 0 … 1. */
export function percentWords(share: number): string {
  const percent = share * 100;
  return `${percent !== 0 && Math.abs(percent) < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}
