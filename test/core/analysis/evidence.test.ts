import assert from 'node:assert/strict';
import { accumulateEvidence, addLogs, pValueOf, weighStarts } from '../../../src/core/analysis/evidence';
import { boundedRatios, comparedRatios, guessRates } from '../../../src/core/analysis/rateEvidence';
import { compareValues, differencesEvidence } from '../../../src/core/analysis/valueEvidence';
import { seededRandom } from '../../support/seededRandom';

const near = (actual: number, expected: number, by: number): void =>
  assert.ok(Math.abs(actual - expected) <= by, `${actual} is not ${expected}`);

/** Probabilities of 0 … n events. */
function binomial(n: number, rate: number): readonly number[] {
  const all = [(1 - rate) ** n];
  for (let k = 1; k <= n; k++) all.push(((all[k - 1] ?? 0) * (n - k + 1) * rate) / (k * (1 - rate)));
  return all;
}

describe('evidence of one look', () => {
  it('is worth at most 1 in the mean for every pair of rates that is fine, however wrong the guess', () => {
    for (const [sizeA, sizeB] of [
      [12, 12],
      [5, 30],
      [30, 5],
    ] as const)
      for (const tolerance of [0, 0.01, 0.1])
        for (const guess of [0.001, 0.02, 0.3])
          for (const rateB of [0.001, 0.02, 0.2, 0.6])
            for (const below of [0, 0.5, 1]) {
              const rateA = Math.max(0.0005, rateB + tolerance - below * (rateB + tolerance));
              const [ofA, ofB] = [binomial(sizeA, rateA), binomial(sizeB, rateB)];
              const means = comparedRatios(
                { canary: { events: 0, total: 1 }, baseline: { events: 0, total: 1 } },
                guess,
                tolerance,
              ).map(() => 0);
              for (const [a, pa] of ofA.entries())
                for (const [b, pb] of ofB.entries())
                  comparedRatios(
                    { canary: { events: a, total: sizeA }, baseline: { events: b, total: sizeB } },
                    guess,
                    tolerance,
                  ).forEach((ratio, effect) => (means[effect] = (means[effect] ?? 0) + pa * pb * Math.exp(ratio)));
              for (const mean of means)
                assert.ok(mean <= 1 + 1e-9, `${mean} at ${JSON.stringify({ sizeA, sizeB, tolerance, guess, rateA, rateB })}`);
            }
  });

  it('is worth at most 1 in the mean within a bound', () => {
    for (const rate of [0.001, 0.02, 0.05]) {
      const chances = binomial(40, rate);
      const mean = chances.reduce((sum, p, k) => sum + p * Math.exp(boundedRatios({ events: k, total: 40 }, 0.05)[3] ?? 0), 0);
      assert.ok(mean <= 1 + 1e-12, String(mean));
    }
  });

  it('grows with harm, and a bound of nothing bears nothing', () => {
    const ratio = (events: number): number =>
      addLogs(comparedRatios({ canary: { events, total: 100 }, baseline: { events: 2, total: 100 } }, 0.02, 0));
    assert.ok(ratio(2) < ratio(6) && ratio(6) < ratio(20));
    assert.ok(boundedRatios({ events: 1, total: 1000 }, 0).every((each) => each === Infinity));
    assert.ok(boundedRatios({ events: 0, total: 1000 }, 0).every((each) => each === 0));
    assert.ok(boundedRatios({ events: 9, total: 9 }, 1).every((each) => each === 0));
  });

  it('guesses the baseline from what lies before, never from the look itself', () => {
    const look = (events: number) => ({ canary: { events: 0, total: 1 }, baseline: { events, total: 950 } });
    assert.deepEqual(guessRates([look(99.5), look(0)]), [0.01, 0.1]);
  });
});

