import type { DeliveryState } from '../../core/delivery';
import { cleanLine } from '../../core/findings/cleanText';
import type { RolloutState } from '../../core/model/rollout';
import { plainMarkdown } from '../plainMarkdown';
import { isUnderWay, isUnwatched, metricTitle, metricWords, phaseWords, stepWords, worstVerdict } from './deliveryWords';

/** A rollout as the status bar and its tooltip show it. */
export interface Attention {
  readonly findingId: string;
  /** error: a breach, or stuck halfway; warning: paused, inconclusive, or watched by nobody; info: goes on as it should. */
  readonly level: 'error' | 'warning' | 'info';
  /** `orders: step 2 of 3, 50 %, healthy`. */
  readonly text: string;
  readonly service: string;
  readonly step: string;
  readonly weight: number;
  readonly verdict: string;
}

const rank = { error: 0, warning: 1, info: 2 } as const;

/** What was taken back after a breach stays until its panel was looked at, for a day at most. */
const freshMs = 24 * 3_600_000;

/** One rollout of one run. */
export function rolloutKey({ plan }: RolloutState): string {
  return `${plan.run}/${plan.attempt}/${plan.service}`;
}

/** Every rollout of a run, also where it touches several services. */
export function rolloutsOf({ services, rollout }: DeliveryState): readonly RolloutState[] {
  return services ?? (rollout === undefined ? [] : [rollout]);
}

/**
 * The rollouts that want an eye, the worst first. `now` in milliseconds since the epoch; `seen` holds the keys of rollouts
 * whose end the person has looked at.
 */
export function attentionOf(
  states: readonly DeliveryState[],
  now: number,
  seen: ReadonlySet<string> = new Set(),
): readonly Attention[] {
  const wantsEye = (rollout: RolloutState): boolean =>
    isUnderWay(rollout) || (rollout.breach !== undefined && isFresh(rollout, now) && !seen.has(rolloutKey(rollout)));
  return states
    .flatMap((state) =>
      rolloutsOf(state)
        .filter(wantsEye)
        .map((rollout) => describe(state, rollout, now)),
    )
    .sort((a, b) => rank[a.level] - rank[b.level]);
}

/** True unless it ended more than a day ago: then it is history. */
export function isFresh({ endedAt }: RolloutState, now: number): boolean {
  return endedAt === undefined || !(now - Date.parse(endedAt) > freshMs);
}

function describe({ findingId }: DeliveryState, rollout: RolloutState, now: number): Attention {
  const phase = worstVerdict(rollout);
  const unwatched = isUnwatched(rollout, now);
  const breach = rollout.breach;
  const service = cleanLine(rollout.plan.service, 60);
  const step = stepWords(rollout);
  const verdict =
    breach !== undefined
      ? `breach of ${metricTitle(rollout.plan.metrics, breach.metric)}${rollout.phase === 'rolled-back' ? ', taken back' : ''}`
      : rollout.phase === 'degraded'
        ? phaseWords.degraded
        : unwatched
          ? 'nobody watches this rollout'
          : rollout.phase === 'paused'
            ? `paused${phase === undefined ? '' : `, ${metricWords[phase]}`}`
            : phase === undefined
              ? phaseWords[rollout.phase]
              : metricWords[phase];
  const level =
    breach !== undefined || rollout.phase === 'degraded'
      ? 'error'
      : unwatched || rollout.phase === 'paused' || phase === 'inconclusive' || phase === 'error' || phase === 'failed'
        ? 'warning'
        : 'info';
  const { weight } = rollout;
  return { findingId, level, text: `${service}: ${step}, ${weight} %, ${verdict}`, service, step, weight, verdict };
}

/** All of them as a Markdown table, each with a link that opens its panel. Nothing from outside is markup. */
export function attentionTable(attentions: readonly Attention[]): string {
  const rows = attentions.map(({ findingId, service, step, weight, verdict }) => {
    const link = `command:patchline.openPanel?${encodeURIComponent(JSON.stringify([findingId]))}`;
    return `| [${plainMarkdown(service, 60)}](${link}) | ${plainMarkdown(step, 40)} | ${weight} % | ${plainMarkdown(verdict, 120)} |`;
  });
  return ['| Service | Step | Traffic | Verdict |', '|---|---|--:|---|', ...rows].join('\n');
}
