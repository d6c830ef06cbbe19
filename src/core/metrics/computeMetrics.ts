import { severities } from '../model/finding';
import type { ReadEntry } from '../model/logEntry';
import type { RolloutState } from '../model/rollout';
import type { PatchRun } from '../model/run';
import { stages } from '../model/stage';
import { rolloutsByRun } from '../rollout/rolloutsByRun';
import type { TestComparison } from '../model/testReport';
import { rolloutRecorded } from '../rollout/foldRollout';
import { deliverySteps } from '../runs/deliveryState';
import type { FoldedLog } from '../runs/foldLog';
import { createLogFold } from '../runs/foldLog';
import { latestStep, runStarted, stepRecorded } from '../runs/foldRuns';
import type { Metrics } from './metrics';
import { runDurations } from './runDurations';
import type { RunEnd } from './runEnd';
import { runEnd } from './runEnd';

/**
 * The figures of the whole log: a fold over it, never kept beside it. What nothing was measured of is null, not zero.
 * "Repaired" means deployed and watched, not merged; time to repair counts from first detection (MTTR, DORA's time to restore
 * taken to a vulnerability).
 *
 * @param folded - runs and rollouts of these entries, where they are folded already
 */
export function computeMetrics(entries: readonly ReadEntry[], folded: FoldedLog = createLogFold()(entries)): Metrics {
  const { runs, rollouts } = folded;
  const ended = runs.map((run) => ({ run, ...runEnd(run) }));
  const repaired = ended.flatMap(({ run, end, at }) =>
    end === 'deployed' ? [{ run, at, time: timeBetween(run.finding.triage.detectedAt, at) }] : [],
  );
  const back = ended.filter(({ end }) => end === 'rolledBack');
  const times = repaired.flatMap(({ time }) => time ?? []);
  const count = (end: RunEnd['end']): number => ended.filter((one) => one.end === end).length;
  const decided = repaired.length + back.length;
  return {
    ...spanOf(entries),
    runs: runs.length,
    ended: {
      deployed: repaired.length,
      rolledBack: back.length,
      closed: count('closed'),
      failed: count('failed'),
      active: count('active'),
    },
    mttr: { mean: mean(times), median: median(times), count: times.length },
    mttrBySeverity: severities.flatMap((severity) => {
      const own = repaired.flatMap(({ run, time }) => (run.finding.severity === severity ? (time ?? []) : []));
      const middle = median(own);
      return middle === null ? [] : [{ severity, median: middle, count: own.length }];
    }),
    successRate: decided === 0 ? null : repaired.length / decided,
    ...stageFigures(runs, rollouts),
    testPassRate: passRate(runs),
    changedLineCoverage: coverage(runs),
    incidents: incidentsOf(runs, rollouts),
    weeks: weeksOf(
      repaired,
      back.map(({ at }) => at),
    ),
  };
}

/** First and last instant of what makes runs and rollouts: imports and decisions alone measure nothing. */
function spanOf(entries: readonly ReadEntry[]): Pick<Metrics, 'from' | 'to'> {
  let [from, to]: [string | null, string | null] = [null, null];
  for (const { kind, time } of entries) {
    if (kind !== runStarted && kind !== stepRecorded && kind !== rolloutRecorded) continue;
    if (from === null || time < from) from = time;
    if (to === null || time > to) to = time;
  }
  return { from, to };
}

/** Milliseconds; undefined where one of the two is no instant. Clocks of two machines may differ: never below zero. */
function timeBetween(from: string, to: string): number | undefined {
  const time = Date.parse(to) - Date.parse(from);
  return Number.isNaN(time) ? undefined : Math.max(0, time);
}

/** What lasts still is not counted; the bottleneck is where most of the time of all runs went. */
function stageFigures(runs: readonly PatchRun[], rollouts: readonly RolloutState[]): Pick<Metrics, 'stages' | 'bottleneck'> {
  const byRun = rolloutsByRun(rollouts);
  const all = runs.map((run) => runDurations(run, byRun.get(run.id) ?? []));
  const figures = stages.map((stage) => {
    const own = all.flatMap((durations) => durations[stage] ?? []);
    return { stage, median: median(own), mean: mean(own), count: own.length, sum: sumOf(own) };
  });
  const total = sumOf(figures.map(({ sum }) => sum));
  const worst = figures.toSorted((a, b) => b.sum - a.sum)[0];
  return {
    stages: figures.map(({ sum: _all, ...figure }) => figure),
    bottleneck: worst === undefined || total === 0 ? null : { stage: worst.stage, share: worst.sum / total },
  };
}

