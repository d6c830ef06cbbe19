import type { ReadEntry } from '../model/logEntry';
import type { PatchRun } from '../model/run';
import type { Stage } from '../model/stage';
import { stages } from '../model/stage';
import type { TestComparison } from '../model/testReport';
import { foldRollouts } from '../rollout/foldRollout';
import { deliverySteps } from '../runs/deliveryState';
import { foldRuns, latestStep } from '../runs/foldRuns';
import { stageStates } from '../runs/stageStates';
import type { Metrics } from './metrics';

/**
 * The figures of the whole log: a fold over it, never kept beside it. What nothing was measured of is null, not zero.
 * "Repaired" means deployed and watched, not merged; time to repair counts from first detection (MTTR, DORA's time to restore
 * taken to a vulnerability).
 */
export function computeMetrics(entries: readonly ReadEntry[]): Metrics {
  const runs = foldRuns(entries);
  const ends = runs.map((run) => ({ run, ...endOf(run) }));
  const deployed = ends.flatMap(({ run, end, at }) => (end === 'deployed' ? [{ run, at, time: timeToRepair(run, at) }] : []));
  const rolledBack = ends.filter(({ end }) => end === 'rolledBack');
  const times = deployed.map(({ time }) => time);
  const counts = (end: End): number => ends.filter((one) => one.end === end).length;
  const ended = deployed.length + rolledBack.length;
  return {
    from: entries[0]?.time ?? null,
    to: entries.at(-1)?.time ?? null,
    runs: runs.length,
    ended: {
      deployed: counts('deployed'),
      rolledBack: counts('rolledBack'),
      closed: counts('closed'),
      failed: counts('failed'),
      active: counts('active'),
    },
    mttr: { mean: mean(times), median: median(times), count: times.length },
    mttrBySeverity: ['critical', 'high', 'medium', 'low', 'info'].flatMap((severity) => {
      const own = deployed.filter(({ run }) => run.finding.severity === severity).map(({ time }) => time);
      const middle = median(own);
      return middle === null ? [] : [{ severity, median: middle, count: own.length }];
    }),
    successRate: ended === 0 ? null : deployed.length / ended,
    ...stageFigures(runs),
    testPassRate: passRate(runs),
    changedLineCoverage: coverage(runs),
    incidents: incidentsOf(runs, entries),
    weeks: weeksOf(
      deployed.map(({ at, time }) => ({ at, time })),
      rolledBack.map(({ at }) => at),
    ),
  };
}

type End = 'deployed' | 'rolledBack' | 'closed' | 'failed' | 'active';

function endOf(run: PatchRun): { readonly end: End; readonly at: string } {
  const back = latestStep(run, deliverySteps.reopened);
  if (back !== undefined) return { end: 'rolledBack', at: back.at };
  const close = latestStep(run, deliverySteps.close);
  const last = run.steps.at(-1);
  const at = close?.at ?? last?.at ?? run.startedAt;
  if (close !== undefined) return { end: latestStep(run, deliverySteps.rollout) === undefined ? 'closed' : 'deployed', at };
  if (last?.outcome === 'closed') return { end: 'closed', at };
  // A later attempt took its place before it came to an end.
  if (run.state === 'superseded' || run.state === 'failed') return { end: 'failed', at };
  return { end: 'active', at };
}

function timeToRepair(run: PatchRun, at: string): number {
  return Date.parse(at) - Date.parse(run.finding.triage.detectedAt);
}

/** Time that lies between a stage's first step and the next stage's first; the wait before work began is detection's. */
function stageFigures(runs: readonly PatchRun[]): Pick<Metrics, 'stages' | 'bottleneck'> {
  const durations = new Map<Stage, number[]>(stages.map((stage) => [stage, []]));
  for (const run of runs) {
    for (const { stage, duration } of stageStates(run)) if (duration !== undefined) durations.get(stage)?.push(duration);
    // The run takes the finding's own detection with it: until the run begins the time is detection's.
    const waited = Date.parse(run.startedAt) - Date.parse(run.finding.triage.detectedAt);
    const own = durations.get('detection');
    if (own !== undefined && waited > 0) own[own.length === 0 ? 0 : own.length - 1] = (own.at(-1) ?? 0) + waited;
  }
  const figures = stages.map((stage) => {
    const own = durations.get(stage) ?? [];
    return { stage, median: median(own), mean: mean(own), count: own.length };
  });
  const sums = stages.map((stage) => ({ stage, sum: (durations.get(stage) ?? []).reduce((sum, ms) => sum + ms, 0) }));
  const all = sums.reduce((total, { sum }) => total + sum, 0);
  const worst = sums.toSorted((a, b) => b.sum - a.sum)[0];
  return {
    stages: figures,
    bottleneck: worst === undefined || all === 0 ? null : { stage: worst.stage, share: worst.sum / all },
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
      { readonly covered: number; readonly measured: number } | undefined;
    return lines === undefined || lines.measured === 0 ? [] : [lines];
  });
  const all = measured.reduce((sum, lines) => sum + lines.measured, 0);
  return all === 0 ? null : measured.reduce((sum, lines) => sum + lines.covered, 0) / all;
}

/** What went wrong in production after a patch: breaches of metrics, services left half changed, rollbacks by hand. */
function incidentsOf(runs: readonly PatchRun[], entries: readonly ReadEntry[]): Metrics['incidents'] {
  const findings = new Map(runs.map((run) => [run.id, run.finding.id]));
  return foldRollouts(entries).flatMap(({ plan, events }) => {
    const first = events.find(({ what }) => what.event === 'breached') ?? events.find(({ what }) => what.event === 'aborted');
    if (first === undefined) return [];
    const what =
      first.what.event === 'breached' ? first.what.verdict.message : first.what.event === 'aborted' ? first.what.why : '';
    return [{ run: plan.run, findingId: findings.get(plan.run) ?? '', at: first.at, what: `${plan.service}: ${what}` }];
  });
}

function weeksOf(
  deployed: readonly { readonly at: string; readonly time: number }[],
  rolledBack: readonly string[],
): Metrics['weeks'] {
  const mondays = [...new Set([...deployed.map(({ at }) => at), ...rolledBack].map(mondayOf))].sort();
  return mondays.map((monday) => {
    const own = deployed.filter(({ at }) => mondayOf(at) === monday);
    return {
      monday,
      deployed: own.length,
      rolledBack: rolledBack.filter((at) => mondayOf(at) === monday).length,
      mttr: median(own.map(({ time }) => time)),
    };
  });
}

/** `YYYY-MM-DD` of the Monday of an instant's week, UTC (ISO 8601 weeks begin on Monday). */
function mondayOf(at: string): string {
  const day = new Date(Date.parse(at));
  const back = (day.getUTCDay() + 6) % 7;
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate() - back)).toISOString().slice(0, 10);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
