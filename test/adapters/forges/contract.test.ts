import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forges } from '../../../src/adapters/registry';
import { GitSourceControl } from '../../../src/adapters/sourceControl/gitSourceControl';
import { isCancelled, isHumanError } from '../../../src/core/errors';
import type { Forge, PullRequestRequest } from '../../../src/core/ports';
import { TestRepo } from '../../support/gitRepo';
import { GitHubServer } from '../../support/githubServer';

/** What the scenario needs of the world behind a forge. */
interface Harness {
  readonly forge: Forge;
  /** Of the repository that is pushed to. */
  git(...args: string[]): string;
  settle(number: number, how: 'merged' | 'closed'): void;
  /** What must hold after every scenario. */
  check(): void;
  dispose(): Promise<void>;
}

const harnesses: Readonly<Record<string, (repo: TestRepo) => Promise<Harness>>> = {
  local: async (repo) => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'patchline-forge-'));
    return {
      forge: forges['local']!.create({ root: repo.root, dataFolder, apiUrl: '', token: async () => undefined }),
      git: (...args) => repo.git('--git-dir', join(dataFolder, 'repository.git'), ...args),
      settle: (number, how) => {
        const file = join(dataFolder, 'pulls', `${number}.json`);
        writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), state: how }));
      },
      check: () =>
        assert.deepEqual(
          readdirSync(join(dataFolder, 'pulls')).filter((name) => !/^\d+\.json$/.test(name)),
          [],
        ),
      dispose: async () => rmSync(dataFolder, { recursive: true }),
    };
  },
  github: async (repo) => {
    const server = await GitHubServer.start();
    repo.git('push', '--quiet', server.bare, 'main');
    repo.git('remote', 'add', 'origin', `${server.origin}/${server.owner}/${server.name}.git`);
    return {
      forge: forges['github']!.create({
        root: repo.root,
        apiUrl: server.apiUrl,
        token: async () => server.token,
        secondMs: 5,
        paceAs: server.origin,
        dataFolder: '',
      }),
      git: (...args) => server.git(...args),
      settle: (number, how) => server.settlePull(number, how),
      check: () => assert.deepEqual(server.violations, [], "every request and every answer fits GitHub's description"),
      dispose: () => server.stop(),
    };
  },
};

describe('every forge', () => {
  it('of the registry has a harness here, and every file is registered', () => {
    const files = readdirSync(join(import.meta.dirname, '../../../src/adapters/forges')).map((name) => name.replace(/\.ts$/, ''));
    assert.deepEqual(Object.keys(forges).sort(), Object.keys(harnesses).sort());
    assert.deepEqual(files.sort(), Object.keys(harnesses).sort());
  });
});

