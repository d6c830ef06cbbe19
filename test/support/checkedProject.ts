import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalCiOptions } from '../../src/adapters/ci/local';
import { npmCommand } from '../../src/adapters/packageManagers/npm';
import type { CiReport } from '../../src/core/model/ci';
import type { Change, Ci } from '../../src/core/ports';
import { TestRepo } from './gitRepo';

/** A small real repository with a base and a head commit, for checks that are really run. */
export class CheckedProject {
  readonly repo = new TestRepo();
  readonly dataFolder = mkdtempSync(join(tmpdir(), 'patchline-ci-'));
  change: Change = { run: 'r', number: 1, branch: 'fix', base: 'main', headCommit: '', baseCommit: '', diffHash: 'd' };

  /** Commits a base, then a head upon it. */
  commit(base: Readonly<Record<string, string>>, head: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(base)) this.repo.write(path, text);
    const baseCommit = this.repo.commitAll('base');
    for (const [path, text] of Object.entries(head)) this.repo.write(path, text);
    this.change = { ...this.change, baseCommit, headCommit: this.repo.commitAll('head') };
  }

  options(more: Partial<LocalCiOptions> = {}): LocalCiOptions {
    return {
      root: this.repo.root,
      dataFolder: join(this.dataFolder, 'checks'),
      cache: join(this.dataFolder, 'cache'),
      npm: () => npmCommand(''),
      clock: { now: () => Date.UTC(2026, 0, 5, 9) },
      mayRun: () => true,
      ...more,
    };
  }

  /** Waits until nobody runs anything here, then removes it all. */
  async dispose(): Promise<void> {
    const checks = join(this.dataFolder, 'checks');
    const isHeld = (): boolean =>
      existsSync(checks) && readdirSync(checks).some((name) => existsSync(join(checks, name, 'lock')));
    for (let tries = 0; tries < 600 && isHeld(); tries++) await sleep(100);
    const trees = this.repo.git('worktree', 'list').split('\n').length;
    this.repo.dispose();
    rmSync(this.dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    assert.equal(trees, 1, 'no work tree is left');
  }
}

/** Reads until `done` says so; at most some minutes. */
export async function readUntil(ci: Ci, change: Change, done: (report: CiReport) => boolean): Promise<CiReport> {
  for (let tries = 0; tries < 1200; tries++) {
    const report = await ci.read(change);
    if (done(report)) return report;
    await sleep(100);
  }
  throw new Error('The checks did not come to where they should.');
}

export const hasEnded = (report: CiReport): boolean => report.outcome !== 'waiting' && !report.checks.some(isOpen);

const isOpen = ({ state }: CiReport['checks'][number]): boolean => state === 'queued' || state === 'running';

/** `package.json` with scripts and no packages. */
export const manifest = (scripts: Readonly<Record<string, string>>): string =>
  `${JSON.stringify({ name: 'sample', version: '1.0.0', private: true, scripts }, null, 2)}\n`;