function passRate(runs: readonly PatchRun[]): number | null {
  const reports = runs.flatMap((run) => comparisonOf(run) ?? []);
  const passed = reports.reduce((sum, report) => sum + report.passed, 0);
  const judged = reports.reduce((sum, report) => sum + report.passed + report.failed, 0);
  return judged === 0 ? null : passed / judged;
}

function comparisonOf(run: PatchRun): TestComparison | undefined {
  return latestStep(run, deliverySteps.tests)?.data?.['comparison'] as TestComparison | undefined;
}

function coverage(runs: readonly PatchRun[]): number | null {
  const measured = runs.flatMap((run) => {
    const lines = latestStep(run, deliverySteps.tests)?.data?.['changedLines'] as
      | { readonly covered: number; readonly measured: number }
      | undefined;
    return lines === undefined || lines.measured === 0 ? [] : [lines];
  });
  const all = measured.reduce((sum, lines) => sum + lines.measured, 0);
  return all === 0 ? null : measured.reduce((sum, lines) => sum + lines.covered, 0) / all;
}

/**
 * What went wrong in production after a patch, once a run: the first metric that was breached, or the first abort (by hand, or
 * because the provider failed) of a service that had begun to change. Services that go back with it are the same incident.
 */
function incidentsOf(runs: readonly PatchRun[], rollouts: readonly RolloutState[]): Metrics['incidents'] {
  const findings = new Map(runs.map((run) => [run.id, run.finding.id]));
  const first = new Map<string, Metrics['incidents'][number]>();
  for (const { plan, events } of rollouts) {
    const begun = events.findIndex(({ what }) => what.event === 'intent' && what.action.kind !== 'rehearse');
    const bad = events.find(
      ({ what }, index) => what.event === 'breached' || (what.event === 'aborted' && begun >= 0 && index > begun),
    );
    if (bad === undefined) continue;
    const why = bad.what.event === 'breached' ? bad.what.verdict.message : bad.what.event === 'aborted' ? bad.what.why : '';
    const known = first.get(plan.run);
    if (known !== undefined && known.at <= bad.at) continue;
    first.set(plan.run, { run: plan.run, findingId: findings.get(plan.run) ?? '', at: bad.at, what: `${plan.service}: ${why}` });
  }
  return [...first.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** Five years: a clock that was far off once must not give a chart of a thousand empty weeks. */
const mostWeeks = 260;
const week = 7 * 24 * 3_600_000;

/** Every week from the first in which a run ended to the last; one without any stands with zeros. */
function weeksOf(
  repaired: readonly { readonly at: string; readonly time: number | undefined }[],
  back: readonly string[],
): Metrics['weeks'] {
  const mondays = [...repaired.map(({ at }) => at), ...back]
    .map(mondayOf)
    .filter((monday) => !Number.isNaN(monday))
    .sort((a, b) => a - b);
  const [first, last] = [mondays[0], mondays.at(-1)];
  if (first === undefined || last === undefined) return [];
  const count = Math.min(mostWeeks, (last - first) / week + 1);
  return Array.from({ length: count }, (_, index) => {
    const monday = last - (count - 1 - index) * week;
    const own = repaired.filter(({ at }) => mondayOf(at) === monday);
    return {
      monday: new Date(monday).toISOString().slice(0, 10),
      deployed: own.length,
      rolledBack: back.filter((at) => mondayOf(at) === monday).length,
      mttr: median(own.flatMap(({ time }) => time ?? [])),
    };
  });
}

/** Start of the Monday of an instant's week, UTC (ISO 8601 weeks begin on Monday); milliseconds since the epoch. */
function mondayOf(at: string): number {
  const day = new Date(Date.parse(at));
  const back = (day.getUTCDay() + 6) % 7;
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate() - back);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : sumOf(values) / values.length;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
