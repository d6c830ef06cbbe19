import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  addWorktree,
  gitCommonDir,
  gitEnvironment,
  gitRoot,
  readCommit,
  removeWorktree,
  runGit,
} from '../../../src/adapters/clients/git';
import { changedPaths, fetchBranch, readHistory } from '../../../src/adapters/clients/simpleGit';
import { isCancelled, isHumanError, isVendorError } from '../../../src/core/errors';
import { TestRepo } from '../../support/gitRepo';

describe('git client', () => {
  let repo: TestRepo;
  let base: string;
  let folder: string;
  beforeEach(() => {
    repo = new TestRepo();
    repo.write('src/a.js', 'one\n');
    base = repo.commitAll('base');
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'patchline-trees-')));
  });
  afterEach(() => {
    repo.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('finds root and common folder from below, from a linked work tree, and from nowhere', async () => {
    assert.equal(await gitRoot(join(repo.root, 'src')), repo.root);
    assert.equal(await gitCommonDir(join(repo.root, 'src')), join(repo.root, '.git'));
    await addWorktree(repo.root, base, join(folder, 'wt'));
    assert.equal(await gitRoot(join(folder, 'wt', 'src')), join(folder, 'wt'));
    assert.equal(await gitCommonDir(join(folder, 'wt', 'src')), join(repo.root, '.git'));
    assert.equal(await gitRoot(folder), undefined);
    assert.equal(await gitCommonDir(folder), undefined);
  });

  it('makes a clean detached work tree and leaves no trace of it', async () => {
    repo.write('src/a.js', 'changed\n');
    repo.write('.git/hooks/post-checkout', `#!/bin/sh\ntouch "${folder}/ran"\n`);
    chmodSync(join(repo.root, '.git/hooks/post-checkout'), 0o755);
    const before = repo.snapshot();
    const tree = join(folder, 'wt');
    await addWorktree(repo.root, base, tree);
    assert.equal(repo.git('-C', tree, 'status', '--porcelain=v2', '--branch').split('\n')[1], '# branch.head (detached)');
    assert.equal(repo.git('-C', tree, 'show', 'HEAD:src/a.js'), 'one');
    writeFileSync(join(tree, 'left-behind.log'), 'x');
    await removeWorktree(repo.root, tree);
    assert.equal(existsSync(tree), false);
    assert.equal(existsSync(join(folder, 'ran')), false, 'no hook ran');
    assert.equal(repo.git('worktree', 'list').split('\n').length, 1);
    assert.deepEqual(repo.snapshot(), before);
    await removeWorktree(repo.root, tree);
  });

  it('forgets a work tree whose folder is gone', async () => {
    const tree = join(folder, 'gone', 'wt');
    await addWorktree(repo.root, base, tree);
    rmSync(dirname(tree), { recursive: true });
    await removeWorktree(repo.root, tree);
    assert.equal(repo.git('worktree', 'list').split('\n').length, 1);
  });

  it('checks the whole commit out where the person has checked out a part', async () => {
    repo.write('other/b.js', 'two\n');
    const whole = repo.commitAll();
    repo.git('sparse-checkout', 'set', 'src');
    const tree = join(folder, 'wt');
    await addWorktree(repo.root, whole, tree);
    assert.equal(existsSync(join(tree, 'other/b.js')), true);
    assert.equal(repo.git('-C', tree, 'status', '--porcelain'), '');
    assert.equal(existsSync(join(repo.root, 'other/b.js')), false, 'the person’s stays as it is');
  });

  it('leaves nothing when a work tree cannot be made', async () => {
    await assert.rejects(addWorktree(repo.root, 'f'.repeat(40), join(folder, 'wt')), isVendorError);
    await assert.rejects(addWorktree(repo.root, base, join(folder, 'wt2'), { signal: AbortSignal.abort() }), isCancelled);
    assert.equal(existsSync(join(folder, 'wt')) || existsSync(join(folder, 'wt2')), false);
  });

  it('is not led to another repository by the environment', async () => {
    const other = new TestRepo();
    process.env['GIT_DIR'] = join(other.root, '.git');
    process.env['GIT_INDEX_FILE'] = join(other.root, '.git/index');
    try {
      assert.equal(await gitRoot(repo.root), repo.root);
      assert.equal((await runGit(['rev-parse', 'HEAD'], { cwd: repo.root })).stdout.trim(), base);
      assert.equal('GIT_DIR' in gitEnvironment(), false);
    } finally {
      delete process.env['GIT_DIR'];
      delete process.env['GIT_INDEX_FILE'];
      other.dispose();
    }
  });

  it('says what git said when it fails', async () => {
    await assert.rejects(runGit(['rev-parse', '--verify', 'nope'], { cwd: repo.root }), (error: Error) => {
      return (
        isVendorError(error) && /^git rev-parse failed: fatal: Needed a single revision \(exit code 128\)$/.test(error.message)
      );
    });
    assert.equal((await runGit(['rev-parse', '--verify', 'nope'], { cwd: repo.root, exitCodes: [0, 128] })).exitCode, 128);
    await assert.rejects(readCommit(repo.root, 'a'.repeat(40)), isHumanError);
    assert.equal((await readCommit(repo.root, base)).message, 'base\n');
  });

  it('reads status and history and fetches through simple-git without a trace', async () => {
    repo.write('src/a.js', 'two\n');
    const second = repo.commitAll('second: ü "quoted"');
    repo.write('src/a.js', 'three\n');
    repo.write('*.js', 'literally this name\n');
    assert.deepEqual(await changedPaths(repo.root, ['src/a.js', 'gone.js']), ['src/a.js']);
    assert.deepEqual(await changedPaths(repo.root, ['*.js']), ['*.js'], 'names are no patterns');
    assert.deepEqual(await readHistory(repo.root, { from: base, to: second, maxCount: 5 }), [
      { commit: second, date: '2023-11-14T23:13:20+01:00', author: 'Ada Lovelace', subject: 'second: ü "quoted"' },
    ]);

    const clone = new TestRepo();
    try {
      clone.commitAll('unrelated');
      const before = clone.snapshot();
      await fetchBranch(clone.root, repo.root, 'main');
      assert.equal(clone.git('cat-file', '-t', second), 'commit');
      assert.equal(clone.git('for-each-ref', '--format=%(refname)'), 'refs/heads/main');
      assert.deepEqual(clone.snapshot(), before);
      await assert.rejects(
        fetchBranch(clone.root, '--upload-pack=x', 'main'),
        (error: Error) => isVendorError(error) || isHumanError(error),
      );
      await assert.rejects(fetchBranch(clone.root, 'ext::sh -c "exit 0"', 'main'), isVendorError);
      await assert.rejects(fetchBranch(clone.root, repo.root, 'main', { signal: AbortSignal.abort() }), isCancelled);
    } finally {
      clone.dispose();
    }
  });
});
