import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findGitFolder } from '../../../src/adapters/sourceControl/gitFolder';

describe('findGitFolder', () => {
  let folder: string;
  const git = (cwd: string, ...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd });

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'patchline-git-')));
    await mkdir(path.join(folder, 'repo/deep/er'), { recursive: true });
    git(path.join(folder, 'repo'), 'init', '-q');
    git(path.join(folder, 'repo'), 'commit', '-q', '--allow-empty', '-m', 'first');
    git(path.join(folder, 'repo'), 'worktree', 'add', '-q', '../tree');
    await mkdir(path.join(folder, 'none'));
    await mkdir(path.join(folder, 'hollow/.git'), { recursive: true });
    await mkdir(path.join(folder, 'broken'));
    await writeFile(path.join(folder, 'broken/.git'), 'gitdir: ../nowhere\n');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [where, expected] of [
    ['repo', 'repo/.git'],
    ['repo/deep/er', 'repo/.git'],
    ['tree', 'repo/.git'],
    ['none', undefined],
    ['hollow', undefined],
    ['broken', undefined],
  ] as const) {
    it(`${where} → ${expected ?? 'none'}`, async () => {
      assert.equal(
        await findGitFolder(path.join(folder, where)),
        expected === undefined ? undefined : path.join(folder, expected),
      );
    });
  }
});
