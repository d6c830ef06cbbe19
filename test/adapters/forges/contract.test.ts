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
    server.seed(repo, 'main');
    repo.git('remote', 'add', 'origin', `${server.origin}/${server.owner}/${server.name}.git`);
    return {
      forge: forges['github']!.create({
        root: repo.root,
        apiUrl: server.apiUrl,
        token: async () => server.token,
        secondMs: 5,
        paceWrites: false,
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
    const folder = join(import.meta.dirname, '../../../src/adapters/forges');
    const files = readdirSync(folder)
      .filter((name) => readFileSync(join(folder, name), 'utf8').includes('capabilities:'))
      .map((name) => name.replace(/\.ts$/, ''));
    assert.deepEqual(Object.keys(forges).sort(), Object.keys(harnesses).sort());
    assert.deepEqual(files.sort(), Object.keys(harnesses).sort());
  });
});

for (const [id, start] of Object.entries(harnesses)) {
  describe(`forge ${id}`, function () {
    this.timeout(60_000);
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
      repo.write('.git/refs/heads/secret-work', `${baseCommit}\n`);
      repo.write('.git/refs/tags/v1', `${baseCommit}\n`);
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

    it('opens a new one after the former was closed, or merged with another commit', async () => {
      await harness.forge.openPullRequest(request);
      harness.settle(1, 'closed');
      assert.equal((await harness.forge.readPullRequest(1))?.state, 'closed');
      const { pullRequest, created } = await harness.forge.openPullRequest(request);
      assert.deepEqual([pullRequest.number, created], [2, true]);
      harness.settle(2, 'merged');
      assert.equal((await harness.forge.readPullRequest(2))?.state, 'merged');
      const headCommit = await commitFix('fixed better\n', request.baseCommit);
      assert.equal((await harness.forge.openPullRequest({ ...request, headCommit })).pullRequest.number, 3);
      harness.check();
    });

    it('opens none for a commit that was merged, and leaves the branch deleted: squashed or taken back, it would go in twice', async () => {
      await harness.forge.openPullRequest(request);
      harness.settle(1, 'merged');
      harness.git('update-ref', '-d', `refs/heads/${branch}`);
      await assert.rejects(harness.forge.openPullRequest(request), (error: Error) => {
        assert.ok(isHumanError(error), String(error));
        assert.match(error.message, /was merged already, by pull request #?1/);
        return true;
      });
      assert.equal(harness.git('for-each-ref', '--format=%(refname)'), 'refs/heads/main');
      assert.equal(await harness.forge.readPullRequest(2), undefined);
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

    /** Commits on top of a branch of the repository that is pushed to, as somebody else would. */
    const moveOn = (name: string, path: string, text: string): string => {
      const clone = mkdtempSync(join(tmpdir(), 'patchline-other-'));
      const there = harness.git('rev-parse', '--absolute-git-dir');
      const git = (...args: string[]): string => repo.git('-C', clone, ...args);
      git('clone', '--quiet', '--branch', name, there, '.');
      writeFileSync(join(clone, path), text);
      git('add', '-A');
      git('-c', 'user.name=R', '-c', 'user.email=r@example.org', 'commit', '--quiet', '-m', 'theirs');
      git('push', '--quiet', 'origin', name);
      rmSync(clone, { recursive: true });
      return harness.git('rev-parse', `refs/heads/${name}`);
    };
    /** What the person has: files, index, HEAD, branches, tags. Refs of ours may come and nothing else. */
    const ofThePerson = (): unknown => [
      repo.snapshot(),
      repo.git('for-each-ref', 'refs/heads', 'refs/remotes', 'refs/tags', 'refs/notes', 'refs/stash'),
    ];

    it('merges by a commit with two parents, which is then in the repository, and touches nothing else there', async () => {
      const { pullRequest } = await harness.forge.openPullRequest(request);
      repo.write('a.js', 'half written\n');
      const before = ofThePerson();
      const { mergeCommit } = await harness.forge.merge(pullRequest.number, request.headCommit);
      assert.equal(repo.git('rev-parse', `${mergeCommit}^1`), request.baseCommit);
      assert.equal(repo.git('rev-parse', `${mergeCommit}^2`), request.headCommit);
      assert.equal(repo.git('show', `${mergeCommit}:a.js`), 'fixed');
      assert.equal(harness.git('rev-parse', 'refs/heads/main'), mergeCommit);
      assert.equal((await harness.forge.readPullRequest(pullRequest.number))?.state, 'merged');
      assert.equal(await harness.forge.branchHead('main'), mergeCommit);
      assert.deepEqual(ofThePerson(), before);
      assert.deepEqual(
        repo
          .git('for-each-ref', '--format=%(refname)')
          .split('\n')
          .filter((ref) => !/^refs\/(heads|tags|patchline)\//.test(ref)),
        [],
      );
      harness.check();
    });

    it('merges onto what others brought meanwhile', async () => {
      const { pullRequest } = await harness.forge.openPullRequest(request);
      const theirs = moveOn('main', 'b.js', 'theirs\n');
      const { mergeCommit } = await harness.forge.merge(pullRequest.number, request.headCommit);
      assert.equal(repo.git('rev-parse', `${mergeCommit}^1`), theirs);
      assert.deepEqual([repo.git('show', `${mergeCommit}:a.js`), repo.git('show', `${mergeCommit}:b.js`)], ['fixed', 'theirs']);
      harness.check();
    });

    it('merges once, however often and from wherever it is asked to', async () => {
      const { pullRequest } = await harness.forge.openPullRequest(request);
      const merge = () => harness.forge.merge(pullRequest.number, request.headCommit);
      const [one, two] = await Promise.all([merge(), merge()]);
      assert.deepEqual(one, two);
      moveOn('main', 'b.js', 'theirs\n');
      assert.deepEqual(await merge(), one);
      assert.equal(harness.git('rev-list', '--count', '--merges', 'refs/heads/main'), '1');
      harness.check();
    });

    it('does not merge a head that moved, nor what conflicts, nor what is closed or was never there', async () => {
      const { pullRequest } = await harness.forge.openPullRequest(request);
      const { number } = pullRequest;
      const refused = (head = request.headCommit, which = number) =>
        assert.rejects(harness.forge.merge(which, head), (error: Error) => isHumanError(error) && error.message.length > 20);
      await refused(request.baseCommit);
      await refused('HEAD');
      await refused(request.headCommit, 77);
      const main = moveOn('main', 'a.js', 'theirs\n');
      await refused();
      const moved = moveOn(branch, 'b.js', 'theirs\n');
      await refused();
      assert.equal((await harness.forge.readPullRequest(number))?.state, 'open');
      await harness.forge.close(number);
      await refused();
      await refused(moved);
      assert.equal(harness.git('rev-parse', 'refs/heads/main'), main);
      harness.check();
    });

    it('closes without merging, and closed already is as good', async () => {
      const { pullRequest } = await harness.forge.openPullRequest(request);
      await harness.forge.close(pullRequest.number);
      await harness.forge.close(pullRequest.number);
      assert.equal((await harness.forge.readPullRequest(pullRequest.number))?.state, 'closed');
      assert.equal(harness.git('rev-parse', 'refs/heads/main'), request.baseCommit);
      await assert.rejects(harness.forge.close(77), isHumanError);
      harness.check();
    });

    it('says where a branch stands and brings its commit, and none of a branch that is not there', async () => {
      await harness.forge.openPullRequest(request);
      const theirs = moveOn('main', 'b.js', 'theirs\n');
      const before = ofThePerson();
      assert.equal(await harness.forge.branchHead('main'), theirs);
      assert.equal(repo.git('show', `${theirs}:b.js`), 'theirs');
      assert.equal(await harness.forge.branchHead('never-made'), undefined);
      assert.deepEqual(ofThePerson(), before);
      harness.check();
    });

    it('takes a pull request onto a merge back: what a revert does', async () => {
      const { pullRequest } = await harness.forge.openPullRequest(request);
      const { mergeCommit } = await harness.forge.merge(pullRequest.number, request.headCommit);
      const { commit } = await new GitSourceControl(repo.root).commit({
        branch: 'patchline/revert-x-1',
        baseCommit: mergeCommit,
        files: { 'a.js': 'bad\n' },
        message: 'revert: it\n\nPatchline-Finding: f-1\n',
      });
      const revert = { ...request, branch: 'patchline/revert-x-1', headCommit: commit, baseCommit: mergeCommit };
      const opened = await harness.forge.openPullRequest(revert);
      assert.equal(opened.pullRequest.number, pullRequest.number + 1);
      const merged = await harness.forge.merge(opened.pullRequest.number, commit);
      assert.equal(repo.git('show', `${merged.mergeCommit}:a.js`), 'bad');
      harness.check();
    });

    it('does not merge when it is cancelled', async () => {
      const { pullRequest } = await harness.forge.openPullRequest(request);
      const signal = AbortSignal.abort();
      await assert.rejects(harness.forge.merge(pullRequest.number, request.headCommit, { signal }), isCancelled);
      await assert.rejects(harness.forge.close(pullRequest.number, { signal }), isCancelled);
      assert.equal((await harness.forge.readPullRequest(pullRequest.number))?.state, 'open');
    });

    it('says what it is', () => {
      assert.equal(harness.forge.id, id);
      assert.equal(forges[id]?.provider.id, id);
      assert.match(harness.forge.url, /^https:/);
      assert.ok(harness.forge.capabilities.includes('pull-requests'));
    });
  });
}
