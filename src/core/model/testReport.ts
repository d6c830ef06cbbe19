import type { Outcome } from './outcome';

/** `error`: the test could not be carried out (JUnit `<error>`). */
export type TestStatus = 'passed' | 'failed' | 'error' | 'skipped';

export interface TestCase {
  /** Suites from the outside in, joined by ` › `; empty where there is none. */
  readonly suite: string;
  readonly name: string;
  /** Workspace path, where the report names one. */
  readonly file?: string;
  readonly status: TestStatus;
  readonly seconds?: number;
  /** First lines of what it said, hostile. */
  readonly message?: string;
  /** True: it failed first and passed when it was run again (Surefire `flakyFailure`, the same name twice, a later attempt). */
  readonly flaky?: boolean;
}

/** What the test runs of one commit say together. */
export interface TestReport {
  readonly commit: string;
  /** Names of the documents it was read from. */
  readonly sources: readonly string[];
  readonly cases: readonly TestCase[];
}

/** A test named for people: `suite › name`. */
export type TestName = string;

/** The report of the patch beside the report of its base. */
export interface TestComparison {
  readonly commit: string;
  readonly base?: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Passed on the base, fails with the patch: blocks. */
  readonly broken: readonly TestName[];
  /** Fails with the patch, and was not there or was skipped on the base: blocks. */
  readonly newlyFailing?: readonly TestName[];
  /** Failed on the base, passes with the patch. */
  readonly fixed: readonly TestName[];
  /** Fails on both sides: not the patch's doing, and said. */
  readonly failingBefore: readonly TestName[];
  readonly added: readonly TestName[];
  /** Ran on the base and is not in the patch's report. */
  readonly lost: readonly TestName[];
  /** Ran on the base and is skipped now. */
  readonly newlySkipped: readonly TestName[];
  readonly flaky: readonly TestName[];
  /** Slower beyond the noise; seconds. */
  readonly slower: readonly { readonly name: TestName; readonly before: number; readonly after: number }[];
  /** How many there are of each list; the lists themselves are cut at a length that fits a log entry. */
  readonly counts?: {
    readonly broken: number;
    readonly newlyFailing: number;
    readonly fixed: number;
    readonly failingBefore: number;
    readonly added: number;
    readonly lost: number;
    readonly newlySkipped: number;
    readonly flaky: number;
    readonly slower: number;
  };
  /** The patch's own regression test in this report. */
  readonly regression: 'passed' | 'failed' | 'skipped' | 'missing' | 'none';
  /**
   * failed: tests that are broken or newly fail, or the regression test did not pass; error: no report, or nothing ran in it;
   * inconclusive: no base, or tests that ran on it do not run with the patch.
   */
  readonly outcome: Outcome;
  /** One sentence for people. */
  readonly summary: string;
}

/** Which parts of a file the tests ran, all processes together. */
export interface FileCoverage {
  /** Workspace path. */
  readonly path: string;
  /** Length of the source as it ran, in UTF-16 units without a byte order mark: another one is another text. */
  readonly length: number;
  /** What ran: offsets from … to (exclusive) in that source, in order, never touching. */
  readonly ran: readonly (readonly [from: number, to: number])[];
}

/** What was seen of one commit's code while its tests ran. A file that is not in it was not loaded. */
export interface TestCoverage {
  readonly files: readonly FileCoverage[];
  /** Code that was made of other files ran too (a build, a source map): a file that is not in it may have run in another form. */
  readonly transformed: boolean;
}
