import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createGithubDeployments } from '../../../src/adapters/rollouts/githubDeployments';
import type { GithubDeploymentsOptions } from '../../../src/adapters/rollouts/githubDeployments';
import { isCancelled, isHumanError, isVendorError } from '../../../src/core/errors';
import type { ServicePolicy } from '../../../src/core/model/policy';
import type { RolloutAction, RolloutPlan } from '../../../src/core/model/rollout';
import type { RolloutProvider } from '../../../src/core/ports';
import type { GitHubDelivery, StoredDeployment } from '../../support/githubDelivery';
import { GitHubServer } from '../../support/githubServer';

const merge = 'a'.repeat(40);
const former = 'b'.repeat(40);
const service: ServicePolicy = {
  name: 'web',
  provider: 'github-deployments',
  strategy: { kind: 'rolling', batches: 1, bakeSeconds: 0 },
  metrics: [],
};
const plan: RolloutPlan = {
  run: 'run-1',
  attempt: 1,
  service: 'web',
  environment: 'production',
  provider: 'github-deployments',
  strategy: 'canary',
  steps: [],
  artifact: { name: 'web', uri: 'local:web', sha256: 'f'.repeat(64), commit: merge },
  metrics: [],
  lookSeconds: 30,
  warmUpSeconds: 0,
  watchSeconds: 0,
  wayBack: 'deployment of the version before',
};
const step = (index: number, weight: number): RolloutAction => ({ kind: 'step', step: index, weight });

