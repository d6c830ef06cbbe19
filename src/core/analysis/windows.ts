import type { Reading, Sample } from '../model/analysis';
import type { Count } from './rateEvidence';

/** What one side did in one window of one step. */
export interface Window<T> {
  readonly step: number;
  readonly counts: T;
}

export interface Windows<T> {
  readonly windows: readonly Window<T>[];
  /** How often counters went down and so began anew, in the last step. */
  readonly restarts: number;
}

type RatioSample = Extract<Sample, { kind: 'ratio' }>;

/**
 * Turns readings into counts per window. Samples that are counters since the process began (`cumulative`) become differences between
 * successive readings of the same step; the first of a step is its zero, so neither warm-up nor what happened before the weight
 * changed is counted. A counter that went down began anew: what it shows was counted since (as Prometheus' `increase` has it).
 * A reading that is missing widens the window of the next, and nothing is lost.
 *
 * @param readings - of one metric, in order of time
 * @param pick - the sides that are needed; readings without them are passed over, so that all sides span the same windows
 */
export function countWindows<T extends Readonly<Record<string, Count>>>(
  readings: readonly Reading[],
  pick: (reading: Reading) => { readonly [Side in keyof T]: RatioSample } | undefined,
): Windows<T> {
  const windows: Window<T>[] = [];
  const zeros = new Map<string, Count>();
  let step: number | undefined;
  let restarts = 0;
  for (const reading of readings) {
    const samples = pick(reading);
    if (samples === undefined) continue;
    if (reading.step !== step) {
      zeros.clear();
      restarts = 0;
      step = reading.step;
    }
    const counts: Record<string, Count> = {};
    let complete = true;
    for (const side in samples) {
      const sample = samples[side];
      const zero = zeros.get(side);
      const { events, total } = sample;
      if (!sample.cumulative) counts[side] = sample;
      else {
        zeros.set(side, { events, total });
        if (zero === undefined) {
          complete = false;
          continue;
        }
        const anew = events < zero.events || total < zero.total;
        if (anew) restarts += 1;
        counts[side] = anew ? sample : { events: events - zero.events, total: total - zero.total };
      }
    }
    if (complete) windows.push({ step: reading.step, counts: counts as T });
  }
  return { windows, restarts };
}

/** Counts of all windows of one step together. */
export function sumCounts(windows: readonly Count[]): Count {
  return windows.reduce((sum, { events, total }) => ({ events: sum.events + events, total: sum.total + total }), {
    events: 0,
    total: 0,
  });
}

/** Why a sample cannot be what it says; undefined when it can. Prometheus extrapolates, so events may pass the total a little. */
export function doubtSample(sample: Sample): string | undefined {
  if (sample.kind !== 'ratio') return undefined;
  const { events, total } = sample;
  if (!Number.isFinite(events) || !Number.isFinite(total) || events < 0 || total < 0) return `${events} of ${total} is no count`;
  return events > total * 1.05 + 1 ? `${events} events of only ${total} in all` : undefined;
}
