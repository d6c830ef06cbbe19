import assert from 'node:assert/strict';
import { join } from 'node:path';
import { GitSourceControl } from '../../../src/adapters/sourceControl/gitSourceControl';
import { isHumanError } from '../../../src/core/errors';
import { TestRepo } from '../../support/gitRepo';

const message = 'revert: it\n\nPatchline-Finding: f-1\n';

describe('GitSourceControl: history', () => {
  let repo: TestRepo;
  let control: GitSourceControl;

  beforeEach(() => {
    repo = new TestRepo();
    control = new GitSourceControl(repo.root);
  });
  afterEach(() => repo.dispose());

  it('gives the tree of a commit, the same for the same files, and none of what is no commit here', async () => {
    repo.write('a.js', 'a\n');
    const one = repo.commitAll('one');
    const two = repo.commitAll('two');
    assert.equal(await control.tree(one), repo.git('rev-parse', `${one}^{tree}`));
    assert.equal(await control.tree(two), await control.tree(one));
    assert.equal(await control.tree('a'.repeat(40)), undefined);
    assert.equal(await control.tree(repo.git('rev-parse', `${one}^{tree}`)), undefined, 'a tree is no commit');
    for (const bad of ['HEAD', 'HEAD~1', '--all', '']) await assert.rejects(control.tree(bad), isHumanError);
  });

  it('names what differs between two commits, whatever the names hold, below the workspace alone', async () => {
    repo.write('top.js', 'a\n');
    repo.write('web/gone.js', 'the same text in both, so that git would see it renamed\n');
    const from = repo.commitAll();
    repo.write('top.js', 'b\n');
    repo.write('web/a "b"\n\tö.js', 'x\n');
    repo.write('web/new.js', repo.read('web/gone.js'));
    repo.git('rm', '--quiet', '-f', 'web/gone.js');
    repo.write('website/x.js', 'x\n');
    repo.git('config', 'diff.renames', 'copies');
    const to = repo.commitAll();
    assert.deepEqual(await control.changedPaths(from, to), [
      'top.js',
      'web/a "b"\n\tö.js',
      'web/gone.js',
      'web/new.js',
      'website/x.js',
    ]);
    const inner = new GitSourceControl(join(repo.root, 'web'));
    assert.deepEqual(await inner.changedPaths(from, to), ['a "b"\n\tö.js', 'gone.js', 'new.js']);
    assert.deepEqual(await inner.changedPaths(to, to), []);
    await assert.rejects(control.changedPaths('HEAD', to), isHumanError);
  });

  it('tells the subjects newest first, cleaned, no more than asked for', async () => {
    const from = repo.commitAll('base');
    const ids = ['one ò two òòòòòò', 'two \u202eabc\u001b[31m', 'three'].map((subject) =>
      repo.commitAll(`${subject}\n\nbody of it\n`),
    );
    repo.git('config', 'log.showSignature', 'true');
    repo.git('config', 'log.decorate', 'full');
    const to = ids[2] ?? '';
    assert.deepEqual(await control.subjects(from, to, 10), [
      { commit: ids[2], subject: 'three' },
      { commit: ids[1], subject: 'two abc[31m' },
      { commit: ids[0], subject: 'one ò two òòòòòò' },
    ]);
    assert.equal((await control.subjects(from, to, 2)).length, 2);
    assert.deepEqual(await control.subjects(from, to, 0), []);
    assert.deepEqual(await control.subjects(to, from, 5), []);
    await assert.rejects(control.subjects('main', to, 5), isHumanError);
  });

  for (const branch of ['new', 'replaced'] as const) {
    it(`deletes files in a commit of a ${branch} branch`, async () => {
      repo.write('src/a.js', 'a\n');
      repo.write('src/b.js', 'b\n');
      repo.write('test/a.test.js', 'test\n');
      const baseCommit = repo.commitAll();
      const request = { branch: 'patchline/revert-x', baseCommit, message };
      if (branch === 'replaced') await control.commit({ ...request, files: { 'src/a.js': 'first try\n' } });
      const before = repo.snapshot();
      const files = { 'test/a.test.js': null, 'src/a.js': 'as before\n', 'never/there.js': null };
      const { commit } = await control.commit({ ...request, files });
      assert.deepEqual(repo.git('ls-tree', '-r', '--name-only', commit).split('\n'), ['src/a.js', 'src/b.js']);
      assert.equal(repo.git('show', `${commit}:src/a.js`), 'as before');
      assert.equal(repo.git('rev-parse', `${commit}^`), baseCommit);
      assert.deepEqual(await control.commit({ ...request, files }), { commit }, 'the same again');
      assert.deepEqual(repo.snapshot(), before);
      assert.equal(repo.read('test/a.test.js'), 'test\n');
    });
  }

  it('refuses to delete what is no file, and says when nothing is left to delete', async () => {
    repo.write('src/a.js', 'a\n');
    const baseCommit = repo.commitAll();
    const request = { branch: 'patchline/revert-x', baseCommit, message };
    await assert.rejects(control.commit({ ...request, files: { src: null } }), /src is a folder/);
    await assert.rejects(control.commit({ ...request, files: { '../x': null } }), isHumanError);
    await assert.rejects(control.commit({ ...request, files: { 'gone.js': null } }), /nothing to commit/);
  });
});
