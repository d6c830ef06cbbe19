import assert from 'node:assert/strict';
import type { Reading } from '../../../src/core/model/analysis';
import { errors, looksOf, times, judge, withBounds } from '../../support/metricLooks';

describe('the verdict on a ratio', () => {
  const cases: readonly (readonly [string, () => string, string])[] = [
    [
      'a breach, as soon as it is beyond chance',
      () =>
        judge(
          errors,
          looksOf(errors, [
            [
              [9, 60],
              [1, 60],
            ],
            [
              [10, 60],
              [1, 58],
            ],
          ]),
        ),
      'failed: 19 of 120 requests failed (15.8 %), baseline 2 of 118 (1.7 %): worse beyond chance (p = 0.002, look 2 of 6)',
    ],
    [
      'worse, but by chance perhaps',
      () =>
        judge(
          errors,
          looksOf(errors, [
            [
              [7, 120],
              [2, 118],
            ],
          ]),
        ),
      'waiting: 7 of 120 requests failed (5.8 %), baseline 2 of 118 (1.7 %): not worse than the baseline beyond chance so far (look 1 of 6)',
    ],
    [
      'a healthy step at its end',
      () =>
        judge(
          errors,
          looksOf(
            errors,
            times(6, [
              [4, 1200],
              [4, 1180],
            ] as const),
          ),
        ),
      'successful: 24 of 7,200 requests failed (0.33 %), baseline 24 of 7,080 (0.34 %): not worse than the baseline beyond chance',
    ],
    [
      'too little traffic waits',
      () =>
        judge(
          errors,
          looksOf(errors, [
            [
              [3, 12],
              [0, 9],
            ],
          ]),
        ),
      'waiting: 3 of 12 requests failed (25 %), baseline 0 of 9 (0 %): fewer than 50 requests on each side, so nothing is said yet (look 1 of 6)',
    ],
    [
      'too little traffic asks at the end',
      () =>
        judge(
          errors,
          looksOf(
            errors,
            times(6, [
              [0, 5],
              [0, 90],
            ] as const),
          ),
        ),
      'inconclusive: 0 of 30 requests failed (0 %), baseline 0 of 540 (0 %): fewer than 50 requests on each side in the whole step: a person decides',
    ],
    [
      'no traffic at all is not healthy',
      () =>
        judge(
          errors,
          looksOf(
            errors,
            times(6, [
              [0, 0],
              [0, 0],
            ] as const),
          ),
        ),
      'inconclusive: 0 of 0 requests failed: fewer than 50 requests on each side in the whole step: a person decides',
    ],
    [
      'no data waits',
      () => judge(errors, looksOf(errors, [[undefined, [0, 90]]])),
      'waiting: no data from the new version (look 1 of 6), which is never taken for healthy',
    ],
    [
      'no data asks at the end, whatever was before',
      () =>
        judge(
          errors,
          looksOf(errors, [
            ...times(5, [
              [0, 100],
              [0, 100],
            ] as const),
            [undefined, [0, 90]],
          ]),
        ),
      'inconclusive: no data from the new version (look 6 of 6), which is never taken for healthy: a person decides',
    ],
    [
      'NaN is no data',
      () =>
        judge(
          errors,
          looksOf(errors, [
            [
              [NaN, 0],
              [0, 90],
            ],
          ]),
        ),
      'waiting: no data from the new version (look 1 of 6), which is never taken for healthy',
    ],
    [
      'no baseline asks at the end',
      () => judge(errors, looksOf(errors, times(6, [[0, 100], undefined] as const))),
      'inconclusive: 0 of 600 requests failed (0 %): no data from the old version (look 6 of 6), which is never taken for healthy: a person decides',
    ],
    [
      'one problem is borne, and the next look decides, also at the end',
      () =>
        judge(
          errors,
          looksOf(errors, [
            ...times(5, [
              [0, 100],
              [0, 100],
            ] as const),
            ['Prometheus answered 503'],
          ]),
        ),
      'waiting: could not be measured at the last look; the next look decides: Prometheus answered 503',
    ],
    [
      'four problems in a row are borne',
      () => judge(errors, looksOf(errors, times(4, ['down'] as const))),
      'waiting: could not be measured in 4 looks in a row; the next look decides: down',
    ],
    [
      'five are an error',
      () => judge(errors, looksOf(errors, times(5, ['down'] as const))),
      'error: could not be measured in 5 looks in a row, 4 are borne: down',
    ],
    [
      'a sample that cannot be is a problem',
      () =>
        judge(
          { ...errors, consecutiveErrorLimit: 0 },
          looksOf(errors, [
            [
              [9, 3],
              [0, 90],
            ],
          ]),
        ),
      'error: could not be measured at the last look, none is borne: 9 events of only 3 in all',
    ],
    [
      'nothing was read in the whole step',
      () => judge(errors, [], 0, true),
      'inconclusive: never looked at in the whole step: a person decides',
    ],
    [
      'a threshold, beyond chance',
      () => judge(withBounds(errors, { max: 0.05 }), looksOf(errors, [[[30, 200]]])),
      'failed: 30 of 200 requests failed (15 %): above 5 % beyond chance (p < 0.0001, look 1 of 6)',
    ],
    [
      'a threshold, passed by chance perhaps',
      () => judge(withBounds(errors, { max: 0.05 }), looksOf(errors, times(6, [[1, 10]] as const)), 0),
      'inconclusive: 6 of 60 requests failed (10 %): above 5 %, which chance alone brings about in 7.9 % of cases: a person decides',
    ],
    [
      'within a threshold',
      () => judge(withBounds(errors, { max: 0.05 }), looksOf(errors, times(6, [[2, 100]] as const))),
      'successful: 12 of 600 requests failed (2 %): within the threshold',
    ],
    [
      'a lower bound: events are good, fewer are worse',
      () => judge(withBounds(errors, { min: 0.99 }), looksOf(errors, [[[180, 200]]])),
      'failed: 180 of 200 requests succeeded (90 %): below 99 % beyond chance (p < 0.0001, look 1 of 6)',
    ],
    [
      'with a lower bound the comparison turns round',
      () =>
        judge(
          { ...errors, threshold: { min: 0.5 } },
          looksOf(errors, [
            [
              [180, 200],
              [199, 200],
            ],
          ]),
        ),
      'failed: 180 of 200 requests succeeded (90 %), baseline 199 of 200 (99.5 %): worse beyond chance (p = 0.0002, look 1 of 6)',
    ],
    [
      'a tolerance lets that much pass',
      () =>
        judge(
          { ...errors, tolerance: 0.1 },
          looksOf(
            errors,
            times(6, [
              [20, 200],
              [4, 200],
            ] as const),
          ),
        ),
      'successful: 120 of 1,200 requests failed (10 %), baseline 24 of 1,200 (2 %): not worse than the baseline beyond chance',
    ],
    [
      'failed looks are borne up to the limit',
      () =>
        judge(
          { ...errors, failureLimit: 2 },
          looksOf(
            errors,
            times(2, [
              [40, 200],
              [4, 200],
            ] as const),
          ),
        ),
      'waiting: 80 of 400 requests failed (20 %), baseline 8 of 400 (2 %): not worse than the baseline beyond chance so far (look 2 of 6); 2 looks failed, 2 are borne',
    ],
    [
      'and fail beyond it',
      () =>
        judge(
          { ...errors, failureLimit: 2 },
          looksOf(
            errors,
            times(3, [
              [40, 200],
              [4, 200],
            ] as const),
          ),
        ),
      'failed: 120 of 600 requests failed (20 %), baseline 12 of 600 (2 %): worse beyond chance (p < 0.0001, look 3 of 6); 3 looks failed, 2 are borne',
    ],
    [
      'at 100 % a canary like the earlier baseline passes',
      () =>
        judge(
          errors,
          [
            ...looksOf(
              errors,
              times(6, [
                [4, 200],
                [4, 200],
              ] as const),
              3,
            ),
            ...looksOf(
              errors,
              times(6, [
                [5, 200],
                [0, 0],
              ] as const),
              4,
            ),
          ],
          4,
        ),
      'successful: 30 of 1,200 requests failed (2.5 %), baseline of the earlier steps 24 of 1,200 (2 %): not worse than the baseline beyond chance',
    ],
    [
      'at 100 % a worse one asks a person: it is another time',
      () =>
        judge(
          errors,
          [
            ...looksOf(
              errors,
              times(6, [
                [4, 200],
                [4, 200],
              ] as const),
              3,
            ),
            ...looksOf(errors, times(2, [[40, 200], undefined] as const), 4),
          ],
          4,
        ),
      'inconclusive: 80 of 400 requests failed (20 %), baseline of the earlier steps 24 of 1,200 (2 %): worse beyond chance (p < 0.0001), but the old version has no traffic any more to compare with: a person decides',
    ],
    [
      'at 100 % without anything to compare with a person is asked',
      () => judge(errors, looksOf(errors, times(6, [[0, 200]] as const), 4), 4),
      'inconclusive: 0 of 1,200 requests failed (0 %), baseline of the earlier steps 0 of 0: the old version has no traffic any more to compare with, and no threshold is set: a person decides',
    ],
    [
      'at 100 % a threshold is enough',
      () => judge({ ...errors, threshold: { max: 0.05 } }, looksOf(errors, times(6, [[0, 200]] as const), 4), 4),
      'successful: 0 of 1,200 requests failed (0 %), baseline of the earlier steps 0 of 0: within the threshold',
    ],
  ];
  for (const [name, work, expected] of cases) it(name, () => assert.equal(work(), expected));

  it('carries evidence over the steps: what is too little for each is enough for all', () => {
    const step = times(6, [
      [1, 20],
      [0, 20],
    ] as const);
    const all = [0, 1, 2].flatMap((index) => looksOf(errors, step, index));
    const phases = [0, 1, 2].map((index) => judge(errors, all, index).replace(/:.*/, ''));
    assert.deepEqual(phases, ['successful', 'failed', 'failed']);
    assert.match(judge(errors, looksOf(errors, step, 1), 1), /^successful/, 'the same step alone');
  });

  it('counts only within the step, from cumulative counters too, and says that a process began anew', () => {
    const counters = (values: readonly (readonly [number, number])[]): readonly Reading[] =>
      looksOf(
        errors,
        values.map((value) => [value]),
      ).map((reading) => ({
        ...reading,
        ...(reading.canary?.kind === 'ratio' ? { canary: { ...reading.canary, cumulative: true } } : {}),
      }));
    const metric = withBounds(errors, { max: 0.05 });
    assert.equal(
      judge(
        metric,
        counters([
          [500, 1000],
          [500, 1060],
          [1, 80],
        ]),
      ),
      'waiting: 1 of 140 requests failed (0.71 %), counters began anew once: within the threshold so far (look 3 of 6)',
    );
  });
});
