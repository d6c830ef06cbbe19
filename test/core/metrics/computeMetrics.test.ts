import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergeChains } from '../../../src/core/log/mergeChains';
import { computeMetrics } from '../../../src/core/metrics/computeMetrics';
import type { MetricVerdict } from '../../../src/core/model/analysis';
import type { ReadEntry } from '../../../src/core/model/logEntry';
import { LogBook } from '../../support/logBook';
import { emptyMetrics } from '../../support/metrics';

const hour = 3_600_000;
/** An instant of January 2026: day, hour. The first Monday is the 5th. */
const at = (day: number, hours = 0): string => new Date(Date.UTC(2026, 0, day) + hours * hour).toISOString();
const tests = (passed: number, failed: number, changedLines?: { covered: number; measured: number }) => ({
  comparison: { passed, failed },
  ...(changedLines === undefined ? {} : { changedLines }),
});
const verdict: MetricVerdict = { metric: 'errors', step: 0, phase: 'failed', message: '40 of 100 failed' };
const ten = { kind: 'step', step: 0, weight: 10 } as const;

/** Detected on day `from`, begun six hours later, then one stage an hour; closed on `until`. */
function deploy(book: LogBook, run: string, from: number, until: string, finding = {}): void {
  const [day, h] = [from, 6];
  book
    .begin(at(day, h), run, at(day), finding)
    .step(at(day, h), run, 'detection', 'finding')
    .step(at(day, h), run, 'triage', 'triage')
    .step(at(day, h + 1), run, 'generation', 'patch')
    .step(at(day, h + 3), run, 'build', 'pull-request', 'waiting')
    .step(at(day, h + 4), run, 'testing', 'test-report', 'successful', tests(9, 1, { covered: 3, measured: 4 }))
    .step(at(day, h + 5), run, 'approval', 'approval', 'waiting')
    .step(at(day, h + 10), run, 'approval', 'approval')
    .step(at(day, h + 11), run, 'rollout', 'rollout', 'waiting')
    .rollout(at(day, h + 11), run, 'orders', 'planned')
    .rollout(at(day, h + 12), run, 'orders', { event: 'done', action: { kind: 'promote' }, key: 'k', summary: 'done' })
    .step(until, run, 'rollout', 'rollout')
    .step(until, run, 'monitoring', 'watch')
    .step(until, run, 'monitoring', 'close', 'closed');
}

function takeBack(book: LogBook, run: string, day: number): void {
  book
    .begin(at(day), run, at(day))
    .step(at(day, 1), run, 'approval', 'approval')
    .step(at(day, 2), run, 'rollout', 'rollout', 'waiting')
    .rollout(at(day, 2), run, 'orders', 'planned')
    .rollout(at(day, 2), run, 'names', 'planned')
    .rollout(at(day, 3), run, 'orders', { event: 'intent', action: ten, key: 'k' })
    .rollout(at(day, 4), run, 'orders', { event: 'breached', verdict })
    .rollout(at(day, 5), run, 'orders', { event: 'aborted', why: verdict.message, byPerson: false })
    .rollout(at(day, 5), run, 'names', { event: 'aborted', why: 'orders was taken back', byPerson: false })
    .step(at(day, 6), run, 'rollout', 'rollout', 'failed')
    .step(at(day, 7), run, 'monitoring', 'revert', 'waiting')
    .step(at(day, 9), run, 'monitoring', 'reopened', 'failed');
}

