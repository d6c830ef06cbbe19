import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rollouts } from '../../../src/adapters/registry';
import { isCancelled, isHumanError, isVendorError } from '../../../src/core/errors';
import type { ServicePolicy } from '../../../src/core/model/policy';
import type { RolloutAction, RolloutPlan } from '../../../src/core/model/rollout';
import type { RolloutProvider } from '../../../src/core/ports';
import { planRollout } from '../../../src/core/rollout/planRollout';
import { GitHubServer } from '../../support/githubServer';

/** What the scenario needs of the world behind a provider. */
interface Harness {
  readonly rollout: RolloutProvider;
  readonly service: ServicePolicy;
  readonly plan: RolloutPlan;
  /** Percent that the world behind the provider gives to the new version. */
  weight(): number;
  /** From now on every action fails over there. */
  breakDown(): void;
  /** What must hold after every scenario. */
  check(): void;
  dispose(): Promise<void>;
}

const planOf = (service: ServicePolicy): RolloutPlan =>
  planRollout({
    run: 'f-1',
    attempt: 1,
    service,
    artifact: { name: 'web', uri: 'local:web', digest: { sha256: 'a'.repeat(64) }, commit: 'c'.repeat(40) },
  });
const serviceOf = (over: Partial<ServicePolicy>): ServicePolicy => ({
  name: 'web',
  provider: 'command',
  strategy: { kind: 'canary', steps: [{ weight: 10, bakeSeconds: 1 }] },
  metrics: [],
  ...over,
});

const harnesses: Readonly<Record<string, () => Promise<Harness>>> = {
  command: async () => {
    const root = mkdtempSync(join(tmpdir(), 'patchline-rollout-'));
    writeFileSync(
      join(root, 'deploy.mjs'),
      `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const env = process.env;
if (existsSync('broken')) { console.error('the cluster is gone'); process.exit(3); }
if (env.PATCHLINE_ACTION === 'status')
  console.log(JSON.stringify({ weight: Number(readFileSync('weight', 'utf8')), digest: env.PATCHLINE_DIGEST, healthy: true }));
else if (env.PATCHLINE_ACTION !== 'rehearse') writeFileSync('weight', env.PATCHLINE_WEIGHT);
`,
    );
    writeFileSync(join(root, 'weight'), '0');
    const command = [process.execPath, 'deploy.mjs'];
    const service = serviceOf({
      commands: { step: command, rollback: command, promote: command, rehearse: command, status: command },
    });
    return {
      rollout: rollouts['command']!.create({
        // What only GitHub's provider reads.
        apiUrl: 'http://127.0.0.1:9',
        token: () => Promise.resolve(undefined),
        root,
        mayRun: () => true,
      }),
      service,
      plan: planOf(service),
      weight: () => Number(readFileSync(join(root, 'weight'), 'utf8')),
      breakDown: () => writeFileSync(join(root, 'broken'), ''),
      check: () => undefined,
      dispose: async () => rmSync(root, { recursive: true }),
    };
  },
  'github-deployments': async () => {
    const server = await GitHubServer.start();
    const { delivery } = server;
    let broken = false;
    delivery.deployments.push({
      id: 1,
      sha: 'b'.repeat(40),
      ref: 'main',
      task: 'deploy',
      environment: 'production',
      payload: '',
      production: true,
      statuses: [{ id: 1, state: 'success', description: '' }],
    });
    // The team's workflow: it gives the deployment's own commit the weight that is asked for.
    delivery.onDeployment = (deployment) => delivery.addStatus(deployment, broken ? 'failure' : 'success', 'by the workflow');
    const service = serviceOf({ provider: 'github-deployments' });
    return {
      rollout: rollouts['github-deployments']!.create({
        root: '.',
        apiUrl: server.apiUrl,
        repository: 'octo-org/orders',
        token: () => Promise.resolve(server.token),
        secondMs: 2,
        paceAs: randomUUID(),
        paceWrites: false,
        mayRun: () => true,
      }),
      service,
      plan: planOf(service),
      weight: () => {
        const done = delivery.deployments.findLast(({ id, statuses }) => id > 1 && statuses[0]?.state === 'success');
        const weight = Number((done?.payload as { readonly weight?: number } | undefined)?.weight ?? 0);
        return done === undefined || done.sha === 'c'.repeat(40) ? weight : 100 - weight;
      },
      breakDown: () => {
        broken = true;
      },
      check: () => assert.deepEqual(server.violations, []),
      dispose: () => server.stop(),
    };
  },
};

describe('every rollout provider', () => {
  it('of the registry has a harness here, and every file is registered', () => {
    const files = readdirSync(join(import.meta.dirname, '../../../src/adapters/rollouts')).map((name) =>
      name.replace(/\.ts$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    );
    assert.deepEqual(Object.keys(rollouts).sort(), Object.keys(harnesses).sort());
    assert.deepEqual(files.sort(), Object.keys(harnesses).sort());
  });
});

for (const [id, start] of Object.entries(harnesses)) {
  describe(`rollout provider ${id}`, () => {
    let harness: Harness;
    const step = (index: number): RolloutAction => ({
      kind: 'step',
      step: index,
      weight: harness.plan.steps[index]?.weight ?? 0,
    });
    const act = (
      action: RolloutAction,
      call: { readonly key?: string; readonly retry?: boolean; readonly signal?: AbortSignal } = {},
    ) => harness.rollout.act(harness.plan, harness.service, action, { key: 'k', retry: false, ...call });

    beforeEach(async () => {
      harness = await start();
    });
    afterEach(async () => {
      harness.check();
      await harness.dispose();
    });

    it('goes step by step to all of the traffic', async () => {
      assert.deepEqual(await harness.rollout.problems(harness.plan, harness.service), []);
      const weights: number[] = [];
      for (const { index } of harness.plan.steps) {
        assert.notEqual((await act(step(index), { key: `step-${index}` })).summary, '');
        weights.push(harness.weight());
      }
      await act({ kind: 'promote' }, { key: 'promote' });
      assert.deepEqual([...weights, harness.weight()], [10, 100, 100]);
    });

    it('told twice is told once', async () => {
      await act(step(0));
      await act(step(0), { retry: true });
      assert.equal(harness.weight(), 10);
    });

    it('says what is served, where it can', async () => {
      await act(step(0));
      const seen = await harness.rollout.observe(harness.plan, harness.service);
      if (harness.rollout.capabilities.includes('observe')) assert.ok(seen?.weight === 10 || seen?.healthy !== undefined);
      else assert.equal(seen, undefined);
    });

    it('takes it back', async () => {
      await act(step(0));
      await act({ kind: 'roll-back', why: 'errors' }, { key: 'back' });
      await act({ kind: 'roll-back', why: 'errors' }, { key: 'back', retry: true });
      assert.equal(harness.weight(), 0);
    });

    it('says when it did not happen', async () => {
      harness.breakDown();
      await assert.rejects(act(step(0)), (error) => isVendorError(error) || isHumanError(error));
      assert.equal(harness.weight(), 0);
    });

    it('stops when it is cancelled', async () => {
      await assert.rejects(act(step(0), { signal: AbortSignal.abort() }), isCancelled);
      assert.equal(harness.weight(), 0);
    });

    it('says what it is', () => {
      assert.equal(harness.rollout.id, id);
      assert.equal(rollouts[id]?.provider.id, id);
      assert.match(harness.rollout.url, /^https:/);
      assert.ok(harness.rollout.capabilities.includes('roll-back'));
    });
  });
}
