import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFileLeases } from '../../src/adapters/leases/fileLeases';
import { openFileRunLog } from '../../src/adapters/runLog/fileRunLog';
import { createPatchline } from '../../src/core/createPatchline';
import { isHumanError } from '../../src/core/errors';
import type { Patchline } from '../../src/core/patchline';
import { approveByDemo, deliveryPolicy, findingId as id } from '../support/deliveryApp';
import { makeFinding } from '../support/findings';
import type { World } from '../support/memoryPorts';
import { memoryWorld } from '../support/memoryPorts';

/** Two applications over one folder of log and leases, as two windows or a window and the command line have it. */
describe('one patch in two windows', () => {
  let folder: string;
  let world: World;
  let first: Patchline;
  let second: Patchline;

  const openLog = () => openFileRunLog({ folder: path.join(folder, 'log'), clock: world.ports.clock });

  async function openWindow(): Promise<Patchline> {
    const app = createPatchline({
      ...world.ports,
      log: openLog(),
      leases: createFileLeases(path.join(folder, 'leases')),
    });
    await app.importReports();
    return app;
  }

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'patchline-windows-'));
    world = memoryWorld();
    world.policy = deliveryPolicy;
    world.findings = [makeFinding()];
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

  async function isStartedOnce(merges = 1): Promise<void> {
    for (const app of [first, second]) {
      await app.delivery.tick({ rolloutsOnly: true });
      assert.deepEqual(steps(app).slice(-2), ['merge successful', 'rollout waiting']);
    }
    const log = await openLog().read();
    assert.equal(log.entries.filter(({ body }) => body['event'] === 'planned').length, 1);
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
});
