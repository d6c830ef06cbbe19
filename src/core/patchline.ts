import type { Delivery } from './delivery';
import type { LogVerdict } from './model/logEntry';
import type { NoFix, Patch } from './model/patch';
import type { Proof } from './model/proof';
import type { PullRequest } from './model/pullRequest';
import type { NoTest, RegressionTest } from './model/regressionTest';
import type { PatchRun } from './model/run';
import type { PriorityBand, TriagedFinding } from './model/triage';
import type { Rejection, Severity } from './model/finding';
import type { Advance } from './pipeline';
import type { ReportFile, Task } from './ports';

/**
 * The application as both front doors see it: what a person can ask for, in the order of the workflow.
 * Views read `findings` and `runs` and listen to the two events; they never change anything but through these methods.
 */
export interface Patchline {
  readonly findings: FindingsView;
  readonly runs: RunsView;
  /** The second half of the way: checks, artifact, approval, rollout, monitoring. */
  readonly delivery: Delivery;

  /**
   * Reads reports and replaces what the same files gave before. Without `files`: every report that the globs find in the
   * workspace. One unreadable report is a rejection and loses nothing of the others.
   */
  importReports(files?: readonly ReportFile[], task?: Task): Promise<ImportSummary>;
  /** Names of the reports that were read, as paths from the workspace root where they lie in it. */
  reportNames(): readonly string[];
  /** The proposed change, not written anywhere; recorded as the run's patch only when it is accepted or proven. */
  generateFix(findingId: string, task?: Task): Promise<Patch | NoFix>;
  /** Takes the reviewed patch (hunks may have been rejected or edited) as the run's patch: appends the `patch` step. */
  acceptPatch(patch: Patch): Promise<PatchRun>;
  generateTest(findingId: string, task?: Task): Promise<RegressionTest | NoTest>;
  /** Takes the test (as the person left it in the editor) as the run's test: appends the `test` step. */
  acceptTest(test: RegressionTest): Promise<PatchRun>;
  /** Proves the run's patch with the run's test; generates and accepts what is missing. Appends the `proof` step. */
  prove(findingId: string, task?: Task): Promise<Proof>;
  /** Commits patch and test to a branch of its own and opens the PR; the same again gives the same PR. */
  openPullRequest(findingId: string, task?: Task): Promise<PullRequest>;
  /**
   * Makes the one next step of the way (patch, test, proof, pull request), or says why the run rests. May be called at any
   * time and again. @throws HumanError where the step is refused.
   */
  advance(findingId: string, task?: Task): Promise<Advance>;
  /** Everything recorded of the run's current patch, from the evidence store. */
  currentPatch(findingId: string): Promise<Patch | undefined>;
  currentTest(findingId: string): Promise<RegressionTest | undefined>;
  currentProof(findingId: string): Promise<Proof | undefined>;
  evidence(sha256: string): Promise<Uint8Array | undefined>;
  /**
   * Why the findings are sorted without the team's policy or owners: one sentence for each file that could not be read, naming
   * it. Empty when both were read (or are not there). What goes by the policy is refused with the same words.
   */
  triageProblems(): readonly string[];
  verifyLog(): Promise<readonly LogVerdict[]>;
  /**
   * Makes room for another application over the same folder: tells nobody anything any more, and lets go of the watch of the
   * rollouts once the look that runs has ended. Work that was begun goes on to its end, and is recorded.
   */
  retire(): Promise<void>;
  /** Resolves when every process that was started is gone. */
  dispose(): Promise<void>;
}

export interface ImportSummary {
  readonly added: number;
  readonly closed: number;
  readonly unchanged: number;
  readonly total: number;
  readonly reports: readonly {
    readonly name: string;
    readonly format: string;
    readonly findings: number;
    readonly notes: readonly string[];
  }[];
  readonly rejected: readonly Rejection[];
}

/** What a tree row needs; the whole finding is fetched with `get`. */
export interface FindingRow {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly band: PriorityBand;
  readonly priority: number;
  readonly ruleId: string;
  readonly scanner: string;
  /** `src/x.js:12` or `lodash 4.17.15 (package.json)`. */
  readonly where: string;
  readonly path?: string;
  readonly startLine?: number;
  readonly due?: string;
  readonly suppressed: boolean;
}

/** Which rows a view wants. */
export interface RowFilter {
  /** Words that must all occur (case ignored) in title, rule, scanner, place or severity. */
  readonly text?: string;
  /** True: suppressed findings are listed too. */
  readonly suppressed?: boolean;
}

export interface FindingsView {
  /** Open findings that are not suppressed. */
  readonly count: number;
  readonly suppressedCount: number;
  /** Bands that have findings, most urgent first; with a filter, those that have matching ones, and how many. */
  groups(filter?: RowFilter): readonly { readonly band: PriorityBand; readonly count: number }[];
  /** A page of a band (all bands when undefined), worst first; without a filter only what is not suppressed. */
  rows(band: PriorityBand | undefined, offset: number, limit: number, filter?: RowFilter): readonly FindingRow[];
  get(id: string): TriagedFinding | undefined;
  /** Findings located in a file, for diagnostics; at most `limit`. */
  inFile(path: string, limit: number): readonly TriagedFinding[];
  /** Files that have located findings. */
  files(): readonly string[];
  onDidChange(listener: () => void): () => void;
}

export interface RunsView {
  all(): readonly PatchRun[];
  forFinding(findingId: string): PatchRun | undefined;
  /** Damage found in the log when it was last read. */
  problems(): readonly LogVerdict[];
  onDidChange(listener: () => void): () => void;
}