describe('computeMetrics', () => {
  it('is null where nothing was measured, not zero', () => {
    const stages = computeMetrics([]).stages.map(({ median, mean, count }) => [median, mean, count]);
    assert.deepEqual({ ...computeMetrics([]), stages: [] }, emptyMetrics);
    assert.deepEqual(
      stages,
      Array.from({ length: 8 }, () => [null, null, 0]),
    );
  });

  it('tells every figure of a log with all ends', () => {
    const book = new LogBook();
    book.add(at(1), 'findings.imported', {});
    deploy(book, 'pl-a-1', 5, at(6));
    deploy(book, 'pl-b-1', 20, at(22), { severity: 'critical' });
    deploy(book, 'pl-c-1', 20, at(23), { severity: 'critical' });
    takeBack(book, 'pl-d-1', 7);
    book.begin(at(8), 'pl-d-2', at(7)).step(at(8, 1), 'pl-d-2', 'testing', 'test-report', 'failed', tests(0, 3));
    book.begin(at(8), 'pl-e-1', at(8)).step(at(8, 1), 'pl-e-1', 'build', 'pull-request', 'closed');
    book.begin(at(8), 'pl-f-1', at(8)).step(at(8, 1), 'pl-f-1', 'build', 'pull-request', 'waiting');
    const metrics = computeMetrics(book.entries);
    assert.deepEqual(
      { ...metrics, stages: [] },
      {
        from: at(5, 6),
        to: at(23),
        runs: 7,
        ended: { deployed: 3, rolledBack: 1, closed: 1, failed: 1, active: 1 },
        mttr: { mean: 48 * hour, median: 48 * hour, count: 3 },
        mttrBySeverity: [
          { severity: 'critical', median: 60 * hour, count: 2 },
          { severity: 'high', median: 24 * hour, count: 1 },
        ],
        successRate: 0.75,
        stages: [],
        // 3 × 18 hours before the watch and 6 of the fourth; the watches last 6, 30 and 54 hours, the way back of the fourth two.
        bottleneck: { stage: 'monitoring', share: 92 / 152 },
        testPassRate: 27 / 33,
        changedLineCoverage: 9 / 12,
        incidents: [{ run: 'pl-d-1', findingId: 'pl-d', at: at(7, 4), what: 'orders: 40 of 100 failed' }],
        weeks: [
          { monday: '2026-01-05', deployed: 1, rolledBack: 1, mttr: 24 * hour },
          { monday: '2026-01-12', deployed: 0, rolledBack: 0, mttr: null },
          { monday: '2026-01-19', deployed: 2, rolledBack: 0, mttr: 60 * hour },
        ],
      },
    );
    assert.deepEqual(
      metrics.stages.map(({ stage, median, mean, count }) => [
        stage,
        median === null ? null : median / hour,
        mean === null ? null : mean / hour,
        count,
      ]),
      [
        ['detection', 6, 6, 3],
        ['triage', 1, 1, 3],
        ['generation', 2, 2, 3],
        ['build', 1, 1, 3],
        ['testing', 1, 1, 3],
        ['approval', 6, (3 * 6 + 1) / 4, 4],
        ['rollout', 1, (3 * 1 + 5) / 4, 4],
        ['monitoring', 18, 23, 4],
      ],
    );
  });

  it('counts the latest test report of a run, and coverage only where lines were measured', () => {
    const book = new LogBook().begin(at(5), 'pl-a-1', at(5));
    book.step(at(5, 1), 'pl-a-1', 'testing', 'test-report', 'failed', tests(1, 9, { covered: 0, measured: 5 }));
    book.step(at(5, 2), 'pl-a-1', 'testing', 'test-report', 'successful', tests(10, 0, { covered: 0, measured: 0 }));
    const { testPassRate, changedLineCoverage } = computeMetrics(book.entries);
    assert.deepEqual([testPassRate, changedLineCoverage], [1, null]);
  });

  it('does not take a rehearsal for the rollout, nor a second run’s wait for the first one’s', () => {
    const book = new LogBook().begin(at(5, 2), 'pl-a-1', at(5));
    book.step(at(5, 2), 'pl-a-1', 'detection', 'finding').step(at(5, 3), 'pl-a-1', 'triage', 'triage');
    book.step(at(5, 4), 'pl-a-1', 'rollout', 'rehearsal').step(at(5, 8), 'pl-a-1', 'testing', 'test-report');
    book.begin(at(9), 'pl-b-1', at(5)).step(at(9), 'pl-b-1', 'detection', 'finding');
    const hours = Object.fromEntries(
      computeMetrics(book.entries).stages.map(({ stage, mean }) => [stage, mean === null ? null : mean / hour]),
    );
    assert.deepEqual([hours['detection'], hours['triage'], hours['testing'], hours['rollout']], [3, 5, null, null]);
  });

  it('takes an abort before anything was changed for no incident, and one after it for one', () => {
    const aborted = { event: 'aborted', why: 'it feels wrong', byPerson: true } as const;
    const book = new LogBook().begin(at(5), 'pl-a-1', at(5)).rollout(at(5, 1), 'pl-a-1', 'orders', 'planned');
    assert.deepEqual(computeMetrics(book.rollout(at(5, 2), 'pl-a-1', 'orders', aborted).entries).incidents, []);
    book.rollout(at(5, 3), 'pl-a-1', 'orders', { event: 'intent', action: ten, key: 'k' });
    const { incidents } = computeMetrics(book.rollout(at(5, 4), 'pl-a-1', 'orders', aborted).entries);
    assert.deepEqual(incidents, [{ run: 'pl-a-1', findingId: 'pl-a', at: at(5, 4), what: 'orders: it feels wrong' }]);
  });

  it('lets clocks that differ, dates that are none and a clock that was far off spoil no figure', () => {
    const book = new LogBook();
    for (const [run, detectedAt] of Object.entries({ 'pl-a-1': at(9), 'pl-b-1': 'soon' })) {
      book.begin(at(6), run, detectedAt).step(at(7), run, 'rollout', 'rollout').step(at(8), run, 'monitoring', 'close', 'closed');
    }
    book.begin('1970-01-01T00:00:00.000Z', 'pl-c-1', '1970-01-01T00:00:00.000Z');
    book.step('1970-01-02T00:00:00.000Z', 'pl-c-1', 'rollout', 'rollout');
    book.step('1970-01-02T00:00:00.000Z', 'pl-c-1', 'monitoring', 'reopened', 'failed');
    const { mttr, ended, weeks } = computeMetrics(book.entries);
    assert.deepEqual(mttr, { mean: 0, median: 0, count: 1 });
    assert.deepEqual([ended.deployed, weeks.length, weeks.at(-1)?.monday], [2, 260, '2026-01-05']);
  });

  describe('of any log', () => {
    /** A chain of some runs, each at some point of its way. */
    const chains = fc
      .array(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 25 }), fc.boolean(), fc.integer({ min: 1, max: 14 })), { maxLength: 3 }),
        {
          maxLength: 3,
        },
      )
      .map((all) =>
        all.map((runs, chain) => {
          const book = new LogBook(`chain-${chain}`);
          runs.forEach(([day, good, length], index) => {
            const one = new LogBook(`chain-${chain}`);
            if (good) deploy(one, `pl-${chain}${index}-1`, day, at(day + 2));
            else takeBack(one, `pl-${chain}${index}-1`, day);
            for (const { time, kind, body } of one.entries.slice(0, length)) book.add(time, kind, body);
          });
          return book.entries;
        }),
      );

    it('the order of the chains is irrelevant', () => {
      fc.assert(
        fc.property(chains, (all) => {
          assert.deepEqual(computeMetrics(mergeChains(all)), computeMetrics(mergeChains([...all].reverse())));
        }),
      );
    });

    it('entries of other kinds change nothing, and the figures stay in their bounds', () => {
      const others = fc.array(
        fc.tuple(fc.nat(40), fc.constantFrom('findings.imported', 'decision', 'finding.reopened', 'x'), fc.date()),
      );
      fc.assert(
        fc.property(chains, others, (all, noise) => {
          const entries: ReadEntry[] = [...mergeChains(all)];
          const plain = computeMetrics(entries);
          for (const [place, kind, date] of noise) {
            const time = Number.isNaN(date.getTime()) ? 'never' : date.toISOString();
            const [entry] = new LogBook('noise').add(time, kind, { run: 'pl-00-1', stage: 'rollout', name: 'close' }).entries;
            if (entry !== undefined) entries.splice(place, 0, entry);
          }
          assert.deepEqual(computeMetrics(entries), plain);
          const { runs, ended, successRate, bottleneck, weeks } = plain;
          assert.equal(
            Object.values(ended).reduce((sum, one) => sum + one, 0),
            runs,
          );
          for (const share of [successRate, bottleneck?.share ?? null]) assert.ok(share === null || (share >= 0 && share <= 1));
          assert.equal(
            weeks.reduce((sum, week) => sum + week.deployed, 0),
            ended.deployed,
          );
        }),
      );
    });
  });
});
