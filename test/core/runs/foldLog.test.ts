import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ReadEntry } from '../../../src/core/model/logEntry';
import { foldRollouts } from '../../../src/core/rollout/foldRollout';
import { createLogFold } from '../../../src/core/runs/foldLog';
import { foldRuns } from '../../../src/core/runs/foldRuns';
import { LogBook } from '../../support/logBook';

const at = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
const reading = { metric: 'errors', step: 0, at: at(0), from: at(0) };

/** A log of runs that supersede each other, with steps and rollouts among them. */
function makeLog(kinds: readonly number[]): readonly ReadEntry[] {
  const book = new LogBook();
  kinds.forEach((kind, n) => {
    const run = `pl-${kind % 2}-${1 + (kind % 3)}`;
    if (kind < 3) book.begin(at(n), run, at(0));
    else if (kind < 6) book.step(at(n), run, 'build', 'checks', kind === 4 ? 'failed' : 'successful');
    else if (kind < 8) book.rollout(at(n), run, 'orders', 'planned');
    else book.rollout(at(n), run, 'orders', { event: 'looked', readings: [reading], verdicts: [] });
  });
  return book.entries;
}

describe('a log fold', () => {
  const whole = (entries: readonly ReadEntry[]) => ({ runs: foldRuns(entries), rollouts: foldRollouts(entries) });

  it('gives what folding everything gives, whatever it was asked before', () => {
    const kinds = fc.array(fc.nat(9), { maxLength: 40 });
    fc.assert(
      fc.property(
        kinds,
        fc.array(fc.tuple(fc.nat(40), fc.constantFrom('as it is', 'read anew', 'inserted before')), { maxLength: 8 }),
        (log, asked) => {
          const fold = createLogFold();
          const entries = makeLog(log);
          for (const [length, how] of asked) {
            const part = entries.slice(0, length);
            const told =
              how === 'read anew'
                ? part.map((entry) => ({ ...entry, identity: 'Grace' }))
                : how === 'inserted before'
                  ? [...makeLog([0, 3]), ...part]
                  : part;
            assert.deepEqual(fold(told), whole(told));
          }
        },
      ),
    );
  });

  it('changes nothing that it gave out, and gives the same object for what has no news', () => {
    const fold = createLogFold();
    const book = new LogBook()
      .begin(at(0), 'pl-a-1', at(0))
      .begin(at(1), 'pl-b-1', at(0))
      .rollout(at(2), 'pl-a-1', 'orders', 'planned');
    const first = fold(book.entries);
    const before = structuredClone(first);
    book.step(at(3), 'pl-a-1', 'build', 'checks');
    book.rollout(at(4), 'pl-a-1', 'orders', { event: 'looked', readings: [reading], verdicts: [] });
    const second = fold(book.entries);
    assert.deepEqual(first, before);
    assert.deepEqual([second.runs[0]?.steps.length, second.rollouts[0]?.readings.length], [1, 1]);
    assert.equal(second.runs[1], first.runs[1]);
    assert.equal(fold(book.entries), second);
  });
});
