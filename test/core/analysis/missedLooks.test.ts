import assert from 'node:assert/strict';
import type { Reading, Sample } from '../../../src/core/model/analysis';
import { missedLooks } from '../../../src/core/analysis/missedLooks';
import { errors, judge, latency, withBounds } from '../../support/metricLooks';

const time = (look: number): string => new Date(look * 30_000).toISOString();
const ratio = (events: number, total: number, cumulative = false): Sample => ({ kind: 'ratio', events, total, cumulative });
/** A reading over the looks between the two numbers; without samples it failed. */
const read = (from: number, at: number, canary?: Sample, baseline?: Sample): Reading => ({
  metric: 'errors',
  step: 0,
  from: time(from),
  at: time(at),
  ...(canary === undefined ? {} : { canary }),
  ...(baseline === undefined ? { problem: 'no answer' } : { baseline }),
});
const good = (from: number, at: number): Reading => read(from, at, ratio(1, 100), ratio(1, 100));
const counted = (at: number): Reading => read(at - 1, at, ratio(at, at * 100, true), ratio(at, at * 100, true));
const missedAt = (...readings: readonly Reading[]): readonly number[] =>
  missedLooks(errors, readings).map(({ at }) => Date.parse(at) / 30_000);

describe('looks that failed', () => {
  it('are missed until a later one covers their time', () => {
    assert.deepEqual(missedAt(good(0, 1), read(1, 2), read(1, 3)), [2, 3]);
    assert.deepEqual(missedAt(good(0, 1), read(1, 2), read(1, 3), good(1, 4), good(4, 5)), []);
    assert.deepEqual(missedAt(good(0, 1), read(1, 2), good(2, 3)), [2]);
    assert.deepEqual(missedAt(read(0, 1), read(0, 2), read(2, 3), good(2, 4)), [1, 2]);
  });

  it('are made up for by counters that go on, unless nothing was read before them', () => {
    assert.deepEqual(missedAt(counted(1), read(1, 2), counted(3)), []);
    assert.deepEqual(missedAt(read(0, 1), read(0, 2), counted(3), counted(4)), [1, 2]);
  });

  it('of a ratio need both sides, of a value the new version', () => {
    const half = read(1, 2, ratio(1, 100));
    assert.deepEqual(missedAt(good(0, 1), half), [2]);
    assert.deepEqual(missedLooks(latency, [{ ...half, metric: 'p95', canary: { kind: 'value', value: 1 } }]), []);
  });

  it('keep a step from being successful', () => {
    const looks = [good(0, 1), good(1, 2), read(2, 3), good(3, 4), good(4, 5), good(5, 6)];
    assert.equal(
      judge(errors, looks),
      'inconclusive: 5 of 500 requests failed (1 %), baseline 5 of 500 (1 %): not worse than the baseline beyond chance; but from 00:01:00 to 00:01:30 UTC not everything could be measured: a person decides',
    );
    const caughtUp = looks.map((each) => (each.from === time(3) ? { ...each, from: time(2) } : each));
    assert.match(judge(errors, caughtUp), /^successful: /);
  });

  it('count nothing twice where the new version was measured and the old one was not', () => {
    const bounded = { ...errors, threshold: { max: 0.05 } };
    const half = (at: number, events: number): Reading => read(1, at, ratio(events, (at - 1) * 100));
    // Far too many in one window, and again in each that takes it along: 30 of 300.
    const readings = [good(0, 1), half(2, 10), half(3, 10), half(4, 10)];
    const said = judge(withBounds(errors, { max: 0.05 }), readings.map(({ baseline: _, ...each }) => each)); // oxfmt-ignore
    assert.match(said, /^waiting: could not be measured in 3 looks in a row/);
    const after = [...readings, read(1, 5, ratio(10, 400), ratio(4, 400))];
    assert.match(judge(bounded, after), /: 11 of 500 requests failed \(2.2 %\), baseline 5 of 500 \(1 %\)/);
    assert.match(judge(withBounds(errors, { max: 0.05 }), after), /: 11 of 500 requests failed/);
  });
});