for (const [id, start] of Object.entries(harnesses)) {
  describe(`forge ${id}`, () => {
    let repo: TestRepo;
    let harness: Harness;
    let request: PullRequestRequest;
    const branch = 'patchline/x-1';

    const commitFix = async (text: string, baseCommit: string): Promise<string> => {
      const message = 'fix(security): close it\n\nWhy.\n\nPatchline-Finding: f-1\n';
      return (await new GitSourceControl(repo.root).commit({ branch, baseCommit, files: { 'a.js': text }, message })).commit;
    };

    beforeEach(async () => {
      repo = new TestRepo();
      repo.write('a.js', 'bad\n');
      const baseCommit = repo.commitAll();
      repo.git('branch', 'secret-work');
      repo.git('tag', 'v1');
      harness = await start(repo);
      const headCommit = await commitFix('fixed\n', baseCommit);
      request = { branch, base: 'main', headCommit, baseCommit, title: 'fix: it', body: 'Why *this*.\n\n<!-- marker -->\n' };
    });
    afterEach(async () => {
      await harness.dispose();
      repo.dispose();
    });

    it('opens a pull request and pushes nothing but its branch', async () => {
      const before = repo.snapshot();
      const { pullRequest, created } = await harness.forge.openPullRequest(request);
      assert.equal(created, true);
      const { url, number, ...rest } = pullRequest;
      assert.deepEqual(rest, { ...request, forge: id, state: 'open' });
      assert.equal(number, 1);
      assert.ok(url.length > 0);
      assert.equal(harness.git('rev-parse', `refs/heads/${branch}`), request.headCommit);
      assert.deepEqual(harness.git('for-each-ref', '--format=%(refname)').split('\n'), [
        'refs/heads/main',
        `refs/heads/${branch}`,
      ]);
      assert.deepEqual(repo.snapshot(), before);
      assert.equal(repo.git('for-each-ref', 'refs/remotes'), '', 'no remote-tracking branch was made');
      assert.deepEqual(await harness.forge.readPullRequest(1), pullRequest);
      harness.check();
    });

    it('gives the same one when it is opened again, also at the same time', async () => {
      const [one, two] = await Promise.all([harness.forge.openPullRequest(request), harness.forge.openPullRequest(request)]);
      assert.deepEqual(one.pullRequest, two.pullRequest);
      assert.deepEqual([one.created, two.created].sort(), [false, true]);
      const again = await harness.forge.openPullRequest(request);
      assert.deepEqual(again, { pullRequest: one.pullRequest, created: false });
      assert.equal(await harness.forge.readPullRequest(2), undefined);
      harness.check();
    });

    it('brings branch, title and body up to date', async () => {
      const first = await harness.forge.openPullRequest(request);
      const headCommit = await commitFix('fixed better\n', request.baseCommit);
      const changed = { ...request, headCommit, title: 'fix: it better', body: 'Now *proven*.' };
      const second = await harness.forge.openPullRequest(changed);
      assert.equal(second.created, false);
      assert.deepEqual(second.pullRequest, { ...first.pullRequest, ...changed });
      assert.deepEqual(await harness.forge.readPullRequest(1), second.pullRequest);
      assert.equal(harness.git('rev-parse', `refs/heads/${branch}`), headCommit);
      harness.check();
    });

    it('opens a new one after the former was merged or closed', async () => {
      await harness.forge.openPullRequest(request);
      harness.settle(1, 'merged');
      assert.equal((await harness.forge.readPullRequest(1))?.state, 'merged');
      const { pullRequest, created } = await harness.forge.openPullRequest(request);
      assert.deepEqual([pullRequest.number, created], [2, true]);
      harness.settle(2, 'closed');
      assert.equal((await harness.forge.readPullRequest(2))?.state, 'closed');
      harness.check();
    });

    it('keeps what reviewers committed to the branch', async () => {
      await harness.forge.openPullRequest(request);
      const tree = harness.git('rev-parse', `${request.headCommit}^{tree}`);
      const remark = harness.git(
        '-c',
        'user.name=R',
        '-c',
        'user.email=r@x',
        'commit-tree',
        tree,
        '-p',
        request.headCommit,
        '-m',
        'remark',
      );
      harness.git('update-ref', `refs/heads/${branch}`, remark);
      await assert.rejects(
        harness.forge.openPullRequest(request),
        (error: Error) => isHumanError(error) && /not Patchline's/.test(error.message),
      );
      assert.equal(harness.git('rev-parse', `refs/heads/${branch}`), remark);
      harness.check();
    });

    it('refuses branch names that git must not get, and a branch onto itself', async () => {
      for (const bad of ['--upload-pack=touch x', 'a b', '', 'main']) {
        await assert.rejects(harness.forge.openPullRequest({ ...request, branch: bad }), isHumanError, bad);
      }
      await assert.rejects(harness.forge.openPullRequest({ ...request, base: '-x' }), isHumanError);
      await assert.rejects(harness.forge.openPullRequest({ ...request, headCommit: 'HEAD' }), isHumanError);
    });

    it('stops when it is cancelled', async () => {
      await assert.rejects(harness.forge.openPullRequest(request, { signal: AbortSignal.abort() }), isCancelled);
      assert.equal(await harness.forge.readPullRequest(1), undefined);
    });

    it('knows no pull request of an impossible number', async () => {
      for (const number of [0, -1, 1.5, Number.NaN, 99]) assert.equal(await harness.forge.readPullRequest(number), undefined);
    });

    it('says what it is', () => {
      assert.equal(harness.forge.id, id);
      assert.equal(forges[id]?.provider.id, id);
      assert.match(harness.forge.url, /^https:/);
      assert.ok(harness.forge.capabilities.includes('pull-requests'));
    });
  });
}
