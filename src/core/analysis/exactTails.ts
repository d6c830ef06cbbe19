import gammaln from '@stdlib/math-base-special-gammaln';

/** Terms smaller than this part of the sum change nothing in double precision. */
const negligible = 1e-17;

/**
 * P(X ≥ events) for X ~ Binomial(total, rate), summed exactly term by term in logarithms.
 *
 * @param events - counted events; rounded to a whole number
 * @param total - trials; rounded to a whole number
 * @param rate - 0 … 1
 */
export function binomialTail(events: number, total: number, rate: number): number {
  const k = Math.round(events);
  const n = Math.round(total);
  if (k <= 0) return 1;
  if (k > n || rate <= 0) return 0;
  if (rate >= 1) return 1;
  const term = (x: number): number => Math.exp(lnChoose(n, x) + x * Math.log(rate) + (n - x) * Math.log1p(-rate));
  return sumTail(term, k, n, n * rate);
}

/**
 * One-sided exact test of Fisher: the chance that at least `events` of all events fall on the first side if both sides have the
 * same rate, given how many there are in all (hypergeometric distribution; Fisher, The Design of Experiments, 1935, § 21.02).
 */
export function fisherTail(
  first: { readonly events: number; readonly total: number },
  second: { readonly events: number; readonly total: number },
): number {
  const k = Math.round(first.events);
  const n = Math.round(first.total);
  const m = Math.round(second.total);
  const drawn = k + Math.round(second.events);
  const highest = Math.min(n, drawn);
  const lowest = Math.max(0, drawn - m);
  if (k <= lowest) return 1;
  if (k > highest) return 0;
  const all = lnChoose(n + m, drawn);
  const term = (x: number): number => Math.exp(lnChoose(n, x) + lnChoose(m, drawn - x) - all);
  return sumTail(term, k, highest, (drawn * n) / (n + m), lowest);
}

/** Sum of the terms from `from` up; below the mean the other tail is the shorter one. */
function sumTail(term: (x: number) => number, from: number, highest: number, mean: number, lowest = 0): number {
  const step = from > mean ? 1 : -1;
  const end = step > 0 ? highest : lowest;
  let sum = 0;
  for (let x = step > 0 ? from : from - 1; step > 0 ? x <= end : x >= end; x += step) {
    const next = term(x);
    sum += next;
    if (next < sum * negligible) break;
  }
  return Math.min(1, Math.max(0, step > 0 ? sum : 1 - sum));
}

function lnChoose(n: number, k: number): number {
  return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1);
}
