import assert from 'node:assert/strict';
import { createPatchline } from '../../src/core/createPatchline';
import { HumanError, isHumanError, VendorError } from '../../src/core/errors';
import type { Patchline } from '../../src/core/patchline';
import { approveByDemo, deliveryPolicy, followRollout, findingId as id, openDeliveryApp } from '../support/deliveryApp';
import { makeFinding } from '../support/findings';
import type { World } from '../support/memoryPorts';

describe('starting, steering and watching rollouts', () => {
  let world: World;
  let app: Patchline;
  beforeEach(async () => ({ world, app } = await openDeliveryApp()));
  afterEach(() => app.dispose());

  const steps = () => app.runs.forFinding(id)?.steps.map(({ name, outcome }) => `${name} ${outcome}`) ?? [];

  it('goes on where a crash left it, and tells the provider nothing twice', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    world.now += 5000;
    await app.delivery.tick({ rolloutsOnly: true });
    // Another process over the same log; the first one is gone without a word, and its lease with it.
    world.delivery.watchedBy = undefined;
    const second = createPatchline(world.ports);
    await second.importReports();
    await followRollout(world, second);
    assert.equal(second.runs.forFinding(id)?.state, 'closed');
    assert.equal(new Set(world.delivery.acts).size, world.delivery.acts.length);
    assert.ok(world.delivery.acts.every((act) => !act.endsWith('again')));
    await second.dispose();
  });

  it('leaves the acting to whoever holds the watch, and its word reaches them by the log', async () => {
    await approveByDemo(app);
    world.delivery.watchedBy = 'process 1';
    const state = await app.delivery.startRollout(id);
    assert.equal(state.phase, 'planned');
    assert.deepEqual(world.delivery.acts, []);
    assert.equal((await app.delivery.tick()).held, true);
  });

  it('says what a rollout waits for also where another process drives it', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    const said = app.delivery.state(id)?.waitsFor ?? '';
    assert.match(said, /is looked at until/);
    const second = createPatchline(world.ports);
    assert.equal((await second.delivery.tick({ rolloutsOnly: true })).held, true);
    assert.equal(second.delivery.state(id)?.waitsFor, said);
    await second.dispose();
  });

  it('does not close by itself what the watch could not judge: a person does, and it says so', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    world.delivery.silentAt = 100;
    await followRollout(world, app);
    assert.deepEqual(steps().slice(-2), ['rollout successful', 'watch inconclusive']);
    assert.match(app.delivery.state(id)?.waitsFor ?? '', /no clear verdict/);
    assert.deepEqual(app.delivery.state(id)?.actions, ['promote', 'roll-back']);
    await app.delivery.promote(id);
    assert.equal(app.runs.forFinding(id)?.state, 'closed');
  });

  it('ends as rolled back where a watch without a clear verdict is taken back', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    world.delivery.silentAt = 100;
    await followRollout(world, app);
    await app.delivery.rollBack(id, 'not sure');
    assert.deepEqual(steps().slice(-4), ['watch inconclusive', 'rollout failed', 'revert waiting', 'reopened failed']);
  });

  it('asks again at once where another window wrote something about the run, however long it would have waited', async () => {
    await app.delivery.refresh(id);
    let nextAt = world.now;
    for (let turns = 0; turns < 12; turns++) {
      world.now = nextAt;
      nextAt = (await app.delivery.tick()).nextAt ?? assert.fail('it stopped');
    }
    assert.equal(app.delivery.state(id)?.approval?.outcome, 'waiting');
    assert.ok(nextAt - world.now > 50_000);
    const second = createPatchline(world.ports);
    await second.importReports();
    await approveByDemo(second);
    await app.delivery.tick();
    assert.equal(app.delivery.state(id)?.approval?.outcome, 'successful');
    await second.dispose();
  });

  it('lets go of the watch when it ends, so that the next takes over at once', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    assert.equal(world.delivery.watchedBy, 'us');
    await app.dispose();
    assert.equal(world.delivery.watchedBy, undefined);
  });

  it('retired for another application, keeps the watch no longer than a word of its own takes', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    await app.retire();
    assert.equal(world.delivery.watchedBy, undefined);
    assert.equal((await app.delivery.promote(id)).weight, 50);
    assert.equal(world.delivery.watchedBy, undefined);
  });

  it('pauses, resumes, promotes and rolls back by hand, and says who did', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    assert.equal((await app.delivery.pause(id, 'lunch')).phase, 'paused');
    assert.equal(app.delivery.active()[0]?.attention, 'paused');
    assert.equal((await app.delivery.resume(id)).phase, 'progressing');
    assert.equal((await app.delivery.promote(id)).weight, 50);
    assert.equal((await app.delivery.rollBack(id, 'it feels wrong')).phase, 'rolled-back');
    assert.equal(world.delivery.weight, 0);
    const told = world.entries.filter(({ body }) => ['paused', 'promoted', 'aborted'].includes(String(body['event'])));
    assert.deepEqual([...new Set(told.map(({ identity }) => identity))], ['Ada <ada@example.org>']);
  });

  it('takes no late click for a wish to begin anew', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    for (let turns = 0; turns < 100 && world.delivery.weight < 100; turns++)
      world.now = (await app.delivery.tick({ rolloutsOnly: true })).nextAt ?? assert.fail('it stopped');
    const { delivery } = app;
    for (const late of [() => delivery.resume(id), () => delivery.promote(id), () => delivery.pause(id)])
      await assert.rejects(late, (error) => isHumanError(error) && /There is no step to/.test(error.message));
    assert.equal(world.delivery.weight, 100);
    assert.equal((await delivery.rollBack(id, 'enough')).phase, 'rolled-back');
    await assert.rejects(delivery.promote(id), isHumanError);
    assert.equal(world.delivery.weight, 0);
  });

  it('waits for nobody: what is under way is asked for, begun once, and can be paused or taken back meanwhile', async () => {
    await approveByDemo(app);
    world.delivery.takesSeconds = 300;
    const begun = await app.delivery.startRollout(id);
    assert.equal(begun.phase, 'progressing');
    assert.equal(begun.weight, 0);
    assert.equal(begun.pending?.underWay?.summary, 'the workflow is at it');
    assert.equal(app.delivery.state(id)?.waitsFor, 'the workflow is at it');
    assert.deepEqual(app.delivery.state(id)?.actions, ['pause', 'abort']);
    const { nextAt } = await app.delivery.tick({ rolloutsOnly: true });
    assert.equal(nextAt, world.now + 5000);
    // Another process over the same log asks for the same one.
    world.delivery.watchedBy = undefined;
    const second = createPatchline(world.ports);
    await second.importReports();
    world.now += 299_000;
    await second.delivery.tick({ rolloutsOnly: true });
    assert.equal((await second.delivery.pause(id, 'lunch')).phase, 'paused');
    world.now += 2000;
    await second.delivery.tick({ rolloutsOnly: true });
    assert.equal(second.delivery.state(id)?.rollout?.weight, 10);
    assert.equal(second.delivery.state(id)?.rollout?.phase, 'paused');
    assert.equal((await second.delivery.promote(id)).pending?.key, `${id}-1/1/orders/step/1`);
    const back = await second.delivery.rollBack(id, 'enough');
    assert.equal(back.phase, 'rolling-back');
    assert.equal(back.pending?.action.kind, 'roll-back');
    world.now += 301_000;
    await followRollout(world, second);
    assert.equal(second.delivery.state(id)?.rollout?.phase, 'rolled-back');
    assert.deepEqual(
      world.delivery.acts,
      ['step/0', 'step/1', 'roll-back'].map((act) => `${id}-1/1/orders/${act}`),
    );
    await second.dispose();
  });

  it('gives up on what is under way for ever, and says why', async () => {
    await approveByDemo(app);
    world.delivery.takesSeconds = 1e9;
    await app.delivery.startRollout(id);
    for (let turns = 0; turns < 2000 && app.delivery.state(id)?.rollout?.phase === 'progressing'; turns++)
      world.now = (await app.delivery.tick({ rolloutsOnly: true })).nextAt ?? assert.fail('it stopped');
    assert.match(app.delivery.state(id)?.rollout?.reason ?? '', /failed 4 times to set 10 %: No workflow answered within 600 s/);
  });

  it('takes an abort before anything has begun', async () => {
    world.policy = {
      ...deliveryPolicy,
      rollout: {
        ...deliveryPolicy.rollout!,
        freezes: [{ from: '2020-01-01T00:00', to: '2099-01-01T00:00', zone: 'UTC', reason: 'winter' }],
      },
    };
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    assert.match(app.delivery.state(id)?.waitsFor ?? '', /winter/);
    assert.equal((await app.delivery.rollBack(id, 'no')).phase, 'rolled-back');
    assert.deepEqual(world.delivery.acts, [`${id}-1/1/orders/roll-back`]);
  });

  it('writes down what was done and what failed, wherever a long text of theirs is cut', async () => {
    const provider = world.ports.rollout('command');
    // Each of these takes two places, and the cut goes between them.
    const long = `${'\u{1f680}'.repeat(4000)}x`;
    const act: typeof provider.act = async (plan, service, action, call) => {
      if (action.kind === 'roll-back') throw new VendorError('command', `x${long}`);
      return { ...(await provider.act(plan, service, action, call)), log: long };
    };
    Object.assign(world.ports, { rollout: () => ({ ...provider, act }) });
    await approveByDemo(app);
    assert.equal((await app.delivery.startRollout(id)).weight, 10);
    assert.equal((await app.delivery.rollBack(id, `x${long}`)).phase, 'degraded');
    assert.equal((await app.delivery.rehearse(id)).ok, true);
  });

  it('says no longer that it waits for what is over', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    await app.delivery.pause(id, 'lunch');
    assert.equal(app.delivery.state(id)?.waitsFor, 'lunch');
    const said: string[] = [];
    const stop = app.runs.onDidChange(() => said.push(app.delivery.state(id)?.waitsFor ?? ''));
    await app.delivery.rollBack(id, 'enough');
    stop();
    assert.ok(said.includes('the way back of orders'), said.join(' | '));
    assert.ok(!said.includes('lunch'), said.join(' | '));
  });

  it('rolls back what was deployed and closed: the run opens again and ends as rolled back', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    await followRollout(world, app);
    assert.equal(app.runs.forFinding(id)?.state, 'closed');
    assert.deepEqual(app.delivery.state(id)?.actions, ['roll-back']);
    world.delivery.takesSeconds = 60;
    await app.delivery.rollBack(id, 'customers call');
    assert.equal(app.delivery.active()[0]?.rollout?.phase, 'rolling-back');
    world.delivery.takesSeconds = 0;
    await followRollout(world, app);
    assert.equal(world.delivery.weight, 0);
    assert.deepEqual(steps().slice(-5), [
      'close closed',
      'rollout waiting',
      'rollout failed',
      'revert waiting',
      'reopened failed',
    ]);
    assert.equal(app.runs.forFinding(id)?.state, 'failed');
    assert.match(world.pullRequests[1]?.body ?? '', /customers call/);
    assert.ok(world.entries.some(({ kind }) => kind === 'finding.reopened'));
    assert.deepEqual(app.delivery.state(id)?.actions, []);
    const { ended } = await app.delivery.metrics();
    assert.deepEqual([ended.deployed, ended.rolledBack], [0, 1]);
  });

  it('looks on and takes a breach back while the policy cannot be read, and goes no step further', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    Object.assign(world.ports, { policy: () => Promise.reject(new HumanError('.patchline.json is no JSON.')) });
    const go = async (seconds: number): Promise<void> => {
      for (const end = world.now + seconds * 1000; world.now < end;)
        world.now = (await app.delivery.tick({ rolloutsOnly: true })).nextAt ?? assert.fail('it stopped');
    };
    await go(120);
    assert.equal(world.delivery.weight, 10);
    assert.match(app.delivery.state(id)?.waitsFor ?? '', /\.patchline\.json is no JSON/);
    world.delivery.errors = 80;
    for (let turns = 0; turns < 20 && app.delivery.state(id)?.rollout?.phase === 'progressing'; turns++)
      world.now = (await app.delivery.tick({ rolloutsOnly: true })).nextAt ?? world.now;
    assert.equal(app.delivery.state(id)?.rollout?.phase, 'rolled-back');
    assert.equal(world.delivery.weight, 0);
  });

  it('rolls nothing back that a later run was deployed over', async () => {
    const other = makeFinding({ id: 'pl-0000000000000002' });
    world.findings = [makeFinding(), other];
    await app.importReports();
    const deploy = async (finding: string): Promise<void> => {
      await approveByDemo(app, finding);
      await app.delivery.startRollout(finding);
      await followRollout(world, app);
    };
    await deploy(id);
    world.now += 1000;
    await app.prove(other.id);
    await app.openPullRequest(other.id);
    await deploy(other.id);
    assert.deepEqual(app.delivery.state(id)?.actions, []);
    await assert.rejects(
      app.delivery.rollBack(id, 'x'),
      (error) => isHumanError(error) && /was rolled out over orders in production since/.test(error.message),
    );
    assert.deepEqual(app.delivery.state(other.id)?.actions, ['roll-back']);
    await app.delivery.rollBack(other.id, 'x');
    assert.deepEqual(app.delivery.state(id)?.actions, ['roll-back'], 'it serves again');
  });

  /** Rolls the patch out while the pull request of another is open: that one's finding. */
  async function startBesideAnother() {
    const other = makeFinding({ id: 'pl-0000000000000002' });
    world.findings = [makeFinding(), other];
    await app.importReports();
    await app.prove(other.id);
    await app.openPullRequest(other.id);
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    return other;
  }

  it('starts nothing over a service that another patch is still being rolled out to', async () => {
    const other = await startBesideAnother();
    await approveByDemo(app, other.id);
    await assert.rejects(
      app.delivery.startRollout(other.id),
      (error) => isHumanError(error) && /orders in production is being rolled out by “.*”: wait until/.test(error.message),
    );
    assert.equal(world.pullRequests[1]?.state, 'open', 'nothing is merged that cannot be rolled out');
    await app.delivery.rollBack(id, 'it feels wrong');
    assert.equal((await app.delivery.startRollout(other.id)).weight, 10);
  });

  it('drives the others on although one of them meets what nobody expected, and tells of it', async () => {
    const other = await startBesideAnother();
    const [one] = deliveryPolicy.rollout?.services ?? [];
    assert.ok(one);
    world.policy = { ...deliveryPolicy, rollout: { services: [{ ...one, name: 'carts' }] } };
    await approveByDemo(app, other.id);
    await app.delivery.startRollout(other.id);
    const provider = world.ports.rollout('command');
    const act: typeof provider.act = (plan, ...more) =>
      plan.service === 'orders' ? Promise.reject(new TypeError('no function')) : provider.act(plan, ...more);
    Object.assign(world.ports, { rollout: () => ({ ...provider, act }) });
    world.delivery.errors = 80;
    let told = 0;
    for (let turns = 0; turns < 20; turns++) {
      world.now += 10_000;
      await app.delivery.tick({ rolloutsOnly: true }).catch((error: unknown) => {
        assert.match(String(error), /no function/);
        told += 1;
      });
    }
    assert.ok(told > 0);
    assert.equal(app.delivery.state(other.id)?.rollout?.phase, 'rolled-back');
    assert.match(app.delivery.state(id)?.waitsFor ?? '', /no function/);
  });
});
