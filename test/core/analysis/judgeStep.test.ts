import assert from 'node:assert/strict';
import { judgeStep } from '../../../src/core/analysis/judgeStep';
import type { MetricSpec, Reading } from '../../../src/core/model/analysis';
import { errors, latency, health, planOf, looksOf, times } from '../../support/metricLooks';

describe('the verdict on a step', () => {
  const good = looksOf(health, times(6, [true] as const));
  const bad = looksOf(
    errors,
    times(6, [
      [40, 200],
      [4, 200],
    ] as const),
  );
  const phase = (metrics: readonly MetricSpec[], readings: readonly Reading[], over?: boolean): string =>
    judgeStep(planOf(...metrics), 0, readings, over).phase;

  it('is the worst of its metrics, as far as they block', () => {
    assert.equal(phase([health, errors], [...good, ...bad]), 'failed');
    assert.equal(phase([health, { ...errors, onBreach: 'pause' }], [...good, ...bad]), 'inconclusive');
    assert.equal(phase([health, { ...errors, onBreach: 'warn' }], [...good, ...bad]), 'successful');
    assert.equal(phase([{ ...errors, onBreach: 'warn' }], bad), 'inconclusive', 'nothing was measured and fine');
    assert.equal(phase([health, errors], good), 'inconclusive', 'errors were never looked at');
    assert.equal(phase([health], good.slice(0, 5)), 'waiting', 'nothing is successful before its time is over');
    assert.equal(phase([], []), 'waiting');
    assert.equal(phase([], [], true), 'inconclusive', 'without metrics nothing is healthy');
  });

  it('is over after the looks planned, after the time planned, or when the caller says so', () => {
    assert.equal(phase([health], [good[0]!, good[5]!]), 'successful', 'looks in between were missed');
    assert.equal(phase([health], good.slice(0, 2)), 'waiting');
    assert.equal(phase([health], good.slice(0, 2), true), 'successful');
    assert.equal(phase([health], good, false), 'waiting');
  });

  it('does not count the reading that only shows where counters stand', () => {
    const zero = { ...good[0]!, at: good[0]!.from };
    const { verdicts } = judgeStep(planOf({ ...health, failureLimit: 1 }), 0, [zero, ...looksOf(health, [[false]])]);
    assert.match(verdicts[0]?.message ?? '', /look 1 of 6/);
    assert.equal(phase([health], [zero, ...good.slice(0, 5)]), 'waiting');
    assert.equal(phase([health], [zero, ...good]), 'successful');
  });

  it('of the watch after the rollout is the step behind the last', () => {
    const { verdicts, phase: watched } = judgeStep(planOf(health), 5, looksOf(health, times(6, [true] as const), 5));
    assert.deepEqual([watched, verdicts[0]?.step], ['successful', 5]);
  });

  it('shares the chance of a false alarm among the tests', () => {
    const others = Array.from({ length: 40 }, (_, index) => ({ ...latency, name: `p${index}` }));
    const readings = looksOf(errors, [
      [
        [18, 100],
        [2, 100],
      ],
    ]);
    const phaseAmong = (metrics: readonly MetricSpec[]) => judgeStep(planOf(errors, ...metrics), 0, readings).verdicts[0]?.phase;
    assert.deepEqual([phaseAmong([]), phaseAmong(others)], ['failed', 'waiting']);
  });
});
