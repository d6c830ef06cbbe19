import assert from 'node:assert/strict';
import type { Reading } from '../../../src/core/model/analysis';
import { latency, health, looksOf, times, judge, withBounds } from '../../support/metricLooks';

describe('the verdict on a value', () => {
  const values = (pairs: readonly (readonly [number, number])[], step = 0): readonly Reading[] => looksOf(latency, pairs, step);
  const cases: readonly (readonly [string, () => string, string])[] = [
    [
      'identical data passes',
      () => judge(latency, values(times(6, [180, 180] as const))),
      'successful: 180 (median of 6 readings), baseline 180: not worse than the baseline beyond chance',
    ],
    [
      'too few readings wait',
      () =>
        judge(
          latency,
          values([
            [180, 181],
            [900, 170],
          ]),
        ),
      'waiting: 540 (median of 2 readings), baseline 176: fewer than 3 readings, so nothing is said yet (look 2 of 6)',
    ],
    [
      'twice as slow is caught within the step',
      () =>
        judge(
          latency,
          values([
            [400, 190],
            [360, 181],
            [410, 202],
            [380, 185],
            [395, 192],
          ]),
        ),
      'failed: 395 (median of 5 readings), baseline 190: more than 1.25 times the baseline beyond chance (p < 0.0001, look 5 of 6)',
    ],
    [
      'slower, but uneven: a person',
      () =>
        judge(
          latency,
          values([
            [400, 190],
            [150, 181],
            [410, 202],
            [160, 185],
            [395, 192],
            [500, 180],
          ]),
        ),
      'inconclusive: 398 (median of 6 readings), baseline 188: more than 1.25 times the baseline, but too few or too uneven readings to tell from chance: a person decides',
    ],
    [
      'a bound, passed once more than is borne',
      () =>
        judge(
          withBounds(latency, { max: 300 }, { failureLimit: 1 }),
          values([
            [310, 1],
            [290, 1],
            [305, 1],
          ]),
        ),
      'failed: 305 (median of 3 readings): above 300 in 2 looks, 1 is borne (look 3 of 6)',
    ],
    [
      'a bound, passed as often as is borne',
      () => judge(withBounds(latency, { max: 300 }, { failureLimit: 1 }), values([[310, 1], ...times(5, [290, 1] as const)])),
      'successful: 290 (median of 6 readings): within the threshold; 1 look failed, 1 is borne',
    ],
    [
      'infinite is above every bound',
      () => judge(withBounds(latency, { max: 300 }, { minSample: 1 }), values([[Infinity, 1]])),
      'failed: Infinity (median of 1 reading): above 300 in 1 look, none is borne (look 1 of 6)',
    ],
    [
      'a lower bound turns the comparison round',
      () => judge({ ...latency, threshold: { min: 1 } }, values(times(5, [50, 100] as const).map(([a, b], i) => [a + i, b - i]))),
      'failed: 52 (median of 5 readings), baseline 98: below the baseline by more than a factor of 1.25 beyond chance (p = 0.0004, look 5 of 6)',
    ],
    [
      'negative values cannot be compared by a factor',
      () => judge({ ...latency, consecutiveErrorLimit: 0 }, values([[-3, 100]])),
      'error: could not be measured at the last look, none is borne: -3 is below 0 and cannot be compared by a factor',
    ],
    [
      'another kind than the metric is a problem',
      () => judge({ ...latency, consecutiveErrorLimit: 0 }, looksOf(latency, [[true, true]])),
      'error: could not be measured at the last look, none is borne: it gave a probe, the metric is a value',
    ],
    [
      'at 100 % it is held against the earlier steps, and only a person is asked',
      () => judge(latency, [...values(times(6, [180, 180] as const), 3), ...looksOf(latency, times(3, [400] as const), 4)], 4),
      'inconclusive: 400 (median of 3 readings), baseline of the earlier steps 180: more than 1.25 times the baseline, but the old version has no traffic any more to compare with: a person decides',
    ],
  ];
  for (const [name, work, expected] of cases) it(name, () => assert.equal(work(), expected));
});

describe('the verdict on a probe', () => {
  const cases: readonly (readonly [string, () => string, string])[] = [
    [
      'all answered',
      () => judge(health, looksOf(health, times(6, [true] as const))),
      'successful: 6 of 6 probes answered well: as it should be',
    ],
    [
      'one did not',
      () => judge(health, looksOf(health, [[true], [false]])),
      'failed: 1 of 2 probes answered well (HTTP 503): 1 failed, none is borne (look 2 of 6)',
    ],
    [
      'one is borne',
      () => judge({ ...health, failureLimit: 1 }, looksOf(health, [[false], ...times(5, [true] as const)])),
      'successful: 5 of 6 probes answered well (HTTP 503): 1 failed, 1 is borne (look 6 of 6)',
    ],
    [
      'but is no end for the step',
      () => judge({ ...health, failureLimit: 1 }, looksOf(health, [...times(5, [true] as const), [false]])),
      'waiting: 5 of 6 probes answered well (HTTP 503): 1 failed, 1 is borne (look 6 of 6)',
    ],
  ];
  for (const [name, work, expected] of cases) it(name, () => assert.equal(work(), expected));
});
