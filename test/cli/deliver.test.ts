import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { CommandContext } from '../../src/cli/commandLine';
import { deliver, watch } from '../../src/cli/deliver';
import type { DeliveryState } from '../../src/core/delivery';
import { HumanError, isCancelled } from '../../src/core/errors';
import { createPatchline } from '../../src/core/createPatchline';
import type { Patchline } from '../../src/core/patchline';
import { needsWatch } from '../../src/editor/delivery/needsWatch';
import { approveByDemo, deliveryPolicy, findingId, openDeliveryApp } from '../support/deliveryApp';

/** The front door with a clock that moves when told, over an application of which only what is asked for is there. */
describe('the second half of the way in the terminal', () => {
  let stop: AbortController;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.UTC(2026, 0, 1) });
    stop = new AbortController();
  });
  afterEach(() => mock.timers.reset());

  const context = (): CommandContext => ({ signal: stop.signal, say: () => undefined, options: {} }) as unknown as CommandContext;

  async function pass(seconds: number): Promise<void> {
    for (let part = 0; part < seconds * 2; part++) {
      mock.timers.tick(500);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  }

  /** How often it was asked within the time, by an application that answers the same each time. */
  async function askedWithin(seconds: number, work: (ask: () => void) => Promise<unknown>): Promise<number> {
    let asked = 0;
    const ended = assert.rejects(
      work(() => void (asked += 1)),
      isCancelled,
    );
    await pass(seconds);
    stop.abort();
    await ended;
    return asked;
  }

  it('neither asks in every moment nor sleeps through a word when the next thing is due in months', async () => {
    const app = (ask: () => void): Patchline =>
      ({
        runs: { onDidChange: () => () => undefined },
        delivery: {
          tick: () => {
            ask();
            return Promise.resolve({ nextAt: Date.now() + 90 * 86_400_000, held: false });
          },
          active: () => [],
        },
      }) as unknown as Patchline;
    const asked = await askedWithin(300, (ask) => watch(context(), app(ask)));
    assert.ok(asked >= 3 && asked <= 10, String(asked));
  });

  it('watches on after a look that failed, and says why; only a first one ends it', async () => {
    const said: string[] = [];
    const looks: (() => { readonly nextAt: number | undefined })[] = [
      () => ({ nextAt: Date.now() + 1000 }),
      () => assert.fail('the disk is full'),
      () => ({ nextAt: undefined }),
    ];
    const app = {
      runs: { onDidChange: () => () => undefined },
      delivery: { tick: async () => ({ held: false, ...looks.shift()?.() }), active: () => [] },
    } as unknown as Patchline;
    const watched = watch({ ...context(), say: (text) => void said.push(text) }, app).then(() => 'at its end');
    await pass(20);
    assert.equal(await Promise.race([watched, Promise.resolve('still waiting')]), 'at its end');
    assert.deepEqual(said, ['The look failed (the disk is full). Trying again in 5 s.']);
    looks.push(() => assert.fail('there is no log'));
    await assert.rejects(watch(context(), app), /there is no log/);
  });

  /** A freeze of an hour, a rollout that waits for its end, and the window that started it gone. */
  async function closeWhileFrozen() {
    const { world, app } = await openDeliveryApp();
    const freeze = { from: '2020-01-01T00:00', to: '2026-01-01T01:00', zone: 'UTC', reason: 'New Year' };
    world.policy = {
      ...deliveryPolicy,
      rollout: { ...deliveryPolicy.rollout, services: deliveryPolicy.rollout?.services ?? [], freezes: [freeze] },
    };
    await approveByDemo(app);
    await app.delivery.startRollout(findingId);
    assert.ok(app.delivery.active().some(needsWatch), 'it is handed over');
    await app.dispose();
    const next = createPatchline(world.ports);
    const { delivery } = next;
    // One clock for both: the one of the front door, and the world's.
    const tick: typeof delivery.tick = (task) => {
      world.now = Math.max(world.now, Date.now());
      return delivery.tick(task);
    };
    return { world, next: { ...next, delivery: { ...delivery, tick } } };
  }

  async function passMinutes(minutes: number): Promise<void> {
    for (let part = 0; part < minutes * 12; part++) {
      mock.timers.tick(5000);
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    }
  }

  it('watch starts what waits for its window when that opens, says what it waits for, and ends when nothing is left', async () => {
    const { world, next } = await closeWhileFrozen();
    const said: string[] = [];
    let ended = false;
    const watched = watch({ ...context(), say: (text) => void said.push(text) }, next).then(() => (ended = true));
    await passMinutes(59);
    assert.deepEqual(world.delivery.acts, []);
    assert.equal(ended, false);
    assert.match(said[0] ?? '', /orders: Frozen until Thu 1 Jan 2026, 01:00/);
    await passMinutes(3);
    assert.ok(world.delivery.weight > 0, 'no more than a minute after it opened');
    await passMinutes(10);
    assert.equal(ended, true);
    await watched;
    assert.equal(next.runs.forFinding(findingId)?.state, 'closed');
    await next.dispose();
  });

  it('watch ends when nothing is left for it, also where another process has the watch', async () => {
    const { world, app } = await openDeliveryApp();
    world.delivery.watchedBy = 'process 1';
    assert.equal((await app.delivery.tick()).held, true, 'the open pull request is looked after');
    await watch(context(), app);
    await app.dispose();
  });

  it('asks a service the less often the longer its checks run', async () => {
    const state = { ci: { provider: 'github-actions', outcome: 'waiting', checks: [] } } as unknown as DeliveryState;
    const app = (ask: () => void): Patchline =>
      ({
        runs: { forFinding: () => undefined },
        delivery: {
          refresh: () => {
            ask();
            return Promise.resolve(state);
          },
        },
      }) as unknown as Patchline;
    const asked = await askedWithin(600, (ask) => deliver(context(), app(ask), 'pl-1', 'checks'));
    assert.ok(asked >= 20 && asked <= 120, String(asked));
  });

  it('builds again what could not be built the time before, and says why it still cannot', async () => {
    const { world, app } = await openDeliveryApp();
    const { builder } = world.ports;
    const build = builder.build.bind(builder);
    let [tries, full] = [0, true];
    builder.build = (...given) => {
      tries += 1;
      return full ? Promise.reject(new HumanError('The disk is full.')) : build(...given);
    };
    for (const asked of [1, 2]) {
      const { outcome, because } = await deliver(context(), app, findingId, 'checks');
      assert.deepEqual([outcome, because, tries], ['failed', 'The disk is full.', asked]);
    }
    full = false;
    assert.deepEqual([(await deliver(context(), app, findingId, 'checks')).outcome, tries], ['checked', 3]);
    await app.dispose();
  });
});
