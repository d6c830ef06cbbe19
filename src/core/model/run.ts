import type { Stage } from './stage';
import type { Step } from './step';
import type { TriagedFinding } from './triage';

/** A step with when, by whom and where it stands in the log. */
export interface RecordedStep extends Step {
  readonly at: string;
  readonly by: string;
  /** Personal data of the step where it still stands beside the chain. */
  readonly personal?: Readonly<Record<string, unknown>>;
  readonly entry: { readonly chain: string; readonly n: number; readonly hash: string };
}

/** The way of one finding from detection on: a fold over the run log, never kept beside it. */
export interface PatchRun {
  readonly id: string;
  /** The finding as it was when the run began. */
  readonly finding: TriagedFinding;
  readonly startedAt: string;
  readonly steps: readonly RecordedStep[];
  /** The stage the run is in. */
  readonly stage: Stage;
  readonly state: 'active' | 'waiting' | 'failed' | 'closed' | 'superseded';
}
