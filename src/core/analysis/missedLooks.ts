import type { MetricSpec, Reading, Sample } from '../model/analysis';

/**
 * Whether a look brought nothing of the time that it was about. A ratio that is compared needs both sides of one window; each
 * value of the new version is a look of its own, and one pair fewer only makes the comparison weaker.
 */
export function isMissed({ kind }: Pick<MetricSpec, 'kind'>, { canary, problem }: Reading): boolean {
  return canary === undefined || (kind === 'ratio' && problem !== undefined);
}

/**
 * The looks of one step which failed and whose time no later look covered: a breach in it would have been seen by nobody.
 * Counters since the process began cover what lies between two of their readings.
 *
 * @param ofStep - of one metric, in order of time
 */
export function missedLooks(metric: Pick<MetricSpec, 'kind'>, ofStep: readonly Reading[]): readonly Reading[] {
  const first = ofStep.findIndex((reading) => !isMissed(metric, reading));
  const missed: Reading[] = [];
  let covered = Infinity;
  for (const [index, reading] of [...ofStep.entries()].toReversed()) {
    if (!isMissed(metric, reading)) {
      covered = isCumulative(reading.canary) ? -Infinity : Math.min(covered, Date.parse(reading.from));
    } else if (reading.problem !== undefined) {
      const counted = covered === -Infinity ? index > first : covered <= Date.parse(reading.from);
      if (!counted) missed.push(reading);
    }
  }
  return missed.toReversed();
}

/**
 * Without what was counted of the new version when the old one could not be measured, where a later look counted the same time
 * again: nothing is counted twice.
 *
 * @param readings - of one metric, in order of time
 */
export function withoutRepeated(readings: readonly Reading[]): readonly Reading[] {
  let step: number | undefined;
  let covered = Infinity;
  return readings
    .toReversed()
    .filter((reading) => {
      if (reading.step !== step) [step, covered] = [reading.step, Infinity];
      const from = Date.parse(reading.from);
      if (reading.canary === undefined || isCumulative(reading.canary)) return true;
      const repeated = reading.problem !== undefined && covered <= from;
      covered = Math.min(covered, from);
      return !repeated;
    })
    .toReversed();
}

function isCumulative(sample: Sample | undefined): boolean {
  return sample?.kind === 'ratio' && sample.cumulative;
}