describe('rollouts by GitHub deployments', () => {
  let server: GitHubServer;
  let delivery: GitHubDelivery;
  let provider: RolloutProvider;
  const make = (more: Partial<GithubDeploymentsOptions> = {}): RolloutProvider =>
    createGithubDeployments({
      root: '/workspace',
      apiUrl: server.apiUrl,
      repository: 'octo-org/orders',
      token: async () => server.token,
      secondMs: 2,
      paceAs: randomUUID(),
      paceWrites: false,
      ...more,
    });
  const act = async (action: RolloutAction, key: string = action.kind, retry = false): Promise<string> =>
    (await provider.act(plan, service, action, { key, retry })).summary;
  const shown = (): readonly (readonly unknown[])[] =>
    delivery.deployments.map(({ sha, payload, statuses }) => {
      const { action, weight } = payload as Record<string, unknown>;
      return [sha[0], action, weight, statuses[0]?.state];
    });
  const made = (): number => server.calls.filter(({ operation }) => operation === 'repos/create-deployment').length;

  beforeEach(async () => {
    server = await GitHubServer.start();
    ({ delivery } = server);
    const before: StoredDeployment = {
      id: 1,
      sha: former,
      ref: 'main',
      task: 'deploy',
      environment: 'production',
      payload: '',
      production: true,
      statuses: [{ id: 1, state: 'success', description: '' }],
    };
    delivery.deployments.push(before);
    delivery.onDeployment = (deployment) => delivery.addStatus(deployment, 'success', 'traffic set');
    provider = make();
  });
  afterEach(async () => {
    await server.stop();
    assert.deepEqual(server.violations, [], "every request and every answer fits GitHub's description");
  });

  it('go step by step, each a deployment that says what is asked, and end with the old one inactive', async () => {
    assert.deepEqual(await provider.problems(plan, service), []);
    assert.equal(await act(step(0, 10), 'k0'), 'Deployment 2 of aaaaaaaa to production is done: step 1, 10 % of the traffic');
    assert.deepEqual(delivery.deployments[1]?.payload, {
      patchline: 1,
      key: 'k0',
      run: 'run-1',
      attempt: 1,
      service: 'web',
      action: 'step',
      step: 0,
      weight: 10,
      digest: 'f'.repeat(64),
      artifact: 'local:web',
      previous: { id: 1, sha: former },
    });
    assert.equal(delivery.deployments[1]?.task, 'deploy:web');
    assert.deepEqual(await provider.observe(plan, service), { weight: 10, sha256: 'f'.repeat(64) });
    await act(step(1, 100), 'k1');
    await act({ kind: 'promote' });
    assert.deepEqual(shown(), [
      ['b', undefined, undefined, 'inactive'],
      ['a', 'step', 10, 'inactive'],
      ['a', 'step', 100, 'inactive'],
      ['a', 'promote', 100, 'success'],
    ]);
    assert.deepEqual(await provider.observe(plan, service), { weight: 100, sha256: 'f'.repeat(64) });
  });

  it('go back by deploying the version that served before', async () => {
    await act(step(0, 10), 'k0');
    assert.match(
      await act({ kind: 'roll-back', why: '7 of 120 requests failed' }),
      /of bbbbbbbb to production is done: back to the version before: 7 of/,
    );
    assert.deepEqual(shown(), [
      ['b', undefined, undefined, 'inactive'],
      ['a', 'step', 10, 'inactive'],
      ['b', 'roll-back', 100, 'success'],
    ]);
    assert.equal(delivery.deployments[1]?.statuses[0]?.description, 'Taken back: 7 of 120 requests failed');
    assert.deepEqual(await provider.observe(plan, service), { weight: 0 });
    const next = { ...plan, run: 'run-2', artifact: { ...plan.artifact, commit: 'c'.repeat(40) } };
    assert.deepEqual(await provider.problems(next, service), []);
    await provider.act(next, service, step(0, 5), { key: 'n0', retry: false });
    const { previous } = delivery.deployments.at(-1)?.payload as { previous: unknown };
    assert.deepEqual(previous, { id: 3, sha: former }, 'not the one that was taken back');
  });

  it('never go back to a version that was to be taken back, although that failed', async () => {
    await act(step(0, 100), 'k0');
    delivery.onDeployment = (deployment) => delivery.addStatus(deployment, 'failure');
    await assert.rejects(act({ kind: 'roll-back', why: 'x' }), /ended with failure/);
    delivery.onDeployment = (deployment) => delivery.addStatus(deployment, 'success');
    const next = { ...plan, run: 'run-2', artifact: { ...plan.artifact, commit: 'c'.repeat(40) } };
    await provider.act(next, service, step(0, 5), { key: 'n0', retry: false });
    assert.deepEqual((delivery.deployments.at(-1)?.payload as { previous: unknown }).previous, { id: 1, sha: former });
  });

  it('take nothing back where nothing was deployed', async () => {
    assert.match(await act({ kind: 'roll-back', why: 'x' }), /nothing to take back/);
    assert.equal(made(), 0);
  });

  it('are told twice and done once, also after a crash and with answers lost', async () => {
    await act(step(0, 10), 'k0');
    assert.match(await act(step(0, 10), 'k0', true), /was done already/);
    provider = make();
    server.faults.push({ operation: 'repos/create-deployment', cut: 'after' });
    await act(step(1, 50), 'k1');
    assert.match(await act(step(0, 10), 'k0', true), /was done already/, 'inactive, since it was replaced, is no failure');
    assert.equal(delivery.deployments.length, 3);
    server.faults.push({ operation: 'repos/create-deployment', cut: 'before' });
    await assert.rejects(act(step(2, 100), 'k2'), (error: Error) => isVendorError(error) && error.options.retryable);
    await act(step(2, 100), 'k2', true);
    assert.equal(delivery.deployments.length, 4);
  });

  it('fail with what the workflow says; only a retry makes another deployment', async () => {
    delivery.onDeployment = (deployment) => delivery.addStatus(deployment, 'failure', 'proxy\u202e is down');
    await assert.rejects(act(step(0, 10), 'k0'), /Deployment 2 to production ended with failure: proxy is down/);
    assert.deepEqual(await provider.observe(plan, service), { weight: 0, healthy: false });
    await assert.rejects(act(step(0, 10), 'k0', false), /Deployment 2 to production ended/);
    assert.equal(made(), 1);
    delivery.onDeployment = (deployment) => delivery.addStatus(deployment, 'success');
    await act(step(0, 10), 'k0', true);
    assert.equal(made(), 2);
    delivery.onDeployment = (deployment) => delivery.addStatus(deployment, 'error');
    await assert.rejects(act({ kind: 'roll-back', why: 'x' }), /ended with error/);
    assert.equal(delivery.deployments[2]?.statuses[0]?.state, 'success', 'the step is still what serves');
  });

  it('wait for the workflow, asking less and less often and at no cost', async () => {
    delivery.onDeployment = (deployment) => {
      delivery.addStatus(deployment, 'queued');
      setTimeout(() => delivery.addStatus(deployment, 'in_progress', 'shifting'), 5);
      setTimeout(() => delivery.addStatus(deployment, 'success'), 500);
    };
    const said: string[] = [];
    await provider.act(plan, service, step(0, 10), { key: 'k0', retry: false, onProgress: (text) => said.push(text) });
    assert.ok(
      said.some((text) => /in_progress, shifting/.test(text)),
      said.join('\n'),
    );
    const looks = server.calls.filter(({ operation }) => operation === 'repos/list-deployment-statuses');
    assert.ok(looks.length < 40, `${looks.length} looks`);
    assert.ok(looks.some(({ unchanged }) => unchanged));
  });

  it('say so when nobody listens, when it takes too long, and when somebody else ended it', async () => {
    delivery.onDeployment = undefined;
    provider = make({ answerSeconds: 10, timeoutSeconds: 20 });
    await assert.rejects(
      act(step(0, 10), 'k0'),
      (error: Error) => isHumanError(error) && /No workflow answered deployment 2 to production within 10 s/.test(error.message),
    );
    delivery.addStatus(delivery.deployments[1]!, 'in_progress');
    await assert.rejects(
      act(step(0, 10), 'k0', true),
      (error: Error) => isVendorError(error) && error.options.retryable && /still in_progress after 20 s/.test(error.message),
    );
    delivery.addStatus(delivery.deployments[1]!, 'inactive');
    await assert.rejects(
      act(step(0, 10), 'k0', true),
      (error: Error) => isHumanError(error) && /ended by somebody else/.test(error.message),
    );
    assert.equal(made(), 1);
  });

  it('stop waiting when cancelled, and go on with the same deployment later', async () => {
    delivery.onDeployment = undefined;
    const controller = new AbortController();
    const onProgress = (text: string): void =>
      void (/waiting for a workflow/.test(text) && setTimeout(() => controller.abort(), 5));
    const call = { key: 'k0', retry: false, signal: controller.signal, onProgress };
    await assert.rejects(make({ secondMs: 1000 }).act(plan, service, step(0, 10), call), isCancelled);
    delivery.addStatus(delivery.deployments[1]!, 'success');
    await act(step(0, 10), 'k0', true);
    assert.equal(made(), 1);
  });

  it('do not start without a token, without the right, or without a way back', async () => {
    assert.match((await make({ token: async () => undefined }).problems(plan, service)).join(), /no GitHub token/);
    delivery.mayPush = false;
    assert.match((await provider.problems(plan, service)).join(), /may not deploy octo-org\/orders/);
    delivery.mayPush = true;
    delivery.addStatus(delivery.deployments[0]!, 'failure');
    assert.match((await provider.problems(plan, service)).join(), /no earlier successful deployment of web to production/);
    await assert.rejects(act(step(0, 10), 'k0'), /no earlier successful deployment/);
    await assert.rejects(act({ kind: 'rehearse' }), /no earlier successful deployment/);
    assert.equal(made(), 0);
    delivery.addStatus(delivery.deployments[0]!, 'success');
    delivery.addStatus(delivery.deployments[0]!, 'inactive');
    assert.deepEqual(await provider.problems(plan, service), []);
  });

  it('rehearse without deploying anything, and say so', async () => {
    assert.match(await act({ kind: 'rehearse' }), /nothing was deployed to try it: bbbbbbbb, which deployment 1 brought/);
    assert.equal(made(), 0);
  });

  it('leave other services, other environments and forged payloads alone', async () => {
    for (const [task, environment, payload] of [
      ['deploy:api', 'production', '{}'],
      ['deploy:web', 'staging', {}],
      ['deploy:web', 'production', '{"patchline":1,"key":"k0"'],
      ['deploy:web', 'production', { patchline: 1, key: 'k0', run: 7 }],
    ] as const) {
      const id = delivery.deployments.length + 1;
      delivery.deployments.push({
        id,
        sha: 'c'.repeat(40),
        ref: 'x',
        task,
        environment,
        payload,
        production: true,
        statuses: [],
      });
    }
    await act(step(0, 10), 'k0');
    assert.equal(made(), 1);
    assert.deepEqual((delivery.deployments.at(-1)?.payload as { previous: unknown }).previous, { id: 1, sha: former });
  });

  it('say what serves, or nothing where GitHub cannot tell', async () => {
    assert.deepEqual(await provider.observe(plan, service), { weight: 0 });
    delivery.deployments.length = 0;
    assert.equal(await provider.observe(plan, service), undefined);
  });

  it('say which right the token lacks', async () => {
    server.faults.push({
      operation: 'repos/create-deployment',
      status: 403,
      body: { message: 'Resource not accessible by personal access token' },
    });
    await assert.rejects(act(step(0, 10), 'k0'), /needs "Deployments" with write access/);
  });

  it('succeed although the former deployment cannot be marked, and say so', async () => {
    await act(step(0, 10), 'k0');
    server.faults.push({ operation: 'repos/create-deployment-status', status: 500, body: { message: 'oops' } });
    assert.match(
      await act(step(1, 50), 'k1'),
      /is done: step 2, 50 % of the traffic \(deployment 2 could not be marked inactive/,
    );
  });

  it('leave a second between two writes, as GitHub asks', async () => {
    provider = make({ secondMs: 1000, paceWrites: true });
    await act(step(0, 10), 'k0');
    const started = Date.now();
    await act(step(1, 50), 'k1');
    assert.ok(Date.now() - started >= 900);
  });
});
