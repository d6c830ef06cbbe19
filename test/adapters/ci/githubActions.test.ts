import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createGithubActions } from '../../../src/adapters/ci/githubActions';
import type { GithubActionsOptions } from '../../../src/adapters/ci/githubActions';
import { isHumanError, isVendorError } from '../../../src/core/errors';
import type { CiReport } from '../../../src/core/model/ci';
import type { Change, Ci } from '../../../src/core/ports';
import type { GitHubDelivery } from '../../support/githubDelivery';
import { GitHubServer } from '../../support/githubServer';

const head = 'a'.repeat(40);
const base = 'b'.repeat(40);
const test = 'c'.repeat(40);

describe('checks at GitHub', () => {
  let server: GitHubServer;
  let delivery: GitHubDelivery;
  let change: Change;
  let name: string;

  const ci = (more: Partial<GithubActionsOptions> = {}): Ci =>
    createGithubActions({
      root: '/workspace',
      apiUrl: server.apiUrl,
      repository: 'octo-org/orders',
      token: async () => server.token,
      clock: { now: () => Date.parse('2026-01-05T09:00:00Z') },
      secondMs: 5,
      paceAs: name,
      paceWrites: false,
      timeoutMs: 5000,
      ...more,
    });
  const asked = (operation: string): number => server.calls.filter((call) => call.operation === operation).length;
  const states = (report: CiReport): readonly (readonly unknown[])[] =>
    report.checks.map((each) => [each.kind, each.name, each.state, each.attempt]);

  beforeEach(async () => {
    server = await GitHubServer.start();
    ({ delivery } = server);
    name = randomUUID();
    const seed = (branch: string): string => {
      const as = ['-c', 'user.name=R', '-c', 'user.email=r@x'];
      const commit = server.git(...as, 'commit-tree', '4b825dc642cb6eb9a060e54bf8d69288fbee4904', '-m', branch);
      server.git('update-ref', `refs/heads/${branch}`, commit);
      return commit;
    };
    server.git('hash-object', '-t', 'tree', '-w', '/dev/null');
    seed('main');
    seed('fix');
    server.openPull('fix', 'main', 'fix');
    server.pull(1).headSha = head;
    change = { run: 'r', number: 1, branch: 'fix', base: 'main', headCommit: head, baseCommit: base, diffHash: 'd' };
  });
  afterEach(async () => {
    await server.stop();
    assert.deepEqual(server.violations, [], "every request and every answer fits GitHub's description");
  });

  it('are check runs and commit statuses, both also where they share a name', async () => {
    delivery.checkRuns.push({ sha: head, name: 'test', title: '12 tests\u202e passed' }, { sha: base, name: 'other' });
    delivery.statuses.push(
      { sha: head, context: 'test', state: 'pending' },
      { sha: head, context: 'test', state: 'failure', description: 'too slow' },
    );
    const report = await ci().read(change);
    assert.deepEqual(states(report), [
      ['check-run', 'test', 'successful', 1],
      ['status', 'test', 'failed', 1],
    ]);
    assert.equal(report.checks[0]?.summary, '12 tests passed');
    assert.deepEqual([report.outcome, report.commit, report.readAt], ['failed', head, '2026-01-05T09:00:00.000Z']);
  });

  it('are not green while there is none, and combined status says nothing', async () => {
    assert.deepEqual([(await ci().read(change)).outcome, (await ci().read(change)).checks], ['error', []]);
  });

  it('are waited for while GitHub may still begin some: the first, and others where none is known to be required', async () => {
    const read = (at: string, more = {}): Promise<CiReport> => ci({ clock: { now: () => Date.parse(at) }, ...more }).read(change);
    // The stand-in's pull requests are of 2011-01-26T19:01:12Z, its checks of 2026-01-05T08:00:00Z.
    assert.equal((await read('2011-01-26T19:01:17Z')).notes?.at(-1), 'GitHub has not begun any check of this commit yet.');
    const outcomes = [await read('2011-01-26T19:01:17Z'), await read('2011-01-26T19:02:12Z')];
    delivery.checkRuns.push({ sha: head, name: 'quick' });
    outcomes.push(await read('2026-01-05T08:00:10Z'), await read('2026-01-05T08:00:30Z'));
    outcomes.push(await read('2026-01-05T08:00:10Z', { required: ['quick'] }));
    assert.equal(outcomes.map(({ outcome }) => outcome).join(), 'waiting,error,waiting,successful,successful');
  });

  const conclusions: readonly (readonly [string, string | null, string, string])[] = [
    ['completed', 'success', 'successful', 'successful'],
    ['completed', 'neutral', 'neutral', 'successful'],
    ['completed', 'skipped', 'skipped', 'successful'],
    ['completed', 'failure', 'failed', 'failed'],
    ['completed', 'timed_out', 'timed-out', 'failed'],
    ['completed', 'cancelled', 'cancelled', 'error'],
    ['completed', 'action_required', 'action-required', 'waiting'],
    ['queued', null, 'queued', 'waiting'],
    ['in_progress', null, 'running', 'waiting'],
    ['waiting', null, 'queued', 'waiting'],
  ];
  for (const [status, conclusion, state, outcome] of conclusions) {
    it(`take ${status} ${conclusion ?? ''} for ${state}`, async () => {
      delivery.checkRuns.push({ sha: head, name: 'test', status, conclusion }, { sha: head, name: 'lint' });
      const report = await ci().read(change);
      assert.deepEqual([report.checks[0]?.state, report.outcome], [state, outcome]);
    });
  }

  it('take a conclusion that they do not know for none', async () => {
    const { checks } = await withAnswer('stale');
    assert.equal(checks[0]?.state, 'stale');
    assert.equal((await withAnswer('brand_new')).outcome, 'error');
    async function withAnswer(conclusion: string): Promise<CiReport> {
      const run = { id: 1, name: 'test', status: 'completed', conclusion };
      server.faults.push({ operation: 'checks/list-for-ref', status: 200, body: { total_count: 1, check_runs: [run] } });
      return ci().read(change);
    }
  });

  it('are the latest attempt, with its number; a replaced run of the same workflow does not count', async () => {
    delivery.runs.push(
      { id: 10, sha: head, number: 1, suite: 10, conclusion: 'failure' },
      { id: 11, sha: head, number: 2, suite: 11, attempt: 3 },
      { id: 12, sha: head, workflow: 2, suite: 12 },
    );
    delivery.checkRuns.push(
      { sha: head, name: 'test', suite: 10, conclusion: 'failure' },
      { sha: head, name: 'test', suite: 11, conclusion: 'failure' },
      { sha: head, name: 'test', suite: 11 },
      { sha: head, name: 'lint', suite: 12 },
    );
    const report = await ci().read(change);
    assert.deepEqual(states(report), [
      ['check-run', 'test', 'successful', 3],
      ['check-run', 'lint', 'successful', 1],
    ]);
    assert.equal(report.outcome, 'successful');
  });

  it('are not green when a run has no job, waits to be allowed, or goes on', async () => {
    delivery.checkRuns.push({ sha: head, name: 'lint', suite: 1 });
    for (const [status, conclusion, outcome] of [
      ['completed', 'startup_failure', 'failed'],
      ['completed', 'action_required', 'waiting'],
      ['in_progress', null, 'waiting'],
    ] as const) {
      delivery.runs.splice(0, delivery.runs.length, { id: 5, sha: head, suite: 1, status, conclusion });
      const report = await ci().read(change);
      assert.deepEqual([report.checks.length, report.outcome], [2, outcome], conclusion ?? status);
    }
  });

  it('are all pages of them', async () => {
    for (let i = 0; i < 205; i++)
      delivery.checkRuns.push({ sha: head, name: `c${i}`, conclusion: i === 204 ? 'failure' : 'success' });
    const report = await ci().read(change);
    assert.deepEqual([report.checks.length, report.outcome], [205, 'failed']);
    assert.equal(asked('checks/list-for-ref'), 3);
  });

  it('must be there where branch protection, a ruleset or the policy asks for them', async () => {
    delivery.checkRuns.push({ sha: head, name: 'test' }, { sha: head, name: 'coverage', conclusion: 'failure' });
    delivery.protection = [{ context: 'test', app_id: 15368 }];
    let report = await ci().read(change);
    assert.deepEqual([report.outcome, report.missing, report.notes], ['successful', [], undefined]);
    assert.deepEqual(
      report.checks.map(({ required }) => required),
      [true, false],
    );
    delivery.rules = [{ context: 'audit' }];
    report = await ci({ required: ['e2e'] }).read(change);
    assert.deepEqual([report.outcome, report.missing], ['waiting', ['audit', 'e2e']]);
    delivery.rules = [{ context: 'test', integration_id: 99 }];
    report = await ci().read(change);
    assert.deepEqual([report.outcome, report.missing], ['waiting', ['test (from the app 99)']]);
  });

  it('are found by a required name in whatever form it is written, and by the app that a status is from', async () => {
    delivery.checkRuns.push({ sha: head, name: 'build  (node 20) ' });
    delivery.protection = [{ context: 'build  (node 20) ', app_id: null }];
    assert.equal((await ci().read(change)).outcome, 'successful');
    // GitHub itself binds a required status to the app that wrote it last.
    delivery.rules = [{ context: 'ci/deploy', integration_id: 254 }];
    const by = async (picture: string): Promise<readonly string[]> => {
      delivery.statuses.push({ sha: head, context: 'ci/deploy', state: 'success', picture });
      return (await ci().read(change)).missing;
    };
    assert.deepEqual(await by('u/254'), ['ci/deploy (from the app 254)'], 'a person’s is not the app’s');
    assert.deepEqual(await by('in/253'), ['ci/deploy (from the app 254)']);
    assert.deepEqual(await by('in/254'), []);
  });

  it('must all pass where a rule asks for more than checks that it names', async () => {
    delivery.checkRuns.push({ sha: head, name: 'test' });
    delivery.rules = [{ context: 'test' }];
    const workflows = [{ path: '.github/workflows/scan.yml', repository_id: 1 }];
    delivery.otherRules.push({ type: 'workflows', parameters: { workflows } });
    const soon = { clock: { now: () => Date.parse('2026-01-05T08:00:10Z') } };
    assert.equal((await ci(soon).read(change)).outcome, 'waiting', 'that workflow may not have begun');
    delivery.checkRuns.push({ sha: head, name: 'scan', conclusion: 'failure' });
    const report = await ci().read(change);
    assert.equal(report.outcome, 'failed');
    assert.match(report.notes?.join() ?? '', /does not say which checks main requires/);
  });

  it('must all pass where GitHub does not say what is required, and that is said', async () => {
    delivery.checkRuns.push({ sha: head, name: 'test' }, { sha: head, name: 'coverage', conclusion: 'failure' });
    const unsaid = async (more: Partial<GithubActionsOptions> = {}): Promise<void> => {
      const report = await ci(more).read(change);
      assert.equal(report.outcome, 'failed');
      assert.match(report.notes?.join() ?? '', /does not say which checks main requires/);
    };
    server.faults.push({ operation: 'repos/get-branch-rules', status: 403, body: { message: 'Upgrade to GitHub Pro' } });
    await unsaid({ required: ['test'] });
    server.faults.push({ operation: 'repos/get-branch', status: 404, body: { message: 'Not Found' } });
    await unsaid();
  });

  it('of the test merge stand in place of the head’s', async () => {
    server.pull(1).testMerge = test;
    delivery.statuses.push(
      { sha: head, context: 'ci/a', state: 'success' },
      { sha: head, context: 'ci/b', state: 'success' },
      { sha: test, context: 'ci/a', state: 'failure' },
    );
    const report = await ci().read(change);
    assert.deepEqual(
      states(report).map(([, ...rest]) => rest),
      [
        ['ci/b', 'successful', 1],
        ['ci/a', 'failed', 1],
      ],
    );
    server.pull(1).headSha = base;
    const moved = await ci().read(change);
    assert.equal(moved.outcome, 'successful', 'that merge is of another head');
    assert.match(moved.notes?.join() ?? '', /moved on to bbbbbbbb/);
  });

  it('say so where the branch conflicts or is behind', async () => {
    delivery.checkRuns.push({ sha: head, name: 'test' });
    server.pull(1).mergeableState = 'dirty';
    assert.match((await ci().read(change)).notes?.join() ?? '', /conflicts with main/);
    server.pull(1).mergeableState = 'behind';
    assert.match((await ci().read(change)).notes?.join() ?? '', /must be in the branch/);
  });

  it('run again where they failed, and only there and once', async () => {
    delivery.runs.push(
      { id: 10, sha: head, suite: 10, conclusion: 'failure' },
      { id: 11, sha: head, suite: 11, workflow: 2 },
      { id: 12, sha: base, suite: 12, conclusion: 'failure' },
    );
    await Promise.all([ci().rerunFailed(change), ci().rerunFailed(change)]);
    await ci().rerunFailed(change);
    assert.deepEqual(
      delivery.runs.map(({ attempt }) => attempt),
      [2, undefined, undefined],
    );
    delivery.runs[0]!.status = 'completed';
    delivery.runs[0]!.conclusion = 'success';
    await assert.rejects(
      ci().rerunFailed(change),
      (error: Error) => isHumanError(error) && /No workflow run of aaaaaaaa failed/.test(error.message),
    );
  });

  it('are run again once although the answer was lost', async () => {
    delivery.runs.push({ id: 10, sha: head, suite: 10, conclusion: 'failure' });
    server.faults.push({ operation: 'actions/re-run-workflow-failed-jobs', cut: 'after' });
    await ci().rerunFailed(change);
    assert.deepEqual([delivery.runs[0]?.attempt, asked('actions/re-run-workflow-failed-jobs')], [2, 1]);
  });

  it('give their log from the other host, without the token and without what steers a terminal', async () => {
    delivery.logs.set(7, '\u001b[31mred\u001b[0m\r\ndone\u0007\n');
    assert.equal(await ci().log(change, 'check-run:7'), 'red\ndone\n');
    assert.equal(await ci().log(change, 'check-run:8'), undefined);
    assert.equal(await ci().log(change, 'status:test'), undefined);
    delivery.logs.set(9, `${'x'.repeat(1_100_000)}end`);
    const long = (await ci().log(change, 'check-run:9')) ?? '';
    assert.ok(long.length < 1_000_100 && long.endsWith('end') && long.startsWith('(100003 characters left out)'));
    const elsewhere = { location: 'http://192.0.2.1/log' };
    server.faults.push({ operation: 'actions/download-job-logs-for-workflow-run', status: 302, headers: elsewhere, body: '' });
    await assert.rejects(ci().log(change, 'check-run:7'), /address that is not taken/);
  });

  it('are asked for with conditions: what has not changed costs nothing', async () => {
    delivery.checkRuns.push({ sha: head, name: 'test', status: 'in_progress' });
    const first = await ci().read(change);
    const once = server.calls.length;
    for (let i = 0; i < 3; i++) assert.deepEqual(await ci().read(change), first);
    assert.equal(server.calls.length, 4 * once);
    assert.ok(server.calls.slice(once).every(({ unchanged }) => unchanged));
    delivery.checkRuns.splice(0, 1, { sha: head, name: 'test' });
    assert.equal((await ci().read(change)).outcome, 'successful');
    assert.equal(server.calls.filter(({ unchanged }) => !unchanged).length, once + 1, 'only the list that changed is sent again');
  });

  it('never show one person’s answers to another', async () => {
    delivery.checkRuns.push({ sha: head, name: 'test' });
    await ci().read(change);
    await assert.rejects(ci({ token: async () => 'other' }).read(change), /does not accept the token/);
  });

  it('survive 502, a cut connection and a slow answer', async () => {
    delivery.checkRuns.push({ sha: head, name: 'test' });
    server.faults.push(
      { operation: 'checks/list-for-ref', status: 502, raw: '<html>Bad gateway</html>' },
      { operation: 'repos/get-combined-status-for-ref', cut: 'after' },
      { operation: 'repos/get-branch', delayMs: 2500 },
    );
    assert.equal((await ci({ timeoutMs: 1500 }).read(change)).outcome, 'successful');
    assert.deepEqual(
      [asked('checks/list-for-ref'), asked('repos/get-combined-status-for-ref'), asked('repos/get-branch')],
      [2, 2, 2],
    );
  });

  it('are an error, not green, when the answer is no JSON or not GitHub’s', async () => {
    for (const raw of ['{"total_count": 1, "check_ru', '[]', 'null', '{"check_runs":[{"id":"x"}]}']) {
      server.faults.push({ operation: 'checks/list-for-ref', raw });
      await assert.rejects(
        ci().read(change),
        (error: Error) => isVendorError(error) && /form that is not its own/.test(error.message),
        raw,
      );
    }
  });

  it('are left alone while GitHub wants to be: nothing is sent', async () => {
    delivery.checkRuns.push({ sha: head, name: 'test' });
    const secondary = { message: 'You have exceeded a secondary rate limit.' };
    server.faults.push({ operation: 'checks/list-for-ref', status: 403, headers: { 'retry-after': '6000' }, body: secondary });
    await assert.rejects(ci().read(change), /asks to wait for 6000 s/);
    const sent = server.calls.length;
    for (let i = 0; i < 20; i++)
      await assert.rejects(
        ci().read(change),
        (error: Error) => isVendorError(error) && error.options.retryable && /asks to wait until/.test(error.message),
      );
    assert.equal(server.calls.length, sent, 'not one request in the meantime');
  });

  it('are asked for again once the pause is over', async () => {
    delivery.checkRuns.push({ sha: head, name: 'test' });
    server.faults.push({ operation: 'pulls/get', status: 429, headers: { 'retry-after': '70' }, body: { message: 'slow down' } });
    await assert.rejects(ci().read(change), /asks to wait for 70 s/);
    await new Promise((resolve) => setTimeout(resolve, 70 * 5 + 20));
    assert.equal((await ci().read(change)).outcome, 'successful');
  });

  it('wait a minute, then longer, where GitHub does not say how long', async () => {
    const secondary = { message: 'You have exceeded a secondary rate limit.' };
    for (let i = 0; i < 3; i++) server.faults.push({ operation: 'pulls/get', status: 403, body: secondary });
    const started = Date.now();
    await assert.rejects(ci().read(change), /asks to wait/);
    assert.ok(Date.now() - started >= 60 * 5, 'a first minute of 5 ms seconds, then it is told');
    assert.ok(asked('pulls/get') <= 3);
  });

  it('stop before the last request of the hour is gone for everybody', async () => {
    delivery.checkRuns.push({ sha: head, name: 'test' });
    const reset = String(Math.ceil(Date.now() / 1000) + 600);
    const used = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
    server.faults.push({
      operation: 'checks/list-for-ref',
      status: 200,
      headers: used,
      body: { total_count: 0, check_runs: [] },
    });
    await assert.rejects(ci().read(change), /asks to wait until/);
    assert.equal(asked('repos/get-combined-status-for-ref'), 0);
  });

  it('go at once over one line: one read at a time', async () => {
    let most = 0;
    let now = 0;
    server.onRequest = (begun) => {
      now += begun ? 1 : -1;
      most = Math.max(most, now);
    };
    for (let i = 0; i < 4; i++) server.faults.push({ operation: 'pulls/get', delayMs: 40 });
    await Promise.all(Array.from({ length: 4 }, () => ci().read(change)));
    assert.equal(most, 1);
  });
});
