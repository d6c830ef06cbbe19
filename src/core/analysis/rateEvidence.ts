import { effects } from './evidence';

/** Events of a total within one window. */
export interface Count {
  readonly events: number;
  readonly total: number;
}

/** Both sides of the same window. */
export interface PairedCount {
  readonly canary: Count;
  readonly baseline: Count;
}

const least = 1e-6;
/** What the baseline's rate is taken for before anything is seen: 1 %, worth as much as this many requests. */
const priorRate = 0.01;
const priorRequests = 50;

/**
 * Logarithms of the likelihood ratios of one look against "canary's rate ≤ baseline's rate + tolerance", one per effect.
 *
 * The e-variable of Turner, Ly and Grünwald for two groups of Bernoulli outcomes ("Generic E-variables for exact sequential
 * k-sample tests that allow for optional stopping", Journal of Statistical Planning and Inference 230, 2024): the alternative
 * (θa, θb) against its projection (θa°, θb°) on the null hypothesis in Kullback–Leibler divergence, weighted with the sizes of
 * the groups. Its mean is at most 1 for every pair of rates the null hypothesis allows, since the logarithm of the mean is concave
 * in the rates and has its greatest value, 0, at the projection. So the rates may differ from look to look, as traffic does over a
 * day, and the sides may differ in size, as weights do; nothing is pooled over windows. For rare events it depends on the shares
 * of the sides alone, like the conditional test of Fisher. Requests are taken as independent of each other.
 *
 * @param guess - the baseline's rate as earlier looks have it; a bad guess costs power, never validity
 */
export function comparedRatios(look: PairedCount, guess: number, tolerance: number): readonly number[] {
  const { canary, baseline } = look;
  const b = Math.min(Math.max(guess, least), 1 - least);
  const edge = Math.min(b + tolerance, 1 - least);
  // A tolerance that reaches certainty lets everything pass.
  if (canary.total <= 0 || baseline.total <= 0 || tolerance >= 1 - 2 * least) return effects.map(() => 0);
  return effects.map((effect) => {
    const a = timesOdds(edge, effect);
    const projected = project(a, b, canary.total, baseline.total, tolerance);
    return lnRatio(canary, a, projected + tolerance) + lnRatio(baseline, b, projected);
  });
}

/** Logarithms of the likelihood ratios of one look against "canary's rate ≤ limit", one per effect (Wald, Sequential Analysis, 1947). */
export function boundedRatios(count: Count, limit: number): readonly number[] {
  if (limit >= 1 || count.total <= 0) return effects.map(() => 0);
  // Nothing is borne: one event is certainty.
  if (limit <= 0) return effects.map(() => (count.events > 0 ? Infinity : 0));
  return effects.map((effect) => lnRatio(count, timesOdds(limit, effect), limit));
}

/** The baseline's rate as the looks before each look have it. */
export function guessRates(looks: readonly PairedCount[]): readonly number[] {
  let events = priorRate * priorRequests;
  let total = priorRequests;
  return looks.map(({ baseline }) => {
    const guess = events / total;
    events += baseline.events;
    total += baseline.total;
    return guess;
  });
}

function lnRatio({ events, total }: Count, alternative: number, fine: number): number {
  return events * Math.log(alternative / fine) + (total - events) * Math.log((1 - alternative) / (1 - fine));
}

/** The baseline's rate at the point of the null hypothesis nearest to the alternative. */
function project(a: number, b: number, sizeA: number, sizeB: number, tolerance: number): number {
  if (tolerance === 0) return (sizeA * a + sizeB * b) / (sizeA + sizeB);
  // The divergence is convex along the edge, so its slope has one zero, between the two rates.
  let low = b;
  let high = Math.max(b, Math.min(a, 1 - least) - tolerance);
  for (let turn = 0; turn < 50; turn++) {
    const middle = (low + high) / 2;
    const shifted = middle + tolerance;
    const slope = sizeA * (a / shifted - (1 - a) / (1 - shifted)) + sizeB * (b / middle - (1 - b) / (1 - middle));
    if (slope > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function timesOdds(rate: number, factor: number): number {
  const odds = (factor * rate) / (1 - rate);
  return odds / (1 + odds);
}
