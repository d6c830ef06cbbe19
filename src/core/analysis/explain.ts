import { cleanLine } from '../findings/cleanText';
import type { MetricVerdict } from '../model/analysis';
import { beyondAll } from './loggable';
import type { Count } from './rateEvidence';

/** A verdict before it carries the names of metric and step. */
export type Judgement = Omit<MetricVerdict, 'metric' | 'step'>;

/** 1-based look of the step, and how many are planned. */
export interface Look {
  readonly index: number;
  readonly planned: number;
}

/** `7 of 120 requests failed (5.8 %), baseline 2 of 118 (1.7 %)`. */
export function sayCounts(
  canary: Count,
  options: {
    readonly baseline?: Count;
    readonly earlier?: boolean;
    readonly lowerIsWorse: boolean;
    /** How often the canary's counters went down within the step. */
    readonly restarts?: number;
  },
): string {
  const { baseline, earlier = false, lowerIsWorse, restarts = 0 } = options;
  const side = ({ events, total }: Count, words: string): string =>
    `${whole(events)} of ${whole(total)}${words}${total > 0 ? ` (${sayPercent(events / total)})` : ''}`;
  const anew = restarts === 0 ? '' : `, counters began anew ${restarts === 1 ? 'once' : `${restarts} times`}`;
  const own = `${side(canary, lowerIsWorse ? ' requests succeeded' : ' requests failed')}${anew}`;
  if (baseline === undefined) return own;
  return `${own}, baseline ${earlier ? 'of the earlier steps ' : ''}${side(baseline, '')}`;
}

export function sayWorse(p: number, look: Look): string {
  return `worse beyond chance (${sayP(p)}, ${sayLook(look)})`;
}

export function sayBeyond(side: 'above' | 'below', limit: number, p: number, look: Look): string {
  return `${side} ${sayPercent(limit)} beyond chance (${sayP(p)}, ${sayLook(look)})`;
}

/** The bound is passed, but not beyond chance. */
export function sayPerhapsBeyond(side: 'above' | 'below', limit: number, chance: number): string {
  return `${side} ${sayPercent(limit)}, which chance alone brings about in ${sayPercent(chance)} of cases: a person decides`;
}

export function sayTooFew(least: number, sides: 1 | 2, look: Look, over: boolean): string {
  const where = sides === 2 ? ' on each side' : '';
  return over
    ? `fewer than ${whole(least)} requests${where} in the whole step: a person decides`
    : `fewer than ${whole(least)} requests${where}, so nothing is said yet (${sayLook(look)})`;
}

export function sayFine(what: 'compared' | 'bounded' | 'both' | 'answers', look: Look, over: boolean): string {
  const words = {
    compared: 'not worse than the baseline beyond chance',
    bounded: 'within the threshold',
    answers: 'as it should be',
    both: 'within the threshold and not worse than the baseline beyond chance',
  };
  return over ? words[what] : `${words[what]} so far (${sayLook(look)})`;
}

export function sayWorseThanEarlier(p: number): string {
  return `worse beyond chance (${sayP(p)}), but the old version has no traffic any more to compare with: a person decides`;
}

export function sayNoComparison(): string {
  return 'the old version has no traffic any more to compare with, and no threshold is set: a person decides';
}

export function sayBorne(message: string, failed: number, limit: number): string {
  return `${message}; ${looks(failed)} failed, ${sayLimit(limit)}`;
}

export function sayNoData(side: 'new' | 'old', look: Look, over: boolean): string {
  return `no data from the ${side} version (${sayLook(look)}), which is never taken for healthy${over ? ': a person decides' : ''}`;
}

export function sayUnmeasured(over: boolean): string {
  return over ? 'never looked at in the whole step: a person decides' : 'not looked at yet';
}

export function sayProblem(problem: string, inRow: number, limit: number, isError: boolean): string {
  const what = `could not be measured ${inRow === 1 ? 'at the last look' : `in ${inRow} looks in a row`}`;
  const next = isError ? `, ${sayLimit(limit)}` : '; the next look decides';
  return `${what}${next}: ${cleanLine(problem, 300)}`;
}

