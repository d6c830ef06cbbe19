import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forges } from '../../../src/adapters/registry';
import { GitSourceControl } from '../../../src/adapters/sourceControl/gitSourceControl';
import { isHumanError } from '../../../src/core/errors';
import type { Forge, PullRequestRequest } from '../../../src/core/ports';
import { TestRepo } from '../../support/gitRepo';

describe('forge local: merging', function () {
  this.timeout(60_000);
  let repo: TestRepo;
  let dataFolder: string;
  let forge: Forge;
  let base: string;
  const bare = (...args: string[]): string => repo.git('--git-dir', join(dataFolder, 'repository.git'), ...args);
  const record = (number = 1): string => join(dataFolder, 'pulls', `${number}.json`);

  const open = async (name: string, path: string, text: string, baseCommit = base): Promise<PullRequestRequest> => {
    const branch = `patchline/${name}`;
    const message = `fix: ${name}\n\nPatchline-Finding: ${name}\n`;
    const { commit } = await new GitSourceControl(repo.root).commit({ branch, baseCommit, files: { [path]: text }, message });
    const request = { branch, base: 'main', headCommit: commit, baseCommit, title: `fix: ${name}`, body: '' };
    await forge.openPullRequest(request);
    return request;
  };

  beforeEach(() => {
    repo = new TestRepo();
    repo.write('a.js', 'bad\n');
    repo.write('b.js', 'bad\n');
    base = repo.commitAll();
    dataFolder = mkdtempSync(join(tmpdir(), 'patchline-forge-'));
    forge = forges['local']!.create({ root: repo.root, dataFolder, apiUrl: '', token: async () => undefined });
  });
  afterEach(() => {
    rmSync(dataFolder, { recursive: true });
    repo.dispose();
  });

  it('names the person as author and the pull request in the message, with hooks and signing off', async () => {
    const { headCommit } = await open('one', 'a.js', 'fixed\n');
    repo.git('config', 'commit.gpgsign', 'true');
    repo.git('config', 'author.name', 'Ada Author');
    repo.git('config', 'safe.bareRepository', 'explicit');
    const { mergeCommit } = await forge.merge(1, headCommit);
    assert.equal(
      repo.git('log', '-1', '--format=%an <%ae>|%cn <%ce>%n%B', mergeCommit),
      'Ada Author <ada@example.org>|Ada Lovelace <ada@example.org>\nMerge pull request 1 from patchline/one\n\nfix: one',
    );
    assert.equal(repo.git('rev-parse', 'refs/patchline/local/merges/1'), mergeCommit);
    const kept = JSON.parse(readFileSync(record(), 'utf8')) as Record<string, unknown>;
    assert.equal(kept['mergeCommit'], mergeCommit);
    assert.equal('mergeCommit' in ((await forge.readPullRequest(1)) ?? {}), false);
    assert.equal(bare('fsck', '--strict', '--no-dangling'), '');
  });

  for (const [what, make] of [
    ['a shallow clone', (from: string, to: string) => ['clone', '--quiet', '--depth=1', `file://${from}`, to]],
    ['a repository of SHA-256', (_: string, to: string) => ['init', '--quiet', '--object-format=sha256', '-b', 'main', to]],
  ] as const)
    it(`takes ${what}`, async () => {
      repo.commitAll('second');
      const root = join(dataFolder, 'own');
      repo.git(...make(repo.root, root));
      const git = (...args: string[]): string => repo.git('-C', root, '-c', 'user.name=A', '-c', 'user.email=a@x', ...args);
      git('commit', '--quiet', '--allow-empty', '-m', 'own');
      const baseCommit = git('rev-parse', 'HEAD');
      const headCommit = git('commit-tree', `${baseCommit}^{tree}`, '-p', baseCommit, '-m', 'fix');
      git('config', 'user.name', 'A');
      git('config', 'user.email', 'a@x');
      const own = forges['local']!.create({ root, dataFolder, apiUrl: '', token: async () => undefined });
      await own.openPullRequest({ branch: 'fix', base: 'main', headCommit, baseCommit, title: 'fix', body: '' });
      const { mergeCommit } = await own.merge(1, headCommit);
      assert.equal(git('rev-parse', `${mergeCommit}^2`), headCommit);
    });

  it('finds its merge again where a process died before it wrote it down', async () => {
    const { headCommit } = await open('one', 'a.js', 'fixed\n');
    const before = readFileSync(record(), 'utf8');
    const first = await forge.merge(1, headCommit);
    writeFileSync(record(), before);
    assert.deepEqual(await forge.merge(1, headCommit), first);
    assert.equal((await forge.readPullRequest(1))?.state, 'merged');
    assert.equal(bare('rev-list', '--count', 'main'), '3');
  });

  it('takes it as merged when somebody moved the branch onto it, and not when the record alone says so', async () => {
    const { headCommit } = await open('one', 'a.js', 'fixed\n');
    writeFileSync(record(), JSON.stringify({ ...JSON.parse(readFileSync(record(), 'utf8')), state: 'merged' }));
    await assert.rejects(forge.merge(1, headCommit), /marked as merged, but its commit is not in main/);
    bare('update-ref', 'refs/heads/main', headCommit);
    assert.deepEqual(await forge.merge(1, headCommit), { mergeCommit: headCommit });
  });

  it('merges several into the same branch at once, each by a commit of its own', async () => {
    const one = await open('one', 'a.js', 'fixed\n');
    const two = await open('two', 'b.js', 'fixed\n');
    const merges = await Promise.all([forge.merge(1, one.headCommit), forge.merge(2, two.headCommit)]);
    assert.equal(new Set(merges.map(({ mergeCommit }) => mergeCommit)).size, 2);
    assert.equal(bare('rev-list', '--count', '--merges', '--first-parent', 'main'), '2');
    assert.deepEqual([bare('show', 'main:a.js'), bare('show', 'main:b.js')], ['fixed', 'fixed']);
  });

  it('gives one merge to several processes', async () => {
    const { headCommit } = await open('one', 'a.js', 'fixed\n');
    const people = { author: { name: 'A', email: 'a@x' }, committer: { name: 'C', email: 'c@x' } };
    const options = { root: repo.root, dataFolder };
    // The file alone: to compile the whole registry three times at once takes longer than the merges.
    const script = `
      const { createLocalForge } = require(${JSON.stringify(join(import.meta.dirname, '../../../src/adapters/forges/local.ts'))});
      const forge = createLocalForge({ ...${JSON.stringify(options)}, people: async () => (${JSON.stringify(people)}) });
      forge.merge(1, '${headCommit}').then(({ mergeCommit }) => console.log(mergeCommit));`;
    const run = async (): Promise<string> => {
      const child = spawn(process.execPath, ['--import=tsx', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: 50_000,
      });
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      await once(child, 'close');
      return said.trim();
    };
    const said = await Promise.all([run(), run(), run()]);
    assert.deepEqual(
      said,
      Array.from({ length: 3 }, () => bare('rev-parse', 'main')),
    );
    assert.equal(bare('rev-list', '--count', '--merges', 'main'), '1');
    assert.deepEqual(readdirSync(join(dataFolder, 'pulls')), ['1.json']);
  });

  it('keeps what was merged when the person goes on without it', async () => {
    const one = await open('one', 'a.js', 'fixed\n');
    await forge.merge(1, one.headCommit);
    repo.write('c.js', 'mine\n');
    const mine = repo.commitAll('went on');
    const two = await open('two', 'b.js', 'fixed\n', mine);
    await forge.merge(2, two.headCommit);
    const shown = ['a.js', 'b.js', 'c.js'].map((path) => bare('show', `main:${path}`));
    assert.deepEqual(shown, ['fixed', 'fixed', 'mine']);
    assert.equal(repo.git('rev-parse', 'main'), mine);
  });

  it('says what to merge where the person’s own commits contradict what was merged', async () => {
    const one = await open('one', 'a.js', 'fixed\n');
    const { mergeCommit } = await forge.merge(1, one.headCommit);
    repo.write('a.js', 'changed by hand\n');
    const mine = repo.commitAll('went on');
    await assert.rejects(
      open('two', 'b.js', 'fixed\n', mine),
      (error: Error) =>
        isHumanError(error) &&
        error.message ===
          'main of the local forge holds merged pull requests that contradict your commits in a.js. Merge refs/patchline/local/heads/main into your branch, then try again.',
    );
    assert.equal(bare('rev-parse', 'main'), mergeCommit);
    repo.git('merge', '--quiet', '-X', 'ours', 'refs/patchline/local/heads/main');
    await open('two', 'b.js', 'fixed\n', repo.git('rev-parse', 'HEAD'));
    assert.equal(bare('rev-parse', 'main'), repo.git('rev-parse', 'HEAD'));
  });

  it('still follows a rewritten branch while nothing was merged', async () => {
    await open('one', 'a.js', 'fixed\n');
    repo.git('commit', '--quiet', '--amend', '-m', 'said better');
    const amended = repo.git('rev-parse', 'HEAD');
    await open('two', 'b.js', 'fixed\n', amended);
    assert.equal(bare('rev-parse', 'main'), amended);
  });

  it('has no branch before it has a repository', async () => {
    assert.equal(await forge.branchHead('main'), undefined);
    assert.equal(await forge.branchHead('--all'), undefined);
    assert.deepEqual(readdirSync(dataFolder), []);
  });
});
