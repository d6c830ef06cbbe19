import assert from 'node:assert/strict';
import { HumanError, VendorError } from '../../src/core/errors';
import type { Patchline } from '../../src/core/patchline';
import { approveByDemo, deliveryPolicy, followRollout, findingId as id, openDeliveryApp } from '../support/deliveryApp';
import type { World } from '../support/memoryPorts';

describe('a run whose services are taken back', () => {
  let world: World;
  let app: Patchline;
  beforeEach(async () => ({ world, app } = await openDeliveryApp()));
  afterEach(() => app.dispose());

  /** Starts the rollout of several services, each after those before it. */
  async function startServices(...names: readonly string[]): Promise<void> {
    const [one] = deliveryPolicy.rollout?.services ?? [];
    assert.ok(one);
    const services = names.map((name, index) => ({ ...one, name, after: names.slice(0, index) }));
    world.policy = { ...deliveryPolicy, rollout: { services } };
    await approveByDemo(app);
    await app.delivery.startRollout(id);
  }

  it('takes several services back the last first', async () => {
    await startServices('db', 'api', 'web');
    await followRollout(world, app);
    const deployed = world.delivery.acts.length;
    await app.delivery.rollBack(id, 'customers call');
    assert.deepEqual(
      world.delivery.acts.slice(deployed),
      ['web', 'api', 'db'].map((name) => `${id}-1/1/${name}/roll-back`),
    );
  });

  it('lets no service go on while one before it is taken back, whoever wrote that', async () => {
    await startServices('db', 'api');
    for (let turns = 0; turns < 100 && !world.delivery.acts.at(-1)?.includes('/api/'); turns++)
      world.now = (await app.delivery.tick({ rolloutsOnly: true })).nextAt ?? assert.fail('it stopped');
    // Another window, which had not yet seen that the second service has begun.
    const body = { run: `${id}-1`, attempt: 1, service: 'db', event: 'aborted', why: 'customers call', byPerson: true };
    const actor = { kind: 'person', identity: 'Bob', source: 'git-config' } as const;
    await world.ports.log.append({ kind: 'rollout', body, actor });
    const before = world.delivery.acts.length;
    await followRollout(world, app);
    assert.deepEqual(
      world.delivery.acts.slice(before),
      ['api', 'db'].map((name) => `${id}-1/1/${name}/roll-back`),
    );
    assert.equal(world.delivery.weight, 0);
    assert.match(app.runs.forFinding(id)?.steps.at(-1)?.summary ?? '', /customers call/);
  });

  /** The way back of some services is refused; names of those that were taken back, in their order. */
  function refuseWayBack(...stuck: readonly string[]): { readonly back: string[]; mended: boolean } {
    const provider = world.ports.rollout('command');
    const seen = { back: [] as string[], mended: false };
    const act: typeof provider.act = (plan, service, action, call) => {
      if (action.kind === 'roll-back' && stuck.includes(plan.service) && !seen.mended)
        return Promise.reject(new VendorError('command', `${plan.service} does not answer`, { retryable: true }));
      if (action.kind === 'roll-back') seen.back.push(plan.service);
      return provider.act(plan, service, action, call);
    };
    Object.assign(world.ports, { rollout: () => ({ ...provider, act }) });
    return seen;
  }

  it('takes the others back although one cannot be, once it was tried often enough, and says which one needs a person', async () => {
    const [one] = deliveryPolicy.rollout?.services ?? [];
    assert.ok(one);
    const services = ['db', 'api', 'web'].map((name) => ({ ...one, name }));
    world.policy = { ...deliveryPolicy, rollout: { services } };
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    await followRollout(world, app);
    const seen = refuseWayBack('web');
    await app.delivery.rollBack(id, 'customers call');
    await followRollout(world, app);
    assert.deepEqual(seen.back, ['api', 'db']);
    const state = app.delivery.state(id) ?? assert.fail('no state');
    assert.equal(
      state.waitsFor,
      'The way back of web failed 8 times (web does not answer). Look at the service, then roll back again.',
    );
    assert.deepEqual([state.rollout?.plan.service, state.actions, state.attention], ['web', ['roll-back'], 'breach']);
    seen.mended = true;
    await app.delivery.rollBack(id, 'it is mended');
    assert.deepEqual(seen.back, ['api', 'db', 'web']);
    assert.equal(app.runs.forFinding(id)?.steps.at(-1)?.name, 'reopened');
  });

  it('leaves standing what a service that is stuck stands on, says so, and goes on when a person takes back again', async () => {
    await startServices('db', 'api', 'web');
    await followRollout(world, app);
    const seen = refuseWayBack('web');
    await app.delivery.rollBack(id, 'customers call');
    await followRollout(world, app);
    assert.deepEqual(seen.back, []);
    const state = app.delivery.state(id) ?? assert.fail('no state');
    assert.match(state.waitsFor, /^The way back of web failed 8 times .* api, db wait for it: web comes after them\.$/);
    assert.deepEqual([state.rollout?.plan.service, state.actions, state.attention], ['web', ['roll-back'], 'breach']);
    seen.mended = true;
    await app.delivery.rollBack(id, 'it is mended');
    assert.deepEqual(seen.back, ['web', 'api', 'db']);
    assert.equal(app.runs.forFinding(id)?.steps.at(-1)?.name, 'reopened');
  });

  it('says which service failed and what was measured of it, not which went back with it', async () => {
    await startServices('db', 'api');
    const isAt = (name: string): boolean => app.delivery.state(id)?.rollout?.plan.service === name;
    for (let turns = 0; turns < 100 && !isAt('api'); turns++)
      world.now = (await app.delivery.tick({ rolloutsOnly: true })).nextAt ?? assert.fail('it stopped');
    world.delivery.errors = 80;
    await followRollout(world, app);
    const said = (name: string): string => app.runs.forFinding(id)?.steps.findLast((step) => step.name === name)?.summary ?? '';
    assert.match(said('rollout'), /^api was rolled back at canary 10 %: .*beyond chance/);
    assert.match(said('reopened'), /beyond chance/);
    assert.match(world.pullRequests[1]?.body ?? '', /beyond chance/);
  });

  it('tries a revert again that could not be opened, when somebody rolls back once more', async () => {
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    const { policy } = world;
    const broken = (): never => {
      throw new HumanError('.patchline.json: line 3 is no JSON.');
    };
    Object.defineProperty(world, 'policy', { get: broken, configurable: true });
    assert.equal((await app.delivery.rollBack(id, 'customers call')).phase, 'rolled-back');
    const reverts = () => app.runs.forFinding(id)?.steps.filter(({ name }) => name === 'revert') ?? [];
    assert.match(reverts()[0]?.summary ?? '', /could not be opened \(Roll Back tries it again\): \.patchline\.json: line 3/);
    assert.deepEqual([app.delivery.state(id)?.actions, world.pullRequests.length], [['roll-back'], 1]);
    Object.defineProperty(world, 'policy', { value: policy });
    assert.equal((await app.delivery.rollBack(id, 'and now')).phase, 'rolled-back');
    assert.match(reverts()[1]?.summary ?? '', /Revert pull request #2 is open/);
    assert.deepEqual([app.delivery.state(id)?.actions, world.pullRequests.length], [[], 2]);
    assert.equal(app.runs.forFinding(id)?.steps.at(-1)?.name, 'reopened');
    assert.equal((await app.delivery.rollBack(id, 'once more')).phase, 'rolled-back');
    assert.equal(reverts().length, 2);
  });
});
