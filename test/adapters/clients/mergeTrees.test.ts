import assert from 'node:assert/strict';
import { chmodSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { mergeTrees } from '../../../src/adapters/clients/mergeTrees';
import { isHumanError } from '../../../src/core/errors';
import { TestRepo } from '../../support/gitRepo';

const lines = (...changed: readonly (readonly [number, string])[]): string =>
  Array.from({ length: 9 }, (_, at) => changed.find(([line]) => line === at)?.[1] ?? `line ${at}`).join('\n') + '\n';

describe('merging trees', function () {
  this.timeout(60_000);
  let repo: TestRepo;

  /** Commits made from the same start; the repository ends on the first side. */
  const sides = (ours: () => void, theirs: () => void): readonly [string, string] => {
    const commits = [theirs, ours].map((change) => {
      repo.git('checkout', '--quiet', '--detach', 'main');
      change();
      return repo.commitAll();
    });
    return [commits[1] ?? '', commits[0] ?? ''];
  };

  beforeEach(() => {
    repo = new TestRepo();
    repo.write('text.js', lines());
    repo.write('other.js', 'other\n');
    repo.write('data.bin', Buffer.from([0, 1, 2, 3, 255]));
    repo.commitAll();
  });
  afterEach(() => repo.dispose());

  for (const [how, byIndex] of [
    ['as this git does it', undefined],
    ['by an index, for an old git', true],
  ] as const) {
    const merge = (ours: string, theirs: string) =>
      mergeTrees(join(repo.root, '.git'), ours, theirs, byIndex === undefined ? {} : { byIndex });

    it(`joins both changes of a file, new, deleted and other files (${how})`, async () => {
      const [ours, theirs] = sides(
        () => {
          repo.write('text.js', lines([1, 'ours']));
          repo.write('new/ours.js', 'ours\n');
        },
        () => {
          repo.write('text.js', lines([7, 'theirs ö']));
          chmodSync(join(repo.root, 'text.js'), 0o755);
          rmSync(join(repo.root, 'other.js'));
          repo.write('data.bin', Buffer.from([0, 9, 255]));
        },
      );
      const before = repo.snapshot();
      const merged = await merge(ours, theirs);
      assert.ok('tree' in merged, JSON.stringify(merged));
      assert.deepEqual(repo.snapshot(), before);
      assert.equal(repo.git('show', `${merged.tree}:text.js`), lines([1, 'ours'], [7, 'theirs ö']).trimEnd());
      assert.equal(repo.git('ls-tree', merged.tree, 'text.js').split(' ')[0], '100755');
      // The yardstick is git merge itself.
      repo.git('merge', '--quiet', '-m', 'merged', theirs);
      assert.equal(merged.tree, repo.git('rev-parse', 'HEAD^{tree}'));
    });

    it(`names where the two contradict each other (${how})`, async () => {
      const [ours, theirs] = sides(
        () => {
          repo.write('text.js', lines([4, 'ours']));
          repo.write('data.bin', Buffer.from([0, 7]));
          rmSync(join(repo.root, 'other.js'));
          repo.write('same name\n.js', 'ours\n');
        },
        () => {
          repo.write('text.js', lines([4, 'theirs']));
          repo.write('data.bin', Buffer.from([0, 8]));
          repo.write('other.js', 'changed\n');
          repo.write('same name\n.js', 'theirs\n');
        },
      );
      const merged = await merge(ours, theirs);
      assert.deepEqual('conflicts' in merged && [...merged.conflicts].sort(), [
        'data.bin',
        'other.js',
        'same name\n.js',
        'text.js',
      ]);
    });

    it(`leaves links to people (${how})`, async () => {
      symlinkSync('text.js', join(repo.root, 'link'));
      repo.commitAll();
      const relink = (target: string) => () => {
        rmSync(join(repo.root, 'link'));
        symlinkSync(target, join(repo.root, 'link'));
      };
      const merged = await merge(...sides(relink('other.js'), relink('data.bin')));
      assert.deepEqual(merged, { conflicts: ['link'] });
    });

    it(`does not merge what has no common history (${how})`, async () => {
      const main = repo.git('rev-parse', 'main');
      repo.git('checkout', '--quiet', '--orphan', 'apart');
      repo.write('text.js', 'another beginning\n');
      await assert.rejects(merge(main, repo.commitAll()), isHumanError);
    });
  }
});
