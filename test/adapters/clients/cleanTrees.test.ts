import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRepository, openCleanTrees } from '../../../src/adapters/clients/cleanTrees';
import { addWorktree } from '../../../src/adapters/clients/git';
import { TestRepo } from '../../support/gitRepo';

describe('clean trees', () => {
  let repo: TestRepo;
  let commit: string;
  let folder: string;
  beforeEach(() => {
    repo = new TestRepo();
    repo.write('a.js', 'one\n');
    commit = repo.commitAll();
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'patchline-trees-')));
  });
  afterEach(() => {
    repo.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const openAndDispose = async (): Promise<void> => {
    const repository = await findRepository(repo.root);
    assert.ok(repository !== undefined);
    const trees = await openCleanTrees(repository, 'checks', { tree: commit });
    assert.equal(existsSync(join(trees.roots.tree, 'a.js')), true);
    await trees.dispose();
  };

  it('leave the person’s own work trees alone, also one whose disk is not plugged in', async () => {
    const own = join(folder, 'own');
    repo.git('worktree', 'add', '--quiet', '-b', 'feature', own);
    renameSync(own, join(folder, 'unplugged'));
    await openAndDispose();
    renameSync(join(folder, 'unplugged'), own);
    assert.equal(repo.git('-C', own, 'branch', '--show-current'), 'feature');
  });

  it('forget those of a process that was killed, and no other', async () => {
    // No system gives out such a process id.
    const dead = join(tmpdir(), 'patchline-proof-99999999-x', 'base');
    const living = join(folder, `patchline-proof-${process.pid}-x`, 'base');
    await addWorktree(repo.root, commit, dead);
    await addWorktree(repo.root, commit, living);
    rmSync(living, { recursive: true });
    await openAndDispose();
    assert.equal(existsSync(dead), false);
    const listed = repo.git('worktree', 'list', '--porcelain');
    assert.deepEqual([listed.includes('99999999'), listed.includes(living)], [false, true]);
  });
});
