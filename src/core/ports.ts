import type { Actor } from './model/actor';
import type { MetricSource, MetricSpec, Sample } from './model/analysis';
import type { Approval } from './model/approval';
import type { Artifact, Reproducibility, ResourceDescriptor } from './model/artifact';
import type { CiReport } from './model/ci';
import type { Evidence } from './model/evidence';
import type { Finding, Rejection } from './model/finding';
import type { LogEntry, LogVerdict, ReadEntry } from './model/logEntry';
import type { FixerTrust, NoFix, Patch } from './model/patch';
import type { Policy, ServicePolicy } from './model/policy';
import type { Proof } from './model/proof';
import type { PullRequest } from './model/pullRequest';
import type { NoTest, RegressionTest } from './model/regressionTest';
import type { RolloutAction, RolloutAnswer, RolloutCall, RolloutPlan } from './model/rollout';
import type { TestCoverage } from './model/testReport';

/** What we ask of the world: one narrow interface per kind. All paths are workspace-relative with forward slashes. */

/** What every adapter of the registry says of itself; `patchline providers` prints these. */
export interface Provider {
  /** Kebab-case, as it stands in settings. */
  readonly id: string;
  readonly displayName: string;
  /** Where the vendor or format is described. */
  readonly url: string;
  readonly capabilities: readonly string[];
}

/** Progress of something long. `fraction` 0 … 1 where it is known. */
export type OnProgress = (message: string, fraction?: number) => void;

