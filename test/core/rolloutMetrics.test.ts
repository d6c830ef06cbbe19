import assert from 'node:assert/strict';
import { VendorError } from '../../src/core/errors';
import type { Patchline } from '../../src/core/patchline';
import { approveByDemo, deliveryPolicy, followRollout, findingId as id, openDeliveryApp } from '../support/deliveryApp';
import type { World } from '../support/memoryPorts';

describe('what the metrics say of a rollout', () => {
  let world: World;
  let app: Patchline;
  beforeEach(async () => ({ world, app } = await openDeliveryApp()));
  afterEach(() => app.dispose());

  it('pauses when the metrics cannot be asked more often in a row than is borne, and asks once more when a person goes on', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    const begun = world.now;
    world.delivery.blind = true;
    for (let turns = 0; turns < 20 && app.delivery.state(id)?.rollout?.phase === 'progressing'; turns++)
      world.now = (await app.delivery.tick({ rolloutsOnly: true })).nextAt ?? assert.fail('it stopped');
    assert.match(app.delivery.state(id)?.rollout?.paused?.why ?? '', /canary 10 % cannot be watched: .*5 .*no answer/);
    assert.ok(world.now - begun <= 60_000, 'before the bake is over');
    assert.match(app.delivery.state(id)?.waitsFor ?? '', /cannot be watched/);
    const failed = app.delivery.state(id)?.rollout?.readings.length ?? 0;
    await app.delivery.resume(id);
    assert.equal(app.delivery.state(id)?.rollout?.phase, 'paused', 'one more look, and it is still blind');
    world.delivery.blind = false;
    await app.delivery.resume(id);
    await followRollout(world, app);
    assert.ok((app.delivery.state(id)?.rollout?.readings.length ?? 0) > failed);
    assert.equal(app.runs.forFinding(id)?.state, 'closed');
  });

  /** The old version's metrics cannot be asked from a weight on. */
  function loseBaselineAt(weight: number): void {
    const monitor = world.ports.monitor('scrape');
    const sample: typeof monitor.sample = (metric, source, ...more) =>
      source['side'] === 'old' && world.delivery.weight >= weight
        ? Promise.reject(new VendorError('scrape', 'the old version does not answer', { retryable: true }))
        : monitor.sample(metric, source, ...more);
    Object.assign(world.ports, { monitor: () => ({ ...monitor, sample }) });
  }

  it('sees the new version break its threshold although the old one cannot be measured', async () => {
    await approveByDemo(app);
    loseBaselineAt(0);
    world.delivery.errors = 80;
    await app.delivery.startRollout(id);
    await followRollout(world, app);
    assert.equal(app.delivery.state(id)?.rollout?.phase, 'rolled-back');
    assert.match(app.delivery.state(id)?.rollout?.breach?.message ?? '', /above 20 % beyond chance/);
  });

  it('asks nobody about an old version that is gone once the new one has all of the traffic', async () => {
    const [one] = deliveryPolicy.rollout?.services ?? [];
    assert.ok(one);
    const strategy = { kind: 'rolling', batches: 2, bakeSeconds: 60 } as const;
    world.policy = { ...deliveryPolicy, rollout: { services: [{ ...one, strategy }] } };
    await approveByDemo(app);
    loseBaselineAt(100);
    world.delivery.errors = 2;
    await app.delivery.startRollout(id);
    await followRollout(world, app);
    assert.equal(app.runs.forFinding(id)?.state, 'closed');
  });

  it('takes a value beyond all bounds back, as it stands in the log', async () => {
    const [one] = deliveryPolicy.rollout?.services ?? [];
    assert.ok(one);
    const latency = { name: 'latency', kind: 'value', provider: 'scrape', canary: {}, threshold: { max: 250 } } as const;
    world.policy = { ...deliveryPolicy, rollout: { services: [{ ...one, metrics: [latency] }] } };
    const monitor = world.ports.monitor('scrape');
    const sample: typeof monitor.sample = () => Promise.resolve({ kind: 'value', value: Infinity });
    Object.assign(world.ports, { monitor: () => ({ ...monitor, sample }) });
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    await followRollout(world, app);
    assert.equal(app.delivery.state(id)?.rollout?.phase, 'rolled-back');
    assert.match(app.delivery.state(id)?.rollout?.breach?.message ?? '', /^Infinity \(median of \d+ readings\): above 250/);
  });

  /** A monitor that counts what happened in a window, as Prometheus does: a hundred requests a second on each side. */
  function countBySeconds() {
    const seen = { bad: (_second: number): boolean => false, down: (_side: string): boolean => false };
    const monitor = world.ports.monitor('scrape');
    const sample: typeof monitor.sample = (_metric, source, { from, to }) => {
      if (seen.down(source['side'] ?? '')) return Promise.reject(new VendorError('prometheus', 'no answer', { retryable: true }));
      const [first, end] = [Math.round(Date.parse(from) / 1000), Math.round(Date.parse(to) / 1000)];
      const seconds = Array.from({ length: end - first }, (_, index) => first + index);
      const events = seconds.filter((second) => source['side'] === 'new' && seen.bad(second)).length * 80;
      return Promise.resolve({ kind: 'ratio', events, total: seconds.length * 100, cumulative: false });
    };
    Object.assign(world.ports, { monitor: () => ({ ...monitor, sample }) });
    return seen;
  }

  it('judges what happened while the metrics could not be asked, as soon as they can be again', async () => {
    for (const lost of ['new', 'old']) {
      ({ world, app } = await openDeliveryApp());
      const seen = countBySeconds();
      await approveByDemo(app);
      await app.delivery.startRollout(id);
      const begun = Math.round(world.now / 1000);
      // Nothing but the comparison can find it where the old version alone could not be asked.
      seen.bad = (second) => second >= begun + 10 && second < begun + 30 && (lost === 'new' || second % 8 === 0);
      seen.down = (side) => side === lost && Math.abs(Math.round(world.now / 1000) - begun - 25) <= 10;
      await followRollout(world, app);
      const { breach, readings } = app.delivery.state(id)?.rollout ?? assert.fail('there is no rollout');
      assert.match(breach?.message ?? 'there is none', /beyond chance/, lost);
      assert.deepEqual(
        readings.map(({ from, at }) => [from, at].map((text) => Math.round(Date.parse(text) / 1000) - begun).join(' to ')),
        ['0 to 0', '0 to 10', '10 to 20', '10 to 30', '10 to 40'],
      );
    }
  });

  it('never takes for good what could not be measured for longer than a look may make up for', async () => {
    const seen = countBySeconds();
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    await app.delivery.pause(id, 'lunch');
    for (const [turns, down] of [
      [13, true],
      [2, false],
    ] as const)
      // oxfmt-ignore
      for (let turn = 0; turn < turns; turn++) {
        seen.down = () => down;
        world.now += 600_000;
        await app.delivery.tick({ rolloutsOnly: true });
      }
    const { readings } = app.delivery.state(id)?.rollout ?? assert.fail('there is no rollout');
    const minutes = readings.map(({ from, at }) => Math.round((Date.parse(at) - Date.parse(from)) / 60_000));
    assert.deepEqual(minutes, [0, 10, 20, 30, 40, 50, 10, 20, 30, 40, 50, 10, 20, 30, 40, 10]);
    await app.delivery.resume(id);
    world.now += 10_000;
    await app.delivery.tick({ rolloutsOnly: true });
    assert.equal(world.delivery.weight, 10);
    const why = app.delivery.state(id)?.rollout?.paused?.why ?? '';
    assert.match(why, /canary 10 % ended inconclusive: .*; but from .* UTC not everything could be measured: a person decides/);
  });

  describe('with a metric that asks a person', () => {
    const rollout = () => app.delivery.state(id)?.rollout ?? assert.fail('there is no rollout');
    const turn = async (): Promise<void> => {
      world.now = (await app.delivery.tick({ rolloutsOnly: true })).nextAt ?? assert.fail('it stopped');
    };
    /** Looks until it pauses; the errors of the new version are as many as they are. */
    const untilPaused = async (most: number): Promise<void> => {
      for (let turns = 0; turns < most && rollout().phase === 'progressing'; turns++) await turn();
      assert.equal(rollout().phase, 'paused');
    };
    beforeEach(async () => {
      const [one] = deliveryPolicy.rollout?.services ?? [];
      assert.ok(one);
      const metrics = one.metrics.map((metric) => ({ ...metric, onBreach: 'pause' as const }));
      const health = { name: 'health', kind: 'probe', provider: 'scrape', canary: {}, failureLimit: 1 } as const;
      world.policy = { ...deliveryPolicy, rollout: { services: [{ ...one, metrics: [...metrics, health] }] } };
      const monitor = world.ports.monitor('scrape');
      const sample: typeof monitor.sample = (metric, ...more) =>
        metric.kind === 'probe' ? Promise.resolve({ kind: 'probe', ok: !sick }) : monitor.sample(metric, ...more);
      Object.assign(world.ports, { monitor: () => ({ ...monitor, sample }) });
      sick = false;
      await approveByDemo(app);
      await app.delivery.startRollout(id);
    });
    let sick = false;

    it('judges it afresh when the person goes on, for a whole bake time, and pauses again on what is read since', async () => {
      world.delivery.errors = 80;
      await untilPaused(5);
      assert.match(rollout().paused?.why ?? '', /beyond chance/);
      world.now += 30_000;
      await app.delivery.tick({ rolloutsOnly: true });
      world.delivery.errors = 2;
      await app.delivery.resume(id);
      const resumed = world.now;
      assert.equal(rollout().phase, 'progressing');
      for (let turns = 0; turns < 50 && world.delivery.weight === 10; turns++) {
        assert.equal(rollout().phase, 'progressing', rollout().paused?.why);
        await turn();
      }
      assert.ok(world.now - resumed >= 60_000);
      const { canary } = rollout().readings.findLast(({ step, metric }) => step === 0 && metric === 'errors') ?? {};
      assert.deepEqual(canary, { kind: 'ratio', events: 2, total: 100, cumulative: false });
      world.delivery.errors = 80;
      await untilPaused(5);
      assert.match(rollout().paused?.why ?? '', /beyond chance/);
      await app.delivery.resume(id);
      await turn();
      await untilPaused(5);
    });

    it('does not pause the next step either by what a person promoted over', async () => {
      world.delivery.errors = 80;
      await untilPaused(5);
      world.delivery.errors = 2;
      await app.delivery.promote(id);
      assert.equal(world.delivery.weight, 50);
      await followRollout(world, app);
      assert.equal(app.runs.forFinding(id)?.state, 'closed');
    });

    it('forgets nothing of a metric that takes back by itself', async () => {
      await turn();
      sick = true;
      await turn();
      sick = false;
      world.delivery.errors = 80;
      await untilPaused(5);
      await app.delivery.resume(id);
      sick = true;
      for (let turns = 0; turns < 5 && rollout().phase !== 'rolled-back'; turns++) await turn().catch(() => undefined);
      assert.equal(rollout().phase, 'rolled-back');
      assert.equal(rollout().breach?.metric, 'health');
      const bad = rollout().readings.filter(({ canary }) => canary?.kind === 'probe' && !canary.ok);
      assert.equal(bad.length, 2, 'one before the pause, one after it');
    });
  });
});
