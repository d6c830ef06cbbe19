import assert from 'node:assert/strict';
import { countWindows, doubtSample } from '../../../src/core/analysis/windows';
import type { Count } from '../../../src/core/analysis/rateEvidence';
import type { Reading, Sample } from '../../../src/core/model/analysis';

type Ratio = Extract<Sample, { kind: 'ratio' }>;
const counter = (events: number, total: number): Ratio => ({ kind: 'ratio', events, total, cumulative: true });
const read = (step: number, canary?: Ratio, baseline?: Ratio): Reading => ({
  metric: 'errors',
  step,
  from: '2026-01-01T00:00:00Z',
  at: '2026-01-01T00:00:30Z',
  ...(canary ? { canary } : {}),
  ...(baseline ? { baseline } : {}),
});
const single = (...readings: Reading[]) =>
  countWindows<{ canary: Count }>(readings, ({ canary }) => (canary?.kind === 'ratio' ? { canary } : undefined));
const counts = ({ windows }: ReturnType<typeof single>): readonly string[] =>
  windows.map(({ step, counts: { canary } }) => `${step}: ${canary.events}/${canary.total}`);

describe('windows', () => {
  it('of counters are differences; the first reading of each step is its zero', () => {
    const found = single(
      read(0, counter(5, 100)),
      read(0, counter(6, 150)),
      read(0, counter(6, 180)),
      read(1, counter(90, 900)),
      read(1, counter(91, 950)),
    );
    assert.deepEqual(counts(found), ['0: 1/50', '0: 0/30', '1: 1/50']);
    assert.equal(found.restarts, 0);
  });

  it('of a counter that went down begin anew', () => {
    const found = single(read(0, counter(5, 100)), read(0, counter(2, 30)), read(0, counter(4, 90)), read(0, counter(3, 95)));
    assert.deepEqual(counts(found), ['0: 2/30', '0: 2/60', '0: 3/95']);
    assert.equal(found.restarts, 2);
  });

  it('span what a missing reading left out, and take counts of a window as they are', () => {
    assert.deepEqual(counts(single(read(0, counter(0, 10)), read(0), read(0, counter(3, 40)))), ['0: 3/30']);
    assert.deepEqual(counts(single(read(0, { kind: 'ratio', events: 1, total: 7, cumulative: false }))), ['0: 1/7']);
  });

  it('of two sides span the same time', () => {
    const { windows } = countWindows<{ canary: Count; baseline: Count }>(
      [
        read(0, counter(0, 0), counter(0, 0)),
        read(0, counter(1, 10)),
        read(0, counter(2, 20), counter(1, 19)),
        read(0, undefined, counter(9, 99)),
      ],
      ({ canary, baseline }) => (canary?.kind === 'ratio' && baseline?.kind === 'ratio' ? { canary, baseline } : undefined),
    );
    assert.deepEqual(windows, [{ step: 0, counts: { canary: { events: 2, total: 20 }, baseline: { events: 1, total: 19 } } }]);
  });

  it('are not made of what cannot be counted', () => {
    assert.match(doubtSample(counter(-1, 5)) ?? '', /no count/);
    assert.match(doubtSample(counter(1, Infinity)) ?? '', /no count/);
    assert.match(doubtSample(counter(12, 10)) ?? '', /12 events of only 10/);
    assert.equal(doubtSample(counter(100.4, 100)), undefined, 'Prometheus extrapolates');
  });
});
