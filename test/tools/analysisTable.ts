import { pathToFileURL } from 'node:url';
import { judgeStep } from '../../src/core/analysis/judgeStep';
import type { Reading } from '../../src/core/model/analysis';
import type { RolloutPlan } from '../../src/core/model/rollout';
import { binomialDraws, seededRandom } from '../support/seededRandom';

/** `npx tsx test/tools/analysisTable.ts`: what the analysis finds, and what it takes back for nothing, by simulation. */

const steps = 5;
const looks = 6;
const lookSeconds = 30;

/** A canary of five steps, six looks a step, one ratio against a baseline. */
export function canaryPlan(): RolloutPlan {
  const bakeSeconds = looks * lookSeconds;
  return {
    run: 'run-1',
    attempt: 1,
    service: 'orders',
    environment: 'production',
    provider: 'command',
    strategy: 'canary',
    steps: [5, 10, 25, 50, 75].map((weight, index) => ({ index, name: `canary ${weight} %`, weight, bakeSeconds, pause: false })),
    artifact: { name: 'orders', uri: 'local:orders', sha256: '0'.repeat(64), commit: '0'.repeat(40) },
    metrics: [
      { name: 'errors', kind: 'ratio', provider: 'prometheus', canary: { url: 'http://a' }, baseline: { url: 'http://b' } },
    ],
    lookSeconds,
    warmUpSeconds: 0,
    watchSeconds: 0,
    wayBack: 'npm run rollback',
  };
}

export interface Simulated {
  /** Of the rollouts, how many were taken back at all, before the last step, and within the first step. */
  readonly rolledBack: number;
  readonly beforeLastStep: number;
  readonly inFirstStep: number;
  /** 1-based look at which half of those found were found. */
  readonly medianLook: number | undefined;
}

/** Rolls out `runs` times with `requests` on each side at each look, and judges at every look as a rollout does. */
export function simulate(options: {
  readonly requests: number;
  readonly baseline: number;
  readonly canary: number;
  readonly runs: number;
  readonly seed: number;
}): Simulated {
  const plan = canaryPlan();
  const random = seededRandom(options.seed);
  const drawCanary = binomialDraws(options.requests, options.canary, random);
  const drawBaseline = binomialDraws(options.requests, options.baseline, random);
  const found: number[] = [];
  for (let run = 0; run < options.runs; run++) {
    const readings: Reading[] = [];
    for (let look = 0; look < steps * looks; look++) {
      const sample = (events: number) => ({ kind: 'ratio' as const, events, total: options.requests, cumulative: false });
      readings.push({
        metric: 'errors',
        step: Math.floor(look / looks),
        from: new Date(look * lookSeconds * 1000).toISOString(),
        at: new Date((look + 1) * lookSeconds * 1000).toISOString(),
        canary: sample(drawCanary()),
        baseline: sample(drawBaseline()),
      });
      if (judgeStep(plan, Math.floor(look / looks), readings).phase !== 'failed') continue;
      found.push(look + 1);
      break;
    }
  }
  found.sort((a, b) => a - b);
  return {
    rolledBack: found.length,
    beforeLastStep: found.filter((look) => look <= (steps - 1) * looks).length,
    inFirstStep: found.filter((look) => look <= looks).length,
    medianLook: found[Math.floor(found.length / 2)],
  };
}

/** One row a size of traffic and a rate of the canary. */
export function renderTable(runs: number, sizes: readonly number[] = [20, 200, 2000]): string {
  const rows = sizes.flatMap((requests) =>
    [0.02, 0.03, 0.04, 0.1].map((canary) => {
      const result = simulate({ requests, baseline: 0.02, canary, runs, seed: requests });
      const share = (count: number): string => `${((100 * count) / runs).toFixed(1)} %`;
      const when = canary > 0.02 && result.medianLook !== undefined ? String(result.medianLook) : '';
      return `| ${requests} | ${canary * 100} % | ${share(result.rolledBack)} | ${share(result.beforeLastStep)} | ${share(result.inFirstStep)} | ${when} |`;
    }),
  );
  return [
    '| requests a look, each side | canary fails (baseline 2 %) | rolled back | before the last step | in the first step | look, in the median |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(renderTable(Number(process.argv[2] ?? 2000)));
