import assert from 'node:assert/strict';
import { durationWords } from '../../../src/core/words';
import { dashboardState } from '../../../src/editor/dashboard/dashboardState';
import { emptyMetrics, makeMetrics } from '../../support/metrics';

describe('dashboardState', () => {
  it('says each figure with what it rests on', () => {
    const state = dashboardState(makeMetrics(), () => 'Command injection');
    assert.deepEqual(
      state.tiles.map((tile) => `${tile.title}: ${tile.value} (${tile.detail})`),
      [
        'Mean time to repair: 2.2 days (median 40 h, of 9 deployed)',
        'Patch success rate: 82 % (9 deployed, 2 rolled back)',
        'Test pass rate: 99 % (of all tests reported)',
        'Coverage of changed lines: – (no coverage was reported)',
        'Under way: 2 (1 closed, 0 failed, 14 in all)',
        'Incidents after a patch: 1 (listed below)',
      ],
    );
    assert.equal(state.bottleneck, 'Approval is the bottleneck: 61 % of all the time goes there.');
    assert.deepEqual([state.stages[5]?.share, state.stages[5]?.words], [1, '21 h · 12 patches']);
    assert.deepEqual(state.charts[0]?.lines[0]?.points.length, 2);
    assert.equal(state.incidents[0]?.title, 'Command injection');
  });

  it('makes up nothing where nothing was measured', () => {
    const state = dashboardState(emptyMetrics, () => undefined);
    assert.deepEqual(state.tiles.slice(0, 4).map((tile) => tile.value), ['–', '–', '–', '–']); // oxfmt-ignore
    assert.ok(state.charts.every((chart) => chart.lines.length === 0));
    assert.equal(state.period, '');
  });

  for (const [ms, words] of [[null, '–'], [45_000, '45 s'], [720_000, '12 min'], [12_600_000, '3.5 h'], [2.14 * 86_400_000, '2.1 days']] as const)
    it(`${ms ?? 'nothing'} is ${words}`, () => assert.equal(durationWords(ms), words)); // oxfmt-ignore
});
