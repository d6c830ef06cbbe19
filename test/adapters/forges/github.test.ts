import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGithubForge } from '../../../src/adapters/forges/github';
import type { GitHubForgeOptions } from '../../../src/adapters/forges/github';
import { hasGitHubRemote } from '../../../src/adapters/clients/githubConnection';
import { GitSourceControl } from '../../../src/adapters/sourceControl/gitSourceControl';
import { HumanError, isCancelled, isHumanError, isVendorError } from '../../../src/core/errors';
import type { Forge, PullRequestRequest } from '../../../src/core/ports';
import { TestRepo } from '../../support/gitRepo';
import { GitHubServer } from '../../support/githubServer';
import type { Fault } from '../../support/githubServer';

describe('GitHub in trouble', () => {
  let repo: TestRepo;
  let server: GitHubServer;
  let request: PullRequestRequest;
  const branch = 'patchline/x-1';

  const forgeWith = (change: Partial<GitHubForgeOptions> = {}): Forge =>
    createGithubForge({
      root: repo.root,
      apiUrl: server.apiUrl,
      token: async () => server.token,
      secondMs: 5,
      paceWrites: false,
      paceAs: randomUUID(),
      timeoutMs: 5000,
      ...change,
    });

  before(async () => {
    repo = new TestRepo();
    repo.write('a.js', 'bad\n');
    const baseCommit = repo.commitAll();
    server = await GitHubServer.start();
    server.seed(repo, 'main');
    repo.git('remote', 'add', 'origin', `${server.origin}/${server.owner}/${server.name}.git`);
    const message = 'fix(security): close it\n\nPatchline-Finding: f-1\n';
    const { commit } = await new GitSourceControl(repo.root).commit({ branch, baseCommit, files: { 'a.js': 'ok\n' }, message });
    request = { branch, base: 'main', headCommit: commit, baseCommit, title: 'fix: it', body: 'Why.' };
  });
  after(async () => {
    await server.stop();
    repo.dispose();
  });
  beforeEach(() => {
    server.faults.length = 0;
    server.calls.length = 0;
  });
  afterEach(() => {
    assert.deepEqual(server.violations, []);
    for (let number = 1; number < 50; number++) {
      try {
        server.settlePull(number, 'closed');
      } catch {
        break;
      }
    }
  });

  const basic = (message: string): object => ({ message, documentation_url: 'https://docs.github.com/rest' });
  const sentences: readonly (readonly [string, Partial<Fault>, RegExp])[] = [
    ['401', { status: 401, body: basic('Bad credentials') }, /does not accept the token \(401\).*[Ss]ign in/],
    [
      '403 without the right',
      {
        status: 403,
        body: basic('Resource not accessible by personal access token'),
        headers: { 'x-accepted-github-permissions': 'pull_requests=write' },
      },
      /octo-org\/orders \(403, Resource not accessible.*needs pull_requests=write/,
    ],
    [
      '403 for single sign-on',
      {
        status: 403,
        body: basic('Resource protected by organization SAML enforcement'),
        headers: { 'x-github-sso': 'required; url=https://github.com/orgs/octo-org/sso?authorization_request=A1' },
      },
      /single sign-on \(403\): https:\/\/github.com\/orgs\/octo-org\/sso/,
    ],
    [
      '404',
      { status: 404, body: basic('Not Found') },
      /no repository octo-org\/orders, or the token cannot see it \(404\)\. Check the remote/,
    ],
    [
      '422',
      {
        status: 422,
        body: { ...basic('Validation Failed'), errors: [{ code: 'custom', message: 'No commits between main and x' }] },
      },
      /refused the pull request \(422\): Validation Failed: No commits between main and x/,
    ],
  ];
  for (const [name, fault, pattern] of sentences) {
    it(`says in one sentence what to do: ${name}`, async () => {
      server.faults.push({ operation: 'pulls/create', ...fault });
      await assert.rejects(forgeWith().openPullRequest(request), (error: Error) => {
        assert.ok(isHumanError(error), String(error));
        assert.match(error.message, pattern);
        return true;
      });
      assert.equal(server.calls.filter((call) => call.operation === 'pulls/create').length, 1, 'a clear no is not asked again');
    });
  }

  it('does not write over a pull request from a fork of the same owner', async () => {
    const number = server.openPull(branch, 'main', 'Somebody else’s');
    server.pull(number).isOfFork = true;
    const { pullRequest, created } = await forgeWith().openPullRequest(request);
    assert.deepEqual([pullRequest.number, created], [number + 1, true]);
    assert.equal(server.pull(number).title, 'Somebody else’s');
  });

  it('waits as long as GitHub asks and then goes on', async () => {
    const body = basic('You have exceeded a secondary rate limit.');
    server.faults.push({ operation: 'pulls/create', status: 403, headers: { 'retry-after': '20' }, body });
    const started = Date.now();
    const { created } = await forgeWith().openPullRequest(request);
    assert.equal(created, true);
    assert.ok(Date.now() - started >= 20 * 5, 'retry-after counts in seconds, here of 5 ms each');
    assert.equal(server.calls.filter((call) => call.operation === 'pulls/create').length, 2);
  });

  it('says how long when GitHub asks for more than a person would wait', async () => {
    const body = basic('You have exceeded a secondary rate limit.');
    server.faults.push({ operation: 'pulls/list', status: 403, headers: { 'retry-after': '3600' }, body });
    await assert.rejects(forgeWith().openPullRequest(request), (error: Error) => {
      return isVendorError(error) && error.options.retryable && /asks to wait for 3600 s/.test(error.message);
    });
    const reset = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2145916800' };
    server.faults.push({ operation: 'pulls/list', status: 403, headers: reset, body: basic('API rate limit exceeded') });
    await assert.rejects(forgeWith().openPullRequest(request), /asks to wait until 2038-01-01T00:00:00\.000Z/);
  });

  it('tries again after 502 and after a cut connection', async () => {
    server.faults.push(
      { operation: 'pulls/list', status: 502, body: basic('Bad gateway') },
      { operation: 'pulls/list', cut: 'before' },
    );
    assert.equal((await forgeWith().openPullRequest(request)).created, true);
    assert.equal(server.calls.filter((call) => call.operation === 'pulls/list').length, 4);
  });

  it('finds the pull request whose making was never answered', async () => {
    server.faults.push({ operation: 'pulls/create', cut: 'after' });
    const { pullRequest } = await forgeWith().openPullRequest(request);
    assert.equal((await forgeWith().openPullRequest(request)).pullRequest.number, pullRequest.number);
    assert.equal(pullRequest.title, 'fix: it');
  });

  it('takes the one that somebody opened in between, and gives it our words', async () => {
    server.faults.push({ operation: 'pulls/create', first: () => void server.openPull(branch, 'main', 'quicker') });
    const { pullRequest, created } = await forgeWith().openPullRequest(request);
    assert.deepEqual([created, pullRequest.title, pullRequest.body], [false, 'fix: it', 'Why.']);
  });

  it('gives up when GitHub stays away, says so, and in bounded time', async () => {
    for (let i = 0; i < 5; i++) server.faults.push({ operation: 'pulls/list', delayMs: 3000 });
    const started = Date.now();
    await assert.rejects(forgeWith({ timeoutMs: 150 }).openPullRequest(request), (error: Error) => {
      return (
        isVendorError(error) && error.options.retryable && /could not be reached: no answer within 150 ms/.test(error.message)
      );
    });
    assert.ok(Date.now() - started < 3000);
  });

  it('stops at once when it is cancelled while it waits', async () => {
    const body = basic('You have exceeded a secondary rate limit.');
    const controller = new AbortController();
    server.faults.push({
      operation: 'pulls/list',
      status: 403,
      headers: { 'retry-after': '2' },
      body,
      first: () => setTimeout(() => controller.abort(), 50),
    });
    const started = Date.now();
    await assert.rejects(forgeWith({ secondMs: 1000 }).openPullRequest(request, { signal: controller.signal }), isCancelled);
    assert.ok(Date.now() - started < 1900);
  });

  it('does not take an answer that is not GitHub', async () => {
    server.faults.push({ operation: 'pulls/create', status: 201, body: { number: 'x' } });
    await assert.rejects(
      forgeWith().openPullRequest(request),
      (error: Error) => isVendorError(error) && /form that is not its own/.test(error.message),
    );
  });

  it('shows the token to GitHub alone: no error and no progress holds it', async () => {
    const said: string[] = [];
    const echo = basic(`token ${server.token} is bad, and so is ghp_another1another2another3`);
    server.faults.push({
      operation: 'pulls/list',
      status: 403,
      body: echo,
      headers: { 'x-accepted-oauth-scopes': server.token },
    });
    const failures: unknown[] = [];
    await forgeWith()
      .openPullRequest(request, { onProgress: (text) => said.push(text) })
      .catch((error: unknown) => failures.push(error));
    server.faults.push({ operation: 'pulls/list', status: 200, body: [] });
    const wrong = 'ghp_wrongwrongwrongwrongwrongwrongwrongwr';
    await forgeWith({ token: async () => wrong })
      .openPullRequest(request, { onProgress: (text) => said.push(text) })
      .catch((error: unknown) => failures.push(error));
    assert.equal(failures.length, 2);
    assert.ok(said.length > 0);
    for (const text of [...said, ...failures.map(deepText)]) {
      assert.ok(!text.includes(server.token) && !text.includes(wrong) && !text.includes('another2'), text);
      assert.ok(!text.includes(Buffer.from(`x-access-token:${wrong}`).toString('base64')), text);
    }
    assert.match(String(failures[1]), /does not let git in/);
    const tokens = new Set(server.calls.map((call) => call.authorization));
    assert.deepEqual([...tokens], [`token ${server.token}`, `token ${wrong}`]);
  });

  it('puts the token into no argument list of git', async () => {
    const trace = join(repo.root, '.git/trace');
    process.env['GIT_TRACE'] = trace;
    try {
      await forgeWith().openPullRequest({ ...request, title: 'traced' });
    } finally {
      delete process.env['GIT_TRACE'];
    }
    const commands = readFileSync(trace, 'utf8');
    assert.match(commands, /git ls-remote|git-remote-http/, 'the trace shows what git was called with');
    assert.ok(!commands.includes(server.token));
    assert.ok(!commands.includes(Buffer.from(`x-access-token:${server.token}`).toString('base64')));
  });

  it('publishes no commits that the person did not push', async () => {
    repo.write('private.txt', 'not yet\n');
    const baseCommit = repo.commitAll('private work');
    const message = 'fix(security): close it\n\nPatchline-Finding: f-2\n';
    const { commit } = await new GitSourceControl(repo.root).commit({
      branch: 'patchline/y',
      baseCommit,
      files: { 'a.js': 'ok\n' },
      message,
    });
    const open = forgeWith().openPullRequest({ ...request, branch: 'patchline/y', headCommit: commit, baseCommit });
    await assert.rejects(
      open,
      (error: Error) => isHumanError(error) && /is not in main of octo-org\/orders\. Push main first/.test(error.message),
    );
    assert.equal(server.git('for-each-ref', 'refs/heads/patchline/y'), '');
    await assert.rejects(forgeWith().openPullRequest({ ...request, base: 'nowhere' }), /has no branch nowhere/);
  });

  it('takes a base that moved on at GitHub, whose commits are not known here', async () => {
    const tree = server.git('rev-parse', 'main^{tree}');
    const next = server.git('-c', 'user.name=R', '-c', 'user.email=r@x', 'commit-tree', tree, '-p', 'main', '-m', 'next');
    server.git('update-ref', 'refs/heads/main', next);
    assert.equal((await forgeWith().openPullRequest(request)).created, true);
    assert.equal(repo.git('for-each-ref', 'refs/remotes'), '');
  });

  const settings: readonly (readonly [string, () => Partial<GitHubForgeOptions>, RegExp])[] = [
    ['no token', () => ({ token: async () => undefined }), /no GitHub token/],
    ['a token with a line feed', () => ({ token: async () => 'a\nb' }), /characters that no token has/],
    ['a policy that names no repository', () => ({ repository: 'https://github.com/a/b' }), /must read owner\/name/],
    ['an unencrypted server', () => ({ apiUrl: 'http://github.example.org/api/v3', repository: 'a/b' }), /must begin with https/],
    [
      'another server than the remote',
      () => ({ apiUrl: 'https://api.github.com' }),
      /remote lies on 127\.0\.0\.1:\d+, but GitHub is set to github\.com/,
    ],
    [
      'a repository that is not there',
      () => ({ repository: 'octo-org/other' }),
      /no repository octo-org\/other, or the token cannot see it/,
    ],
  ];
  for (const [name, change, pattern] of settings) {
    it(`says what is wrong with ${name}`, async () => {
      await assert.rejects(forgeWith(change()).openPullRequest(request), (error: unknown) => {
        assert.ok(error instanceof HumanError, String(error));
        assert.match(error.message, pattern);
        return true;
      });
    });
  }

  it('knows whether the remote lies on that server', async () => {
    assert.equal(await hasGitHubRemote(repo.root, server.apiUrl), true);
    assert.equal(await hasGitHubRemote(repo.root, 'https://api.github.com'), false);
    repo.git('remote', 'set-url', 'origin', 'git@github.com:octocat/hello.git');
    assert.equal(await hasGitHubRemote(repo.root, 'https://api.github.com'), true);
    repo.git('remote', 'set-url', 'origin', 'ext::sh -c true');
    assert.equal(await hasGitHubRemote(repo.root, 'https://api.github.com'), false);
    await assert.rejects(forgeWith().openPullRequest(request), /remote cannot be used/);
    repo.git('remote', 'remove', 'origin');
    assert.equal(await hasGitHubRemote(repo.root, 'https://api.github.com'), false);
    await assert.rejects(forgeWith().openPullRequest(request), /has no remote/);
  });
});

/** All text that an error carries, causes included. */
function deepText(error: unknown): string {
  const parts: string[] = [];
  for (let each = error; each instanceof Error; each = each.cause)
    parts.push(each.message, each.stack ?? '', JSON.stringify(each));
  return parts.join('\n');
}