export interface Task {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** The person's files, reading only. */
export interface Workspace {
  /** Absolute path of the root folder. */
  readonly root: string;
  /** Undefined when there is no such file. @throws HumanError when the path leads outside the workspace (links included). */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Strict UTF-8 with a BOM kept as U+FEFF, so that writing the text back gives the same bytes. @throws HumanError when it is not UTF-8. */
  readText(path: string): Promise<string | undefined>;
  /**
   * Files matching the globs, without node_modules, .git and what .gitignore names where that is cheap; sorted. Scanner
   * reports are often git-ignored, so who looks for them asks for ignored files as well.
   */
  list(globs: readonly string[], task?: Task & { readonly includeIgnored?: boolean }): Promise<readonly string[]>;
}

/** A report to read: a file on disk, or bytes that were dropped on the tree. */
export interface ReportFile {
  /** As shown to people and kept in witnesses: the workspace path where it lies inside, else the given path. */
  readonly name: string;
  readonly size: number;
  /** Absolute path where it is a file. */
  readonly fsPath?: string;
  readonly bytes?: Uint8Array;
}

export interface ReadReport {
  /** Registry id of the reader that took it. */
  readonly format: string;
  readonly scanner: string;
  readonly findings: readonly Finding[];
  readonly rejected: readonly Rejection[];
  /** Results seen in the file, whether they became findings or not. */
  readonly results: number;
  /** Results that say there is no problem or it is gone, and rejections beyond those in `rejected`; 0 where absent. */
  readonly passedOver?: number;
  readonly unlisted?: number;
  /** Things to say about the report as a whole ("12 results with baselineState absent were not imported"). */
  readonly notes: readonly string[];
  /** False when the report itself says the scan did not succeed: such a report closes nothing. */
  readonly complete: boolean;
  /** Workspace paths that were scanned, where the report lists them: findings in other files are not closed by it. */
  readonly scope?: readonly string[];
}

/** One scanner report format. */
export interface ReportReader extends Provider {
  /** By content: `head` is the first 64 KiB decoded; `name` only where content cannot tell. */
  recognises(head: string, name: string): boolean;
  /** @throws HumanError naming file and place when the report as a whole cannot be read. */
  read(file: ReportFile, workspaceRoot: string, task?: Task): Promise<ReadReport>;
}

/** Where reports come from and how they are read. */
export interface ReportSource {
  /** Reports that the globs find in the workspace, and those imported earlier from elsewhere. */
  discover(task?: Task): Promise<readonly ReportFile[]>;
  /** Reads each by its format; findings carry their ids. A report that cannot be read is a rejection and harms no other. */
  read(
    files: readonly ReportFile[],
    task?: Task & { readonly format?: string },
  ): Promise<{
    readonly reports: readonly { readonly name: string; readonly report: ReadReport }[];
    readonly rejected: readonly Rejection[];
  }>;
  /** The whole finding, where its report is so large that not all of it was kept. @throws HumanError when the report is gone or changed. */
  detail(finding: Finding): Promise<Finding>;
  /** Keeps a copy of a report from outside the workspace (dropped, or chosen elsewhere), so that it is found again. */
  keep(file: ReportFile): Promise<ReportFile>;
}

export interface FixContext extends Task {
  readonly workspace: Workspace;
  /** Every known open finding: a dependency fix must be clean of all advisories of the package, not only the one asked for. */
  readonly findings: readonly Finding[];
}

export interface Fixer extends Provider {
  readonly trust: FixerTrust;
  /** True when this fixer has anything to say about such a finding; cheap, no IO. */
  accepts(finding: Finding): boolean;
  propose(finding: Finding, context: FixContext): Promise<Patch | NoFix>;
}

export interface TestContext extends Task {
  readonly workspace: Workspace;
  readonly policy: Policy;
  /** The fix, when it is known: a version test asserts the fixed version. */
  readonly patch?: Patch;
  /** Every known open finding: a version test asserts that no advisory of the package is left. */
  readonly findings?: readonly Finding[];
}

/** Writes the regression test for a finding, in the framework and at the place the project uses. */
export interface TestWriter {
  write(finding: Finding, context: TestContext): Promise<RegressionTest | NoTest>;
}

/** One test framework: recognised from the project, renders a plan, knows how one file is run. */
export interface TestFramework extends Provider {
  /** 0: the project does not use it; else how sure, higher wins. */
  detect(project: ProjectFacts): number;
  render(
    plan: TestPlan,
    project: ProjectFacts,
  ): { readonly path: string; readonly text: string; readonly command: readonly string[] };
}

/** How the finding's package is tested and written; gathered once. All paths, plans' too, are relative to that package's folder. */
export interface ProjectFacts {
  readonly packageJson: Readonly<Record<string, unknown>>;
  /** Existing test files. */
  readonly testFiles: readonly string[];
  /** Text of one existing test, for quotes, indent and module style. */
  readonly example?: { readonly path: string; readonly text: string };
  readonly moduleKind: 'esm' | 'cjs';
  readonly typescript: boolean;
  /** Folder and name pattern from the policy or from what is there. */
  readonly folder?: string;
}

/** A test independent of framework: statements as JavaScript text, in the module kind of the project. */
export interface TestPlan {
  readonly findingId: string;
  readonly title: string;
  /** File stem, e.g. `diagnostics.command-injection`. */
  readonly stem: string;
  /** Comment above the test: what is shown and for which finding. */
  readonly comment: string;
  /** Modules to bring in: local name(s) → specifier relative to the package's folder (`./src/x.js`) or a package. */
  readonly imports: readonly { readonly names: string; readonly from: string }[];
  /** Declarations that the cases share, placed between the imports and the cases. */
  readonly support?: readonly string[];
  /**
   * Each becomes one test case. `body` is the body of an async function; `assert` is node:assert/strict. A pending case is the
   * framework's own todo: shown, never green.
   */
  readonly cases: readonly { readonly name: string; readonly body: string; readonly pending?: boolean }[];
}

/** Proves a patch in clean worktrees (core/proof holds the rules). */
export interface Prover {
  prove(finding: Finding, patch: Patch, test: RegressionTest, context: FixContext & { readonly policy: Policy }): Promise<Proof>;
}

export interface CommitRequest {
  readonly branch: string;
  /** Commit the branch starts from. */
  readonly baseCommit: string;
  /** Path → text, null: the file goes; all other files stay as in the base. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message: string;
  /** Seconds since the epoch for author and committer; default: the base commit's time, so that the same request gives the same id. */
  readonly time?: number;
}

/** The repository the workspace lies in. Nothing here touches the work tree, the index or the checked-out branch. */
export interface SourceControl {
  /** Undefined when the workspace is in no git repository or has no commit yet. */
  head(): Promise<{ readonly commit: string; readonly branch: string | undefined } | undefined>;
  /** Branch + commit; the same request twice gives the same commit and no second one. */
  commit(request: CommitRequest, task?: Task): Promise<{ readonly commit: string }>;
  /** Text of a file at a commit; undefined when it is not there. */
  show(commit: string, path: string): Promise<string | undefined>;
  /** git tree id of a commit; undefined when the commit is not in this repository. */
  tree(commit: string): Promise<string | undefined>;
  /** First parent of a commit; undefined for a first commit and for one that is not in this repository. */
  firstParent(commit: string): Promise<string | undefined>;
  /** Workspace paths that differ between two commits. */
  changedPaths(from: string, to: string): Promise<readonly string[]>;
  /** Subject lines of the commits after `from` up to `to`, newest first, at most `limit`. */
  subjects(from: string, to: string, limit: number): Promise<readonly { readonly commit: string; readonly subject: string }[]>;
  /** Workspace paths (of the given) that differ from HEAD in the work tree. */
  dirty(paths: readonly string[]): Promise<readonly string[]>;
}

export interface PullRequestRequest {
  readonly branch: string;
  readonly base: string;
  readonly headCommit: string;
  readonly baseCommit: string;
  readonly title: string;
  readonly body: string;
}

export interface Forge extends Provider {
  /** Pushes the branch and opens the PR, or brings the open one up to date. @throws HumanError: one merged this commit already. */
  openPullRequest(
    request: PullRequestRequest,
    task?: Task,
  ): Promise<{ readonly pullRequest: PullRequest; readonly created: boolean }>;
  readPullRequest(number: number, task?: Task): Promise<PullRequest | undefined>;
  /**
   * Merges the pull request if its head is still `headCommit`; merged already by us or another is as good. The merge commit is
   * then in the person's repository too (objects only; branch, index and files stay as they are).
   * @throws HumanError when the head moved, the forge's rules forbid it, or it conflicts.
   */
  merge(number: number, headCommit: string, task?: Task): Promise<{ readonly mergeCommit: string }>;
  /** Closes the pull request without merging it; closed already is as good. */
  close(number: number, task?: Task): Promise<void>;
  /** Commit that a branch of the forge stands at, fetched into the person's repository like a merge commit. */
  branchHead(branch: string, task?: Task): Promise<string | undefined>;
}

/** A pull request's commit as the second half of the way sees it. */
export interface Change {
  readonly run: string;
  readonly number: number;
  readonly branch: string;
  readonly base: string;
  readonly headCommit: string;
  readonly baseCommit: string;
  /** SHA-256 of the patch's diff together with its test: what approvals are bound to. */
  readonly diffHash: string;
}

/** Checks of a commit. */
export interface Ci extends Provider {
  /**
   * The checks as they stand, the latest attempt of each. A provider that runs them itself (`local`) begins them on the first
   * call for a commit and gives the same run's state afterwards; the same commit is never built twice unless asked to.
   */
  read(change: Change, task?: Task): Promise<CiReport>;
  /** Runs what failed (and only that, where the provider can) again as a new attempt. */
  rerunFailed(change: Change, task?: Task): Promise<void>;
  /** What a check printed so far. Undefined where there is no log. */
  log(change: Change, checkId: string, task?: Task): Promise<string | undefined>;
  /**
   * JUnit XML documents that the checks of a commit left: the head's, or the base's to compare with. Empty where none are. A
   * provider that runs them itself runs the base's now, once, and that takes its time. `attempt`: documents of one name are
   * attempts of one job, 1-based.
   */
  testDocuments(
    change: Change,
    side: 'head' | 'base',
    task?: Task,
  ): Promise<readonly { readonly name: string; readonly text: string; readonly attempt?: number }[]>;
  /**
   * Which parts of the code the tests of the head ran. Undefined where it was not measured; providers that cannot measure it do
   * not have the method.
   */
  coverage?(change: Change, task?: Task): Promise<TestCoverage | undefined>;
  /** Ends what it started for the commit; resolves when it is gone. A service's own runs are left alone. */
  cancel(change: Change): Promise<void>;
}

export interface BuiltArtifact {
  readonly name: string;
  readonly version: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly command: readonly string[];
  readonly tree: string;
  readonly dependencies: readonly ResourceDescriptor[];
  readonly builder: { readonly id: string; readonly version: Readonly<Record<string, string>> };
  /** ISO 8601. */
  readonly startedOn: string;
  readonly finishedOn: string;
  readonly reproducibility: Reproducibility;
  readonly log: string;
}

/** Builds a commit's artifact twice from clean work trees. */
export interface Builder {
  /** @throws HumanError naming the command and what it said when it fails. */
  build(commit: string, context: Task & { readonly policy: Policy }): Promise<BuiltArtifact>;
}

/** Where artifacts are kept, addressed by what they contain. */
export interface ArtifactRegistry extends Provider {
  /** Storing the same bytes again is as once. */
  store(
    artifact: Pick<BuiltArtifact, 'name' | 'version' | 'mediaType' | 'bytes'> & { readonly provenance: string },
    task?: Task,
  ): Promise<{ readonly uri: string }>;
  /** The bytes, checked against the digest; undefined when it is not there. @throws HumanError when it holds other bytes. */
  fetch(artifact: Pick<Artifact, 'uri' | 'digest'>, task?: Task): Promise<Uint8Array | undefined>;
}

/** Reviews of a change. What they mean is decided in core/approval. */
export interface Approvals extends Provider {
  read(change: Change, task?: Task): Promise<readonly Approval[]>;
  /** Who belongs to `@org/team`, as the reviews name people; undefined where it may not be read. Absent: it knows no teams. */
  teamMembers?(team: string, task?: Task): Promise<readonly string[] | undefined>;
  /** Gives the approval in the name of whoever is asking; where the provider has no such act (`github`: one's own review), it does it there. */
  approve(change: Change, approval: Omit<Approval, 'at'>, task?: Task): Promise<void>;
}

/** Carries out what core decided; every action is safe to be told twice. */
export interface RolloutProvider extends Provider {
  /** What forbids a start with this plan, each with what to do about it; empty when nothing does. */
  problems(plan: RolloutPlan, service: ServicePolicy, task?: Task): Promise<readonly string[]>;
  /**
   * Does it, or begins it where somebody else does the work (`underWay`), and is then told again until it is done: nothing waits
   * here for long. A rehearsal is never under way.
   *
   * @throws HumanError or VendorError when it did not happen, also when what was under way failed or took too long.
   */
  act(plan: RolloutPlan, service: ServicePolicy, action: RolloutAction, call: Task & RolloutCall): Promise<RolloutAnswer>;
  /** What it serves now; undefined where the provider cannot tell. */
  observe(
    plan: RolloutPlan,
    service: ServicePolicy,
    task?: Task,
  ): Promise<{ readonly weight?: number; readonly sha256?: string; readonly healthy?: boolean } | undefined>;
}

/** Reads metrics. Undefined means no data, which is never healthy. */
export interface Monitor extends Provider {
  /**
   * @param source - canary or baseline of the metric
   * @param window - ISO 8601; what happened in it is counted, except for a `cumulative` sample
   * @throws VendorError when it cannot be measured
   */
  sample(
    metric: MetricSpec,
    source: MetricSource,
    window: { readonly from: string; readonly to: string },
    task?: Task,
  ): Promise<Sample | undefined>;
}

/** Content-addressed store of what backs the claims. */
export interface EvidenceStore {
  put(name: string, mediaType: string, content: string | Uint8Array): Promise<Evidence>;
  /** Undefined when it is gone; content is checked against the digest. @throws HumanError when it does not match. */
  get(sha256: string): Promise<Uint8Array | undefined>;
}

export interface AppendRequest {
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  /** Personal data that belongs to the entry: kept in the payload beside the chain, digest in the entry. */
  readonly private?: Readonly<Record<string, unknown>>;
}

export interface RunLog {
  /** Resolves once the entry is on the disk (fsync). */
  append(request: AppendRequest): Promise<LogEntry>;
  /** All entries of all chains in time order, and what was recovered or is damaged. */
  read(): Promise<{ readonly entries: readonly ReadEntry[]; readonly problems: readonly LogVerdict[] }>;
  verify(anchors?: Readonly<Record<string, { readonly n: number; readonly hash: string }>>): Promise<readonly LogVerdict[]>;
  /** Fires after own appends and when another window or the terminal wrote; returns the unsubscriber. */
  onDidChange(listener: () => void): () => void;
  dispose(): void;
}

/** Who is working here. */
export interface Identity {
  current(): Promise<Actor>;
}

export type { Clock } from './clock';
export type { Lease, Leases } from './leases';
