import assert from 'node:assert/strict';
import { judgeMetric } from '../../../src/core/analysis/judgeMetric';
import type { Reading } from '../../../src/core/model/analysis';
import { binomialDraws, seededRandom } from '../../support/seededRandom';
import { renderTable, simulate } from '../../tools/analysisTable';

describe('the analysis of a canary of five steps, six looks a step', function () {
  this.timeout(120_000);

  it('takes back fewer than 1 % of healthy canaries at 200 requests a look', () => {
    const { rolledBack } = simulate({ requests: 200, baseline: 0.02, canary: 0.02, runs: 2000, seed: 200 });
    console.log(`      (${rolledBack} of 2000)`);
    assert.ok(rolledBack < 20, `${rolledBack} of 2000`);
  });

  it('catches more than 99 % of canaries that fail in 10 % before their last step', () => {
    const { beforeLastStep } = simulate({ requests: 200, baseline: 0.02, canary: 0.1, runs: 2000, seed: 201 });
    console.log(`      (${beforeLastStep} of 2000)`);
    assert.ok(beforeLastStep > 1980, `${beforeLastStep} of 2000`);
  });

  it('needs more looks with less traffic, and fewer with more', () => {
    const runs = 150;
    console.log(renderTable(runs, [20, 2000]).replaceAll(/^/gm, '      '));
    const found = [20, 200, 2000].map((requests) => simulate({ requests, baseline: 0.02, canary: 0.1, runs, seed: 1 }));
    const [few, some, many] = found.map(({ medianLook }) => medianLook ?? Infinity);
    assert.ok(few! > some! && some! > many!);
    assert.ok(found.every(({ beforeLastStep }) => beforeLastStep > 0.95 * runs));
  });

  it('bears a true rate of 2 % under a threshold of 5 % in 15 windows of 100 requests, where a bare comparison fires in half', () => {
    const draw = binomialDraws(100, 0.02, seededRandom(15));
    const metric = { name: 'errors', kind: 'ratio', provider: 'scrape', canary: {}, threshold: { max: 0.05 } } as const;
    const context = {
      step: 0,
      weight: 10,
      looks: 15,
      lookSeconds: 30,
      over: false,
      starts: { steps: 1, looks: 15 },
      level: 0.01,
    };
    let bare = 0;
    let fired = 0;
    const runs = 1000;
    for (let run = 0; run < runs; run++) {
      const events = Array.from({ length: 15 }, draw);
      if (events.some((count) => count >= 5)) bare += 1;
      const readings = events.map((count): Reading => ({
        metric: 'errors',
        step: 0,
        from: '2026-01-01T00:00:00Z',
        at: '2026-01-01T00:00:30Z',
        canary: { kind: 'ratio', events: count, total: 100, cumulative: false },
      }));
      // A failed look is never forgotten within the step, so the last look tells of all.
      if (judgeMetric(metric, readings, context).phase === 'failed') fired += 1;
    }
    assert.ok(Math.abs(bare / runs - 0.54) < 0.05, String(bare));
    assert.equal(fired, 0);
  });
});
