import { plainFinding } from '../findings/findingHandle';
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
  /** The run as it was last given out; absent where something came since. */
  made?: PatchRun;
}

/** The runs of a log that goes on: what is added costs as much as it is, not as much as what stands there. */
export interface RunsFold {
  add(entry: ReadEntry): void;
  runs(): readonly PatchRun[];
}

/**
 * The runs as the log tells them, oldest first. A later run of the same finding supersedes the earlier ones.
 * Entries of other kinds, and steps of runs whose start is not in the log, are passed over.
 */
export function foldRuns(entries: readonly ReadEntry[]): readonly PatchRun[] {
  const fold = createRunsFold();
  for (const entry of entries) fold.add(entry);
  return fold.runs();
}

/** The fold itself, entry by entry. What it gave out never changes; a run that nothing was added to is the same object again. */
export function createRunsFold(): RunsFold {
  const runs = new Map<string, OpenRun>();
  const latest = new Map<string, OpenRun>();
  return {
    add(entry) {
      if (entry.kind === runStarted) {
        const { run, finding } = entry.body as { run?: unknown; finding?: unknown };
        if (typeof run !== 'string' || typeof finding !== 'object' || finding === null || runs.has(run)) return;
        const withOwners = plainFinding(finding as TriagedFinding);
        const owners = entry.personal?.['owners'];
        // Owners are people: the log keeps them beside the chain, so they are put back here where they still stand.
        const triage = { ...withOwners.triage, owners: Array.isArray(owners) ? owners.map(String) : [] };
        const begun: OpenRun = { id: run, finding: { ...withOwners, triage }, startedAt: entry.time, steps: [] };
        runs.set(run, begun);
        const before = latest.get(begun.finding.id);
        if (before !== undefined) delete before.made;
        latest.set(begun.finding.id, begun);
      } else if (entry.kind === stepRecorded) {
        const step = entry.body as unknown as Step;
        const open = runs.get(step.run);
        if (open === undefined) return;
        delete open.made;
        open.steps.push({
          ...step,
          at: entry.time,
          by: entry.identity ?? '(redacted)',
          ...(entry.personal === undefined ? {} : { personal: entry.personal }),
          entry: { chain: entry.chain, n: entry.n, hash: entry.hash },
        });
      }
    },
    runs() {
      return [...runs.values()].map((run) => (run.made ??= runOf(run, latest.get(run.finding.id) === run)));
    },
  };
}

function runOf({ id, finding, startedAt, steps }: OpenRun, isLatest: boolean): PatchRun {
  return {
    id,
    finding,
    startedAt,
    steps: [...steps],
    stage: stageOf(steps),
    state: isLatest ? stateOf(steps) : 'superseded',
  };
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
