import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDeliveryEngine } from '../../src/adapters/deliveryEngine';
import { defaultEngineSettings } from '../../src/adapters/engine';
import { HumanError } from '../../src/core/errors';
import type { Policy } from '../../src/core/model/policy';
import { makePlan } from '../support/delivery';
import { memoryLog } from '../support/memoryPorts';
import { GitHubServer } from '../support/githubServer';

describe('the second half’s ports for a workspace', () => {
  let server: GitHubServer;
  let root: string;
  beforeEach(async () => {
    server = await GitHubServer.start();
    root = await mkdtemp(path.join(tmpdir(), 'patchline-ports-'));
  });
  afterEach(async () => {
    await server.stop();
    await rm(root, { recursive: true, force: true });
  });

  it('deploys to the repository that the policy names, also while the policy cannot be read', async () => {
    let policy = (): Promise<Policy> => Promise.resolve({ forge: { repository: 'octo-org/orders' } });
    const log = memoryLog(() => 0);
    const ports = createDeliveryEngine({
      root,
      data: root,
      settings: { ...defaultEngineSettings, github: { apiUrl: server.apiUrl } },
      clock: { now: () => 0 },
      log,
      identity: { current: () => Promise.reject(new Error('nobody is asked')) },
      policy: () => policy(),
      forgeId: () => Promise.resolve('github'),
      secret: () => Promise.resolve(server.token),
    });
    const service = {
      name: 'web',
      provider: 'github-deployments',
      strategy: { kind: 'rolling', batches: 1, bakeSeconds: 0 },
      metrics: [],
    } as const;
    const problems = () => ports.rollout('github-deployments').problems(makePlan(), service);
    assert.match((await problems()).join(' '), /no earlier successful deployment/);
    policy = () => Promise.reject(new HumanError('.patchline.json is no JSON.'));
    assert.match((await problems()).join(' '), /no earlier successful deployment/);
  });
});
