import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitSourceControl } from '../../src/adapters/sourceControl/gitSourceControl';
import { TestRepo } from '../support/gitRepo';

/**
 * Branch + commit in a repository of 10,000 files: ours beside the work tree, against the flow a person would type (checkout -b,
 * add, commit, checkout back). The ratio of the medians of one run is what counts; absolute times are the machine's.
 */
async function measure(files = 10_000, rounds = 7): Promise<{ ours: number; checkout: number; floor: number; ratio: number }> {
  const repo = new TestRepo();
  try {
    for (let i = 0; i < files; i++) {
      const folder = join(repo.root, `src/${String(i % 100).padStart(2, '0')}`);
      if (i < 100) mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `file${i}.js`), `export const value${i} = ${i};\n`);
    }
    const baseCommit = repo.commitAll('base');
    const control = new GitSourceControl(repo.root);
    // As in the product, which asks where HEAD stands before it makes a branch.
    await control.head();
    const path = 'src/42/file42.js';
    const ours: number[] = [];
    const checkout: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const text = `export const value42 = ${round + 1000};\n`;
      let started = performance.now();
      await control.commit({ branch: `patchline/bench-${round}`, baseCommit, files: { [path]: text }, message: `fix: ${round}` });
      ours.push(performance.now() - started);

      const git = (...args: string[]): void => void execFileSync('git', args, { cwd: repo.root, stdio: 'ignore' });
      started = performance.now();
      git('checkout', '-q', '-b', `checkout-${round}`);
      writeFileSync(join(repo.root, path), text);
      git('add', path);
      git('commit', '-q', '-m', `fix: ${round}`);
      git('checkout', '-q', 'main');
      checkout.push(performance.now() - started);

      started = performance.now();
      git('--version');
      floor.push(performance.now() - started);
    }
    const [a, b] = [median(ours), median(checkout)];
    return { ours: a, checkout: b, floor: median(floor), ratio: a / b };
  } finally {
    repo.dispose();
  }
}

export async function rows(): Promise<readonly Readonly<Record<'measure' | 'value' | 'beside' | 'ratio' | 'aim', string>>[]> {
  const { ours, checkout, floor, ratio } = await measure();
  return [
    {
      measure: 'branch + commit in 10,000 files',
      value: `${ours.toFixed(0)} ms`,
      beside: `checkout flow ${checkout.toFixed(0)} ms; starting git alone ${floor.toFixed(0)} ms`,
      ratio: ratio.toFixed(2),
      aim: '≤ 0.2',
    },
  ];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
