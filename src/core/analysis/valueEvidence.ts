import gammaln from '@stdlib/math-base-special-gammaln';
import { addLogs } from './evidence';

/** Means in standard deviations that are looked for. */
const shifts: readonly number[] = [1, 3, 10];
const panels = 120;

/**
 * How much worse than fine one pair of values is: −1 … 1, above 0 where the canary is beyond `factor` times the baseline. It is
 * tanh(½ ln(worse / fine)): like the logarithm of their quotient near 0, but a single window far out cannot outweigh the rest, and 0 is
 * allowed on either side.
 */
export function compareValues(canary: number, baseline: number, factor: number, lowerIsWorse: boolean): number {
  const [worse, fine] = lowerIsWorse ? [baseline, canary * factor] : [canary, baseline * factor];
  if (worse === fine) return 0;
  // A quantile beyond the last bucket is infinite.
  if (worse === Infinity || fine === Infinity) return worse === Infinity ? 1 : -1;
  return worse + fine === 0 ? 0 : (worse - fine) / (worse + fine);
}

/**
 * Evidence against "the differences are no greater than 0 in the mean" after the last of them: the anytime-valid t-test, the likelihood
 * ratio of the t-statistic itself, in which the unknown spread has no part (Pérez-Ortiz, Lardy, de Heide, Grünwald, "E-statistics, group
 * invariance and anytime-valid testing", Annals of Statistics 52, 2024). One-sided: adding a constant to all differences raises it, so
 * the edge of the null hypothesis is its worst case.
 *
 * Why not Mann–Whitney on the values of both sides, as Kayenta: each pair comes from one window, so pairing them takes away what time of day
 * does to both; and its p-value holds for one look only. Like Kayenta we let a quarter pass by default (tolerance 0.25 of the
 * effect), here as a factor.
 *
 * @returns natural logarithm of the e-value, averaged over several shifts; 0 without differences
 */
export function differencesEvidence(differences: readonly number[]): number {
  const n = differences.length;
  let sum = 0;
  let squares = 0;
  for (const each of differences) {
    sum += each;
    squares += each * each;
  }
  // All equal to what is fine: says nothing for either side.
  if (n === 0 || squares === 0) return 0;
  const cosine = Math.max(-1, Math.min(1, sum / Math.sqrt(n * squares)));
  return addLogs(shifts.map((shift) => lnTRatio(n, cosine, shift) - Math.log(shifts.length)));
}

/**
 * ln of the density of the t-statistic with standardised mean `shift` over that with mean 0. With u the length of the vector of
 * differences in standard deviations this is e^(−nδ²/2) ∫uⁿ⁻¹ e^(−u²/2 + uδ√n·cos) du over the same with δ = 0.
 */
function lnTRatio(n: number, cosine: number, shift: number): number {
  const pull = shift * Math.sqrt(n) * cosine;
  const mode = n === 1 ? Math.max(0, pull) : (pull + Math.sqrt(pull * pull + 4 * (n - 1))) / 2;
  const spread = n === 1 ? 1 / Math.max(1, -pull) : 1 / Math.sqrt(1 + (n - 1) / (mode * mode));
  const from = Math.max(0, mode - 12 * spread);
  const width = (mode + 12 * spread - from) / panels;
  const terms: number[] = [];
  for (let index = 0; index <= panels; index++) {
    const u = from + index * width;
    // Simpson's rule.
    const weight = index === 0 || index === panels ? 1 : index % 2 === 1 ? 4 : 2;
    const power = n === 1 ? 0 : (n - 1) * Math.log(u);
    terms.push(Math.log((weight * width) / 3) + power - (u * u) / 2 + u * pull);
  }
  const atZero = (n / 2 - 1) * Math.LN2 + gammaln(n / 2);
  return addLogs(terms) - (n * shift * shift) / 2 - atZero;
}
