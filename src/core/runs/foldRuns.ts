import type { ReadEntry } from '../model/logEntry';
import type { PatchRun, RecordedStep } from '../model/run';
import type { Stage } from '../model/stage';
import type { Step } from '../model/step';
import type { TriagedFinding } from '../model/triage';

/** Kinds of log entries that make a run. */
export const runStarted = 'run.started';
export const stepRecorded = 'step';

/** Name of the step that ends a run whose rollout was taken back: the finding is open again. */
export const reopened = 'reopened';

interface OpenRun {
  readonly id: string;
  readonly finding: TriagedFinding;
  readonly startedAt: string;
  readonly steps: RecordedStep[];
}

/**
 * The runs as the log tells them, oldest first. A later run of the same finding supersedes the earlier ones.
 * Entries of other kinds, and steps of runs whose start is not in the log, are passed over.
 */
export function foldRuns(entries: readonly ReadEntry[]): readonly PatchRun[] {
  const runs = new Map<string, OpenRun>();
  for (const entry of entries) {
    if (entry.kind === runStarted) {
      const { run, finding } = entry.body as { run?: unknown; finding?: unknown };
      if (typeof run !== 'string' || typeof finding !== 'object' || finding === null || runs.has(run)) continue;
      const withOwners = { ...(finding as TriagedFinding) };
      const owners = entry.personal?.['owners'];
      // Owners are people: the log keeps them beside the chain, so they are put back here where they still stand.
      const triage = { ...withOwners.triage, owners: Array.isArray(owners) ? owners.map(String) : [] };
      runs.set(run, { id: run, finding: { ...withOwners, triage }, startedAt: entry.time, steps: [] });
    } else if (entry.kind === stepRecorded) {
      const step = entry.body as unknown as Step;
      runs.get(step.run)?.steps.push({
        ...step,
        at: entry.time,
        by: entry.identity ?? '(redacted)',
        ...(entry.personal === undefined ? {} : { personal: entry.personal }),
        entry: { chain: entry.chain, n: entry.n, hash: entry.hash },
      });
    }
  }
  const latest = new Map<string, string>();
  for (const run of runs.values()) latest.set(run.finding.id, run.id);
  return [...runs.values()].map((run) => ({
    ...run,
    stage: stageOf(run.steps),
    state: latest.get(run.finding.id) === run.id ? stateOf(run.steps) : 'superseded',
  }));
}

function stageOf(steps: readonly RecordedStep[]): Stage {
  return steps.at(-1)?.stage ?? 'detection';
}

function stateOf(steps: readonly RecordedStep[]): PatchRun['state'] {
  switch (steps.at(-1)?.outcome) {
    case 'failed':
    case 'error':
      return 'failed';
    case 'waiting':
    case 'inconclusive':
      return 'waiting';
    case 'closed':
      return 'closed';
    case 'successful':
    case undefined:
      return 'active';
  }
}

/** The newest attempt of a part of a stage; undefined when it was never tried. */
export function latestStep(run: PatchRun | undefined, name: string): RecordedStep | undefined {
  return run?.steps.findLast((step) => step.name === name);
}

/** The number the next attempt of that part gets, 1-based. */
export function nextAttempt(run: PatchRun, name: string): number {
  return run.steps.filter((step) => step.name === name).length + 1;
}
