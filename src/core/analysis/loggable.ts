import type { Sample } from '../model/analysis';

/** Stands for infinity in the run log, which is JSON: beyond every bound, and sums and medians of it are still numbers. */
export const beyondAll = 1e300;

/**
 * A sample as the run log can hold it. A value beyond all bounds (a quantile behind the last bucket) stays one; what is no number
 * is no data; a count without an end is none.
 */
export function loggableSample(sample: Sample | undefined): { readonly sample?: Sample; readonly problem?: string } {
  if (sample?.kind === 'value') {
    const value = Math.max(-beyondAll, Math.min(beyondAll, sample.value));
    return Number.isNaN(value) ? {} : { sample: { ...sample, value } };
  }
  if (sample?.kind === 'ratio') {
    const { events, total } = sample;
    if (Number.isNaN(events) || Number.isNaN(total)) return {};
    if (Math.max(Math.abs(events), Math.abs(total)) >= beyondAll) return { problem: `${events} of ${total} is no count` };
  }
  return sample === undefined ? {} : { sample };
}
