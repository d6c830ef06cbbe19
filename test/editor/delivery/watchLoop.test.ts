import assert from 'node:assert/strict';
import type { RolloutEvent } from '../../../src/core/model/rollout';
import { createWatchLoop } from '../../../src/editor/delivery/watchLoop';
import { FakeDelivery, makeDelivery, makeEvents, makeRollout } from '../../support/delivery';

/** A window with a clock of its own: what is set for later runs when the test says so. */
function makeWindow(overrides: Partial<{ focused: boolean; trusted: boolean }> = {}) {
  const delivery = new FakeDelivery();
  const window = { focused: true, trusted: true, ...overrides, now: 1000, failed: 0, steps: 4 };
  const asked: ({ readonly rolloutsOnly?: boolean } | undefined)[] = [];
  const { tick } = delivery;
  delivery.tick = (task) => {
    asked.push(task);
    return tick(task);
  };
  const waiting: { readonly ms: number; readonly work: () => void }[] = [];
  const loop = createWatchLoop({
    delivery: () => Promise.resolve(delivery),
    now: () => window.now,
    later: (ms, work) => {
      const entry = { ms, work };
      waiting.push(entry);
      return () => void waiting.splice(waiting.indexOf(entry), 1);
    },
    focused: () => window.focused,
    mayRun: () => window.trusted,
    steps: () => window.steps,
    failed: () => (window.failed += 1),
  });
  const settle = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return { delivery, window, asked, waiting, loop, settle };
}
const rolling = () => [makeDelivery({ rollout: makeRollout() })];
const open = () => {
  const { rollout: _none, ...state } = makeDelivery();
  return [state];
};

describe('the watch loop', () => {
  it('polls nothing when nothing is under way', async () => {
    const { loop, waiting, asked, settle } = makeWindow();
    loop.wake();
    await settle();
    assert.deepEqual([asked.length, waiting.length], [1, 0]);
  });

  it('looks at an active rollout when it is due, also without the focus, and then at rollouts alone', async () => {
    const { delivery, window, asked, waiting, loop, settle } = makeWindow({ focused: false });
    delivery.states = rolling();
    delivery.ticks = [{ nextAt: 31_000, held: false }];
    loop.wake();
    await settle();
    assert.deepEqual([waiting.map(({ ms }) => ms), asked], [[30_000], [{ rolloutsOnly: true }]]);
    window.now = 31_000;
    waiting.splice(0)[0]?.work();
    await settle();
    assert.deepEqual([asked.length, waiting.map(({ ms }) => ms)], [2, [250]]);
  });

  it('begins a rollout when its window opens, also without the focus', async () => {
    const { delivery, waiting, loop, settle } = makeWindow({ focused: false });
    delivery.states = [makeDelivery({ rollout: makeRollout({ phase: 'planned' }) })];
    delivery.ticks = [{ nextAt: 61_000, held: false }];
    loop.wake();
    await settle();
    assert.deepEqual(waiting.map(({ ms }) => ms), [60_000]); // oxfmt-ignore
  });

  it('rests without the focus while only checks or a person are waited for', async () => {
    const { delivery, window, waiting, loop, settle } = makeWindow({ focused: false });
    delivery.states = open();
    delivery.ticks = [{ nextAt: 2000, held: false }];
    loop.wake();
    await settle();
    assert.equal(waiting.length, 0);
    window.focused = true;
    loop.wake();
    await settle();
    assert.deepEqual(waiting.map(({ ms }) => ms), [1000]); // oxfmt-ignore
  });

  it('goes on after a look that failed, later each time', async () => {
    const { delivery, window, waiting, loop, settle } = makeWindow();
    delivery.states = rolling();
    delivery.ticks = [new Error('no network'), new Error('no network'), { nextAt: 2000, held: false }];
    loop.wake();
    const waited = [];
    for (let i = 0; i < 3; i++) {
      await settle();
      const [next] = waiting.splice(0);
      waited.push(next?.ms);
      next?.work();
    }
    assert.deepEqual([waited, window.failed], [[5000, 10_000, 1000], 2]);
  });

  it('does nothing in Restricted Mode, and nothing after it was stopped', async () => {
    const restricted = makeWindow({ trusted: false });
    restricted.loop.wake();
    await restricted.settle();
    assert.equal(restricted.asked.length, 0);
    const { delivery, waiting, asked, loop, settle } = makeWindow();
    delivery.states = rolling();
    delivery.ticks = [{ nextAt: 2000, held: false }];
    loop.wake();
    await settle();
    loop.stop();
    loop.wake();
    await settle();
    assert.deepEqual([asked.length, waiting.length], [1, 0]);
  });

  it('is not woken by what its own look brought, but by a rollout that began', async () => {
    const { delivery, asked, loop, settle } = makeWindow();
    delivery.states = open();
    delivery.ticks = [{ nextAt: 2000, held: false }];
    loop.wake();
    await settle();
    loop.changed();
    await settle();
    assert.equal(asked.length, 1);
    delivery.states = rolling();
    loop.changed();
    await settle();
    assert.equal(asked.length, 2);
  });

  /** A rollout in the midst of its steps, of which this is told beside what every one has. */
  const told = (...events: readonly RolloutEvent[]) => {
    const rollout = makeRollout();
    return [makeDelivery({ rollout: { ...rollout, events: [...rollout.events, ...makeEvents(...events)] } })];
  };
  const look = { event: 'looked', readings: [], verdicts: [] } as const;
  const promoted = { event: 'promoted', step: 1, skipsAnalysis: false } as const;

  it('takes up at once what another window said, also where neither phase nor step tells of it', async () => {
    for (const word of ['promotion', 'approval']) {
      const { delivery, window, asked, waiting, loop, settle } = makeWindow();
      delivery.states = told();
      delivery.ticks = [{ nextAt: 301_000, held: false }];
      loop.wake();
      await settle();
      if (word === 'promotion') delivery.states = told(promoted);
      else window.steps += 1;
      loop.changed();
      await settle();
      assert.deepEqual([asked.length, waiting.length], [2, 1], word);
      loop.changed();
      await settle();
      assert.equal(asked.length, 2, word);
    }
  });

  it('looks once more after a look during which somebody said something, and not for what the look itself brought', async () => {
    const { delivery, asked, waiting, loop, settle } = makeWindow();
    const { tick } = delivery;
    const during = [told(look), told(look, promoted)];
    delivery.tick = (task) => {
      delivery.states = during.shift() ?? told(look, promoted, look);
      // Heard while the look runs, which may have decided before.
      loop.changed();
      return tick(task);
    };
    delivery.states = told();
    delivery.ticks = [{ nextAt: 301_000, held: false }];
    loop.wake();
    await settle();
    assert.equal(asked.length, 1);
    waiting.splice(0)[0]?.work();
    await settle();
    assert.deepEqual([asked.length, waiting.length], [3, 1]);
  });
});