/** What was measured is fine, but nobody knows of the time of these looks. */
export function sayMissed(message: string, missed: readonly { readonly from: string; readonly at: string }[]): string {
  const clock = (time: string | undefined): string => time?.slice(11, 19) ?? '';
  const span = `from ${clock(missed[0]?.from)} to ${clock(missed.at(-1)?.at)} UTC`;
  return `${message}; but ${span} not everything could be measured: a person decides`;
}

/** `210 (median of 4 readings), baseline 180`. */
export function sayValues(canary: readonly number[], baseline: readonly number[], earlier = false): string {
  const own = `${sayNumber(median(canary))} (median of ${canary.length === 1 ? '1 reading' : `${canary.length} readings`})`;
  return baseline.length === 0 ? own : `${own}, baseline ${earlier ? 'of the earlier steps ' : ''}${sayNumber(median(baseline))}`;
}

export function sayTooFewReadings(least: number, look: Look, over: boolean): string {
  return over
    ? `fewer than ${least} readings in the whole step: a person decides`
    : `fewer than ${least} readings, so nothing is said yet (${sayLook(look)})`;
}

export function sayWorseValue(factor: number, lowerIsWorse: boolean, p: number, look: Look): string {
  return `${sayFactor(factor, lowerIsWorse)} beyond chance (${sayP(p)}, ${sayLook(look)})`;
}

export function sayPerhapsWorseValue(factor: number, lowerIsWorse: boolean): string {
  return `${sayFactor(factor, lowerIsWorse)}, but too few or too uneven readings to tell from chance: a person decides`;
}

export function sayWorseThanEarlierValue(factor: number, lowerIsWorse: boolean): string {
  return `${sayFactor(factor, lowerIsWorse)}, but the old version has no traffic any more to compare with: a person decides`;
}

export function sayValueBeyond(side: 'above' | 'below', limit: number, failed: number, borne: number, look: Look): string {
  return `${side} ${sayNumber(limit)} in ${looks(failed)}, ${sayLimit(borne)} (${sayLook(look)})`;
}

export function sayProbes(good: number, all: number, detail: string | undefined): string {
  const why = detail === undefined ? '' : ` (${cleanLine(detail, 200)})`;
  return `${good} of ${all} ${all === 1 ? 'probe' : 'probes'} answered well${why}`;
}

export function sayProbesFailed(failed: number, limit: number, look: Look): string {
  return `${failed} failed, ${sayLimit(limit)} (${sayLook(look)})`;
}

export function sayLook({ index, planned }: Look): string {
  return index > planned ? `look ${index}, ${planned} planned` : `look ${index} of ${planned}`;
}

/** `5.8 %`, `0.041 %`, `12.3 %`: two digits that say something, one place behind the point from 10 % on. */
export function sayPercent(ratio: number): string {
  const percent = ratio * 100;
  return `${Math.abs(percent) >= 10 ? trim(percent.toFixed(1)) : trim(percent.toPrecision(2))} %`;
}

export function sayP(p: number): string {
  return p < 0.0001 ? 'p < 0.0001' : `p = ${trim(p >= 0.1 ? p.toFixed(2) : p.toPrecision(p >= 0.01 ? 2 : 1))}`;
}

/** Of no values NaN. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

function sayFactor(factor: number, lowerIsWorse: boolean): string {
  return lowerIsWorse ? `below the baseline by more than a factor of ${factor}` : `more than ${factor} times the baseline`;
}

/** How many are borne. */
function sayLimit(limit: number): string {
  return limit === 0 ? 'none is borne' : `${limit} ${limit === 1 ? 'is' : 'are'} borne`;
}

function looks(count: number): string {
  return count === 1 ? '1 look' : `${count} looks`;
}

function sayNumber(value: number): string {
  if (Math.abs(value) >= beyondAll) return value < 0 ? '-Infinity' : 'Infinity';
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) return String(value);
  return Math.abs(value) >= 1000 ? whole(value) : trim(value.toPrecision(3));
}

function whole(value: number): string {
  return Math.round(value)
    .toFixed(0)
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Without zeros at the end that say nothing, and without an exponent for what is only small. */
function trim(text: string): string {
  const plain = /e/.test(text) && Math.abs(Number(text)) >= 1e-7 ? Number(text).toFixed(9) : text;
  return /\./.test(plain) && !/e/.test(plain) ? plain.replace(/\.?0+$/, '') : plain;
}
