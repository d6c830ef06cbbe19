import assert from 'node:assert/strict';
import fc from 'fast-check';
import { eachStep, finish, inTurns, perStep, sortSteps } from '../../src/core/steps';
import type { Steps } from '../../src/core/steps';

/** How many times it stops on the way. */
function stopsOf(steps: Steps<unknown>): number {
  let stops = 0;
  while (steps.next().done !== true) stops++;
  return stops;
}

describe('steps', () => {
  it('sort as the array does, stably, whatever the length', () => {
    fc.assert(
      fc.property(
        // Repeated until there are several pieces, of which the last is a short one.
        fc.integer({ min: 0, max: 140 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 50 }),
        (times, numbers) => {
          const long = Array.from({ length: times }, () => numbers).flat();
          const list = long.map((value, place) => ({ value, place }));
          const compare = (a: { value: number }, b: { value: number }): number => a.value - b.value;
          const before = [...list];
          assert.deepEqual(finish(sortSteps(list, compare)), [...list].sort(compare));
          assert.deepEqual(list, before, 'the list itself stays');
        },
      ),
      { numRuns: 200 },
    );
  });

  it('stop often enough, and go through everything once, in order', () => {
    const list = Array.from({ length: 10 * perStep }, (_, index) => index);
    const seen: number[] = [];
    assert.equal(stopsOf(eachStep(list, (one) => seen.push(one))), 10);
    assert.deepEqual(seen, list);
    assert.ok(stopsOf(sortSteps(list, (a, b) => b - a)) >= 3, 'after each piece, and in each merging');
  });

  it('let other work go first when a turn was long enough, and only then', async () => {
    let now = 0;
    let turns = 0;
    const clock = { now: () => now, nextTurn: () => Promise.resolve(void turns++) };
    function* work(): Steps<string> {
      for (let i = 0; i < 100; i++) {
        now += 1;
        yield;
      }
      return 'done';
    }
    assert.equal(await inTurns(work(), clock), 'done');
    assert.equal(turns, 12, 'a hundred milliseconds in turns of eight');
    assert.equal(await inTurns(work(), { now: () => now }), 'done', 'where nothing else waits');
  });

  it('pass on what fails', async () => {
    function* broken(): Steps<void> {
      yield;
      throw new Error('no');
    }
    assert.throws(() => finish(broken()), /no/);
    await assert.rejects(inTurns(broken(), { now: () => 0 }), /no/);
  });
});
