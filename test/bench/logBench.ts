import { openFileRunLog } from '../../src/adapters/runLog/fileRunLog';
import { createPatchline } from '../../src/core/createPatchline';
import { computeMetrics } from '../../src/core/metrics/computeMetrics';
import type { RunLog } from '../../src/core/ports';
import { foldRollouts } from '../../src/core/rollout/foldRollout';
import { createLogFold } from '../../src/core/runs/foldLog';
import { foldRuns } from '../../src/core/runs/foldRuns';
import { createRunRecorder } from '../../src/core/runs/recordRun';
import { panelState } from '../../src/editor/panel/panelState';
import { memoryWorld } from '../support/memoryPorts';
import { LargeLog } from './largeLog';

const entries = 100_000;
const rounds = 9;
const actor = { kind: 'person', identity: 'Ada', source: 'bench' } as const;
const words = entries.toLocaleString('en');
const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;

type Row = Readonly<Record<string, string>>;

/** What a long log costs: read and folded for the first time, after one more entry, and until the panel can show that entry. */
export async function rows(): Promise<readonly Row[]> {
  const large = new LargeLog(entries);
  const log = openFileRunLog({ folder: large.folder, clock: { now: () => Date.now() } });
  try {
    return [...(await foldRows(large, log)), await recordRow(large, log), await panelRow(large, log)];
  } finally {
    log.dispose();
    large.dispose();
  }
}

async function timed<T>(work: () => T | Promise<T>): Promise<{ readonly took: number; readonly gave: T }> {
  const began = performance.now();
  const gave = await work();
  return { took: performance.now() - began, gave };
}

async function middle(work: () => unknown, times = rounds): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < times; round++) took.push((await timed(work)).took);
  return median(took);
}

function note(log: RunLog, run: string): Promise<unknown> {
  const body = { run, stage: 'monitoring', name: 'note', attempt: 1, outcome: 'waiting', summary: 'one more', evidence: [] };
  return log.append({ kind: 'step', body, actor });
}

async function foldRows(large: LargeLog, log: RunLog): Promise<readonly Row[]> {
  const parse = await timed(() => large.lines.map((line) => JSON.parse(line) as unknown).length);
  const read = await timed(() => log.read());
  const fold = createLogFold();
  const first = await timed(() => fold(read.gave.entries));
  const whole = await middle(() => [foldRuns(read.gave.entries), foldRollouts(read.gave.entries)]);
  const readings: number[] = [];
  const folds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await note(log, large.lastRun);
    const again = await timed(() => log.read());
    readings.push(again.took);
    folds.push((await timed(() => fold(again.gave.entries))).took);
  }
  const { entries: now } = await log.read();
  const metrics = await middle(() => computeMetrics(now, fold(now)));
  const after = median(readings) + median(folds);
  return [
    {
      measure: `log of ${words} entries, read, verified and folded for the first time`,
      value: ms(read.took + first.took),
      beside: `JSON.parse of its lines ${ms(parse.took)}; the folds ${ms(first.took)}`,
      ratio: ((read.took + first.took) / parse.took).toFixed(1),
    },
    {
      measure: `the same after one more entry (median of ${rounds})`,
      value: ms(after),
      beside: `reading on ${ms(median(readings))}; folding all of it ${ms(whole)}`,
      ratio: (after / whole).toFixed(2),
      aim: '≤ 0.5',
    },
    {
      measure: `figures of ${words} entries that are folded (median of ${rounds})`,
      value: ms(metrics),
      beside: `folding them ${ms(whole)}`,
      ratio: (metrics / whole).toFixed(2),
    },
  ];
}

async function recordRow(large: LargeLog, log: RunLog): Promise<Row> {
  const fold = createLogFold();
  const step = { stage: 'monitoring', name: 'note', outcome: 'waiting', summary: 'one more' } as const;
  const { entries: now } = await log.read();
  const run = fold(now).runs.find(({ id }) => id === large.lastRun);
  if (run === undefined) throw new Error('the last run is not in the log');
  const own = createRunRecorder(log, () => Promise.resolve(actor), (all) => fold(all).runs); // oxfmt-ignore
  const anew = createRunRecorder(log, () => Promise.resolve(actor));
  const took = await middle(() => own.record(run, step));
  const beside = await middle(() => anew.record(run, step));
  return {
    measure: `a step recorded in a log of ${words} entries (median of ${rounds})`,
    value: ms(took),
    beside: `folding all of it each time ${ms(beside)}`,
    ratio: (took / beside).toFixed(2),
    aim: '≤ 0.5',
  };
}

/** From the call that appends to the state that the panel is sent, over a file log with its watching and its fsync. */
async function panelRow(large: LargeLog, log: RunLog): Promise<Row> {
  const world = memoryWorld();
  const app = createPatchline({ ...world.ports, log });
  await app.importReports();
  const findingId = large.lastRun.replace(/-1$/, '');
  const alone = await middle(() => note(log, large.lastRun));
  const took = await middle(async () => {
    const known = app.runs.forFinding(findingId)?.steps.length ?? 0;
    const seen = new Promise<void>((resolve) => {
      const stop = app.runs.onDidChange(() => {
        const run = app.runs.forFinding(findingId);
        if (run === undefined || run.steps.length <= known) return;
        stop();
        const delivery = app.delivery.state(findingId);
        const state = panelState({ finding: run.finding, run, patch: undefined, test: undefined, proof: undefined, problems: app.runs.problems(), delivery, now: Date.now() }); // oxfmt-ignore
        if (!JSON.stringify(state).includes('one more')) throw new Error('the panel does not show the entry');
        resolve();
      });
    });
    await note(log, large.lastRun);
    await seen;
  });
  return {
    measure: `append to the panel's state in a log of ${words} entries (median of ${rounds})`,
    value: ms(took),
    beside: `the append alone ${ms(alone)}; 20 ms of it wait for more`,
    ratio: (took / alone).toFixed(1),
    aim: '≤ 300 ms',
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
