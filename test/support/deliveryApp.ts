import assert from 'node:assert/strict';
import { createPatchline } from '../../src/core/createPatchline';
import type { Policy } from '../../src/core/model/policy';
import type { Patchline } from '../../src/core/patchline';
import { makeFinding } from './findings';
import type { World } from './memoryPorts';
import { memoryWorld } from './memoryPorts';

export const findingId = 'pl-0000000000000001';
export const demo = 'Demo Reviewer (made up) <demo@patchline.invalid>';

/** One approval, two steps of a minute, one metric that is looked at every ten seconds. */
export const deliveryPolicy: Policy = {
  approval: { people: { low: 1, medium: 1, high: 1 }, demo: [demo] },
  rollout: {
    services: [
      {
        name: 'orders',
        provider: 'command',
        strategy: {
          kind: 'canary',
          steps: [
            { weight: 10, bakeSeconds: 60 },
            { weight: 50, bakeSeconds: 60 },
          ],
        },
        commands: { step: ['step'], rollback: ['back'] },
        metrics: [
          {
            name: 'errors',
            kind: 'ratio',
            provider: 'scrape',
            canary: { side: 'new' },
            baseline: { side: 'old' },
            threshold: { max: 0.2 },
          },
        ],
        lookSeconds: 10,
        watchSeconds: 30,
      },
    ],
  },
};

/** The application over a world in memory, with the pull request of `findingId` open. */
export async function openDeliveryApp(): Promise<{ readonly world: World; readonly app: Patchline }> {
  const world = memoryWorld();
  world.policy = deliveryPolicy;
  world.findings = [makeFinding()];
  const app = createPatchline(world.ports);
  await app.importReports();
  await app.prove(findingId);
  await app.openPullRequest(findingId);
  return { world, app };
}

/** Reads the checks and signs off as the demo reviewer, where that is still to be done. */
export async function approveByDemo(app: Patchline, id = findingId): Promise<void> {
  await app.delivery.refresh(id);
  const found = (await app.delivery.approvers(id)).find(({ by }) => by === demo) ?? assert.fail('no demo reviewer');
  if (found.refused === undefined) await app.delivery.approve(id, found);
}

/** Lets time pass as the controller asks, until nothing is to be watched any more. */
export async function followRollout(world: World, app: Patchline): Promise<void> {
  for (let turns = 0; turns < 200; turns++) {
    const { nextAt } = await app.delivery.tick({ rolloutsOnly: true });
    if (nextAt === undefined) return;
    world.now = Math.max(world.now, nextAt);
  }
  assert.fail('the rollout never ends');
}