describe('evidence over many looks', () => {
  it('weighs starting points with 1 at most, whatever the plan', () => {
    for (const [steps, planned, actual] of [
      [5, 30, 30],
      [1, 1, 500],
      [3, 9, 400],
    ] as const) {
      const of = Array.from({ length: actual }, (_, index) => Math.floor(index / 3));
      const weights = weighStarts(of, { steps, looks: planned });
      assert.ok(weights.every((weight) => weight >= 0));
      assert.ok(weights.reduce((sum, weight) => sum + weight, 0) <= 1 + 1e-12);
    }
  });

  it('is the weighted sum of products from each starting point on', () => {
    const looks = [[Math.log(2)], [Math.log(3)]];
    near(Math.exp(accumulateEvidence(looks, [0.5, 0.25])[1] ?? 0), 0.5 * 6 + 0.25 * 3 + 0.25, 1e-12);
    assert.equal(accumulateEvidence([[Infinity], [-1]], [0.5, 0.25])[1], Infinity);
    assert.equal(pValueOf(-3), 1);
    near(pValueOf(Math.log(200)), 0.005, 1e-12);
  });

  it('sees harm that begins in the middle of a long step', () => {
    const fine = comparedRatios({ canary: { events: 20, total: 1000 }, baseline: { events: 20, total: 1000 } }, 0.02, 0);
    const bad = comparedRatios({ canary: { events: 45, total: 1000 }, baseline: { events: 20, total: 1000 } }, 0.02, 0);
    const looks = [...Array.from({ length: 60 }, () => fine), bad, bad, bad];
    const evidence = accumulateEvidence(
      looks,
      weighStarts(
        looks.map(() => 0),
        { steps: 1, looks: 60 },
      ),
    );
    assert.ok((evidence[59] ?? 0) < 0);
    assert.ok((evidence.at(-1) ?? 0) > Math.log(100));
  });
});

describe('evidence of values', () => {
  it('is the likelihood ratio of the t-statistic', () => {
    // By a second implementation: ln of the mean of nct.pdf / t.pdf over the shifts.
    near(differencesEvidence([0.2, 0.25, 0.18]), 3.317612783703121, 1e-5);
    near(differencesEvidence([0.1, -0.1, 0.05, 0.2]), -0.963906266486473, 1e-5);
    near(differencesEvidence([-0.2, -0.2, -0.2, -0.19]), -6.085504430765902, 1e-4);
    near(differencesEvidence(Array.from({ length: 40 }, (_, i) => Math.sin(i * 7))), -17.09607532218509, 1e-5);
  });

  it('knows no unit, says nothing about what is alike, and survives extremes', () => {
    near(differencesEvidence([2, 2.5, 1.8]), differencesEvidence([0.2, 0.25, 0.18]), 1e-9);
    assert.equal(differencesEvidence([0, 0, 0]), 0);
    assert.equal(differencesEvidence([]), 0);
    for (const values of [Array(300).fill(1), Array(300).fill(-1), [1e-300, 1e-300], [1]])
      assert.ok(Number.isFinite(differencesEvidence(values)), String(values[0]));
    assert.deepEqual(
      [compareValues(0, 0, 1.25, false), compareValues(Infinity, 5, 1.25, false), compareValues(5, Infinity, 1.25, false)],
      [0, 1, -1],
    );
    assert.ok(compareValues(130, 100, 1.25, false) > 0 && compareValues(120, 100, 1.25, false) < 0);
    assert.ok(compareValues(70, 100, 1.25, true) > 0 && compareValues(90, 100, 1.25, true) < 0);
  });

  it('reaches 100 by chance in fewer than 1 of 100 series, however long one looks', () => {
    const random = seededRandom(7);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    let reached = 0;
    for (let run = 0; run < 1000; run++) {
      const values: number[] = [];
      for (let look = 0; look < 20; look++) {
        values.push(normal());
        if (differencesEvidence(values) < Math.log(100)) continue;
        reached += 1;
        break;
      }
    }
    assert.ok(reached < 10, String(reached));
  });
});
