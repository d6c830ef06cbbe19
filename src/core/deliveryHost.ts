import type { PatchlinePorts } from './patchlinePorts';
import type { Actor } from './model/actor';
import type { ReadEntry } from './model/logEntry';
import type { Patch } from './model/patch';
import type { Proof } from './model/proof';
import type { RegressionTest } from './model/regressionTest';
import type { RolloutEvent, RolloutPlan, RolloutState } from './model/rollout';
import type { PatchRun } from './model/run';
import type { FoldedLog } from './runs/foldLog';
import type { StepDraft } from './runs/recordRun';

/** What the second half shares with the first: the log as it was last read, and the one place that writes steps. */
export interface DeliveryHost {
  readonly ports: PatchlinePorts;
  runs(): readonly PatchRun[];
  runOf(findingId: string): PatchRun | undefined;
  rolloutsOf(runId: string): readonly RolloutState[];
  /** Those of every run. */
  rollouts(): readonly RolloutState[];
  record(run: PatchRun, step: StepDraft): Promise<PatchRun>;
  recordRollout(plan: RolloutPlan, event: RolloutEvent, actor: Actor): Promise<void>;
  /** Appends the entry that opens a finding again. */
  reopen(run: PatchRun, why: string): Promise<void>;
  /** Before a word to a provider that changes something. @throws where what this host does is somebody else's by now. */
  mayAct(): Promise<void>;
  refreshRuns(): Promise<void>;
  /** Runs and rollouts of the log as it was just read. */
  foldLog(entries: readonly ReadEntry[]): FoldedLog;
  /** Tells the views that something moved that is not worth a log entry. */
  announce(): void;
  /** @throws HumanError in Restricted Mode. */
  requireTrust(what: string): void;
  patchOf(findingId: string): Promise<Patch | undefined>;
  testOf(findingId: string): Promise<RegressionTest | undefined>;
  proofOf(findingId: string): Promise<Proof | undefined>;
}
