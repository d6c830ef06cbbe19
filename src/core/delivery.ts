import type { Approval, ApprovalDecision } from './model/approval';
import type { Artifact } from './model/artifact';
import type { CiReport } from './model/ci';
import type { Outcome } from './model/outcome';
import type { PullRequest } from './model/pullRequest';
import type { RolloutState } from './model/rollout';
import type { TestComparison } from './model/testReport';
import type { ChecklistItem } from './pullRequest/checklist';
import type { Metrics } from './metrics/metrics';
import type { Task } from './ports';

/**
 * The second half of the way, from the open pull request to the watched rollout, as both front doors see it.
 * State is a fold over the run log; every act appends to it; nothing is kept beside it.
 */
export interface Delivery {
  /** How the finding's current run stands behind the pull request; undefined before there is one. */
  state(findingId: string): DeliveryState | undefined;
  /** Every run that is under way behind its pull request, those that need the eye first. */
  active(): readonly DeliveryState[];
  /** Reads the checks; brings CI, test report and artifact up to date. May be called at any time and again. */
  refresh(findingId: string, task?: Task): Promise<DeliveryState>;
  rerunFailedChecks(findingId: string, task?: Task): Promise<void>;
  checkLog(findingId: string, checkId: string, task?: Task): Promise<string | undefined>;
  /** Builds and stores the artifact (again, where `again`). */
  buildArtifact(findingId: string, task?: Task & { readonly again?: boolean }): Promise<Artifact>;
  /** Who may sign off here and now: oneself, the sample's demo identities, solo, each with why not where it is refused. */
  approvers(findingId: string): Promise<readonly Approver[]>;
  approve(findingId: string, approver: Approver, comment?: string, task?: Task): Promise<ApprovalDecision>;
  /** Merges, then starts the rollout of every service that the patch touches. @throws HumanError naming what is missing. */
  startRollout(findingId: string, task?: Task): Promise<RolloutState>;
  promote(findingId: string, task?: Task): Promise<RolloutState>;
  pause(findingId: string, why?: string): Promise<RolloutState>;
  resume(findingId: string): Promise<RolloutState>;
  /** Takes the rollout back by the provider's own means; the revert pull request and the reopened finding follow. */
  rollBack(findingId: string, why: string, task?: Task): Promise<RolloutState>;
  /** Exercises the way back without a rollout. */
  rehearse(findingId: string, task?: Task): Promise<{ readonly ok: boolean; readonly summary: string }>;
  /**
   * Does whatever is due now of every active run: the one thing that polls. Nothing happens where another process holds the
   * watch. `rolloutsOnly`: the window is not looked at, so only what is in production is worth a poll. @returns when to call again (milliseconds since the epoch); undefined when nothing is active.
   */
  tick(
    task?: Task & { readonly rolloutsOnly?: boolean },
  ): Promise<{ readonly nextAt: number | undefined; readonly held: boolean }>;
  /** Documents for people, as Markdown. */
  postMortem(findingId: string): Promise<string>;
  releaseNotes(findingId: string): Promise<string>;
  changelogLine(findingId: string): Promise<string>;
  metrics(): Promise<Metrics>;
}

export interface Approver {
  readonly kind: Approval['kind'];
  readonly by: string;
  readonly source: string;
  /** Why this one would not count; absent when it would. */
  readonly refused?: string;
}

/** What can be done with a run now, in the order of the way. */
export type DeliveryAction =
  | 'rerun-checks'
  | 'build-artifact'
  | 'approve'
  | 'start-rollout'
  | 'promote'
  | 'pause'
  | 'resume'
  | 'abort'
  | 'roll-back'
  | 'rehearse';

export interface DeliveryState {
  readonly findingId: string;
  readonly run: string;
  readonly pullRequest: Pick<PullRequest, 'forge' | 'number' | 'url' | 'branch' | 'base' | 'headCommit' | 'title'> & {
    readonly state: PullRequest['state'];
    readonly mergeCommit?: string;
  };
  readonly ci?: CiReport;
  readonly artifact?: Artifact;
  readonly tests?: TestComparison;
  readonly approval?: ApprovalDecision;
  /** The service whose rollout is under way or was last. */
  readonly rollout?: RolloutState;
  /** All of them, in their order, where the patch touches several services. */
  readonly services?: readonly RolloutState[];
  readonly revert?: { readonly url: string; readonly number: number };
  /** Eight lines. */
  readonly checklist: readonly ChecklistItem[];
  /** Who or what the run waits for now: `Ada Lovelace to approve`, `check “test”`, `bake time of step 2 until 14:05`. */
  readonly waitsFor: string;
  readonly actions: readonly DeliveryAction[];
  /** For the status bar and the order of several: a breach before a pause before a running one. */
  readonly attention: 'breach' | 'paused' | 'progressing' | 'waiting' | 'none';
  readonly outcome: Outcome;
  /** Why checks or reviews could not be read just now; what is shown is older. */
  readonly problem?: string;
}
