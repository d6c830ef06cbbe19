import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFileLeases } from '../../src/adapters/leases/fileLeases';
import { openFileRunLog } from '../../src/adapters/runLog/fileRunLog';
import { createPatchline } from '../../src/core/createPatchline';
import { isHumanError } from '../../src/core/errors';
import type { Patchline } from '../../src/core/patchline';
import type { AppendRequest } from '../../src/core/ports';
import { rolloutRecorded } from '../../src/core/rollout/foldRollout';
import { approveByDemo, deliveryPolicy, followRollout, findingId as id } from '../support/deliveryApp';
import { makeFinding } from '../support/findings';
import type { World } from '../support/memoryPorts';
import { memoryWorld } from '../support/memoryPorts';

/** Two applications over one folder of log and leases, as two windows or a window and the command line have it. */
describe('one patch in two windows', () => {
  let folder: string;
  let world: World;
  let first: Patchline;
  let second: Patchline;
  let said: string[];
  /** What the tests put between two words. */
  let rollout: World['ports']['rollout'];
  let onAppend: (request: AppendRequest) => Promise<void>;
  let onTake: () => Promise<void>;

  const openLog = () => openFileRunLog({ folder: path.join(folder, 'log'), clock: world.ports.clock });

  async function openWindow(): Promise<Patchline> {
    const [log, leases] = [openLog(), createFileLeases(path.join(folder, 'leases'), (message) => said.push(message))];
    const app = createPatchline({
      ...world.ports,
      rollout: (provider) => rollout(provider),
      log: {
        ...log,
        async append(request) {
          const entry = await log.append(request);
          await onAppend(request);
          return entry;
        },
      },
      leases: {
        ...leases,
        async take(name) {
          await onTake();
          return leases.take(name);
        },
      },
    });
    await app.importReports();
    return app;
  }

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'patchline-windows-'));
    world = memoryWorld();
    world.policy = deliveryPolicy;
    world.findings = [makeFinding()];
    said = [];
    rollout = (provider) => world.ports.rollout(provider);
    onAppend = () => Promise.resolve();
    onTake = () => Promise.resolve();
    first = await openWindow();
    await first.prove(id);
    await first.openPullRequest(id);
    await approveByDemo(first);
    second = await openWindow();
  });
  afterEach(async () => {
    await first.dispose();
    await second.dispose();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const steps = (app: Patchline) => app.runs.forFinding(id)?.steps.map(({ name, outcome }) => `${name} ${outcome}`) ?? [];

  /** What was written of rollouts. */
  async function eventsOf() {
    const log = openLog();
    const { entries } = await log.read();
    log.dispose();
    return entries.filter(({ kind }) => kind === rolloutRecorded).map(({ body }) => body);
  }

  async function isStartedOnce(merges = 1): Promise<void> {
    for (const app of [first, second]) {
      await app.delivery.tick({ rolloutsOnly: true });
      assert.deepEqual(steps(app).slice(-2), ['merge successful', 'rollout waiting']);
    }
    assert.equal((await eventsOf()).filter(({ event }) => event === 'planned').length, 1);
    assert.equal(merges, 1);
    assert.equal(world.delivery.acts.length, 1);
  }

  it('is merged and started once where both start it at the same moment, and the other is told who does', async () => {
    const forge = await world.ports.forge();
    const merge = forge.merge.bind(forge);
    let merges = 0;
    forge.merge = async (...args) => {
      merges += 1;
      // In the midst of the one start the other is asked for.
      if (merges === 1)
        await assert.rejects(
          second.delivery.startRollout(id),
          (error) => isHumanError(error) && /^Process \d+ on .* is starting a rollout at this moment/.test(error.message),
        );
      return merge(...args);
    };
    assert.equal((await first.delivery.startRollout(id)).weight, 10);
    assert.equal((await second.delivery.startRollout(id)).weight, 10, 'who asks afterwards joins');
    await isStartedOnce(merges);
  });

  it('is merged and started once whoever of the two comes first', async () => {
    const answers = await Promise.allSettled([first, second].map((app) => app.delivery.startRollout(id)));
    assert.ok(answers.some(({ status }) => status === 'fulfilled'));
    await isStartedOnce();
  });

  /** The lease's holder has given no sign for so long that it is given up, as one of another machine is after it slept. */
  async function sleepLong(lease = 'watch'): Promise<void> {
    const file = path.join(folder, 'leases', `${lease}.lease`);
    const holder = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...holder, host: 'another.example' }));
    await utimes(file, 0, 0);
  }

  it('is started by whoever took over the start that was interrupted for long, and by nobody else', async () => {
    const forge = await world.ports.forge();
    const merge = forge.merge.bind(forge);
    forge.merge = async (...args) => {
      forge.merge = merge;
      await sleepLong('start');
      assert.equal((await second.delivery.startRollout(id)).weight, 10);
      return merge(...args);
    };
    await assert.rejects(
      first.delivery.startRollout(id),
      (error) => isHumanError(error) && /look here again/.test(error.message),
    );
    await isStartedOnce();
  });

  it('is left alone by the window whose watch was taken over, which says so once', async () => {
    await first.delivery.startRollout(id);
    await sleepLong();
    assert.equal((await second.delivery.tick({ rolloutsOnly: true })).held, false);
    const before = await eventsOf();
    assert.equal((await first.delivery.tick({ rolloutsOnly: true })).held, true, 'noticed also where nothing is due');
    world.now += 61_000;
    assert.equal((await first.delivery.tick({ rolloutsOnly: true })).held, true);
    assert.deepEqual(await eventsOf(), before, 'neither looked nor told');
    assert.equal(said.length, 1, said.join());
    assert.match(said[0] ?? '', /“watch” \(process \d+ on .*\)/);
    await followRollout(world, second);
    assert.equal(second.runs.forFinding(id)?.state, 'closed');
  });

  it('is told nothing and noted nowhere by the window that lost the watch in the midst of a word', async () => {
    const provider = world.ports.rollout('command');
    let asked = 0;
    const act: typeof provider.act = async (...args) => {
      asked += 1;
      // The first window sleeps while it sets the traffic; meanwhile the other one sees that this was begun, and does it.
      if (asked === 1) {
        await sleepLong();
        assert.equal((await second.delivery.tick({ rolloutsOnly: true })).held, false);
      }
      return provider.act(...args);
    };
    rollout = () => ({ ...provider, act });
    await first.delivery.startRollout(id);
    const events = (await eventsOf()).map(({ event, key }) => `${String(event)} ${String(key ?? '')}`.trim());
    const key = `${id}-1/1/orders/step/0`;
    assert.deepEqual(events, ['planned', `intent ${key}`, `done ${key}`, 'looked']);
    assert.equal((await first.delivery.tick({ rolloutsOnly: true })).held, true);
    await followRollout(world, second);
    assert.equal(second.runs.forFinding(id)?.state, 'closed');
  });

  it('is told nothing by the window that lost the watch between its wish and its word', async () => {
    const provider = world.ports.rollout('command');
    rollout = () => provider;
    onAppend = async ({ body }) => {
      if (body['event'] !== 'intent') return;
      onAppend = () => Promise.resolve();
      await sleepLong();
      await second.delivery.tick({ rolloutsOnly: true });
    };
    await first.delivery.startRollout(id);
    assert.deepEqual(world.delivery.acts, [`${id}-1/1/orders/step/0 again`], 'by the other one alone');
  });

  it('is driven on from what the last holder of the watch wrote, also at the last moment', async () => {
    await first.delivery.startRollout(id);
    world.now += 61_000;
    onTake = async () => {
      onTake = () => Promise.resolve();
      await first.delivery.tick({ rolloutsOnly: true });
      await first.dispose();
    };
    const before = world.delivery.acts.length;
    await second.delivery.tick({ rolloutsOnly: true });
    assert.equal(world.delivery.acts.length, before + 1, world.delivery.acts.join());
    await followRollout(world, second);
    assert.equal(new Set(world.delivery.acts).size, world.delivery.acts.length);
  });
});
