/**
 * Evidence against "the canary is no worse", gathered look by look so that anyone may look as often as they like.
 *
 * Each look gives likelihood ratios: how much better what was seen fits a canary that is worse by this or that effect than it
 * fits one at the edge of what is fine. Under "no worse" each ratio is an e-variable (mean at most 1), so their running product
 * is a supermartingale, and Ville's inequality bounds the chance that it *ever* reaches 1 / level by `level`: over every look,
 * every step, a step that is prolonged because a person paused it, and looks that were missed while a window was shut. Its
 * reciprocal is a p-value that may be read at any time (Ramdas, Grünwald, Vovk, Shafer, "Game-theoretic statistics and safe
 * anytime-valid inference", Statistical Science 38, 2023, §§ 2–4).
 *
 * The effect is unknown, so the ratios are averaged over several. When the harm began is unknown as well (from the first step, from
 * a step whose weight was too much, or in the middle of the bake time, as with a leak), so the product is averaged over
 * starting points: the weighted form of the Shiryaev–Roberts procedure, which stays a supermartingale because the weights
 * add up to at most 1. All averages are fixed before anything is seen.
 *
 * Why not group-sequential boundaries with alpha spending, the other way to account for repeated looks: measured on the same
 * 30 looks and level, the exact conditional form finds somewhat more of the small harms (3 % against 2 % at 200 requests a look:
 * about 80 of 100 instead of 55), and the same of the large ones; but what is planned is spent then, and it is blind for the rest
 * of a paused step or a longer watch. A rollout that is watched by windows which come and go cannot keep to a plan of looks.
 */

/** How many times the odds of an event are worse than what is still fine. Below the least, harm is too small to be looked for. */
export const effects: readonly number[] = [1.25, 1.5, 2, 3, 5, 10, 30];

/** What each starting point of harm is worth, in the order of the looks; known from the plan alone. */
export interface StartPlan {
  /** Steps that are analysed, the watch included. */
  readonly steps: number;
  /** Looks planned in all of them together. */
  readonly looks: number;
}

/**
 * Weights of the looks as starting points: half for the first of all, a quarter for the first looks of the later steps, a quarter
 * for all looks in geometric order, which never ends although the looks may be more than planned.
 *
 * @param steps - the step of each look, in order
 */
export function weighStarts(steps: readonly number[], plan: StartPlan): readonly number[] {
  const share = 1 / Math.max(1, plan.looks);
  let later = 0;
  return steps.map((step, index) => {
    const begins = index > 0 && step !== steps[index - 1] && later < plan.steps - 1;
    if (begins) later += 1;
    const ofStep = begins ? 0.25 / (plan.steps - 1) : 0;
    return (index === 0 ? 0.5 : 0) + ofStep + 0.25 * share * (1 - share) ** index;
  });
}

/**
 * The evidence after each look.
 *
 * @param looks - of each look the natural logarithms of its likelihood ratios, one per effect
 * @param starts - weight of each look as a starting point, together at most 1
 * @returns natural logarithms of the e-process, one per look
 */
export function accumulateEvidence(looks: readonly (readonly number[])[], starts: readonly number[]): readonly number[] {
  const running: number[] = [];
  let left = 1;
  return looks.map((ratios, index) => {
    const start = starts[index] ?? 0;
    const lnStart = Math.log(start / ratios.length);
    left = Math.max(0, left - start);
    // What has not begun yet stands at 1.
    let sum = Math.log(left);
    for (let effect = 0; effect < ratios.length; effect++) {
      const next = (ratios[effect] ?? 0) + addTwoLogs(running[effect] ?? -Infinity, lnStart);
      running[effect] = next;
      sum = addTwoLogs(sum, next);
    }
    return sum;
  });
}

/** p-value that holds at any time; at most 1. */
export function pValueOf(lnEvidence: number): number {
  return Math.min(1, Math.exp(-lnEvidence));
}

/** ln(Σ exp(x)) without overflow. */
export function addLogs(values: readonly number[]): number {
  let most = -Infinity;
  for (const value of values) if (value > most) most = value;
  if (most === -Infinity || most === Infinity) return most;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - most);
  return most + Math.log(sum);
}

/** ln(exp(a) + exp(b)). */
function addTwoLogs(a: number, b: number): number {
  const more = Math.max(a, b);
  // Both nothing, or one beyond all bounds: their difference would be no number.
  return Math.abs(more) === Infinity ? more : more + Math.log1p(Math.exp(Math.min(a, b) - more));
}
