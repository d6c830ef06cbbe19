/** A generated test that must fail before the fix for the stated reason, and pass after it. */
export interface RegressionTest {
  readonly findingId: string;
  /** Registry id: `node-test`, `mocha`, `jest`, `vitest`. */
  readonly framework: string;
  /** Workspace path where it is placed. */
  readonly path: string;
  readonly text: string;
  /** Program and arguments that run this file alone; no shell. */
  readonly command: readonly string[];
  /** Workspace folder that the command is run in; without it the workspace root. */
  readonly folder?: string;
  /**
   * behaviour: attacks the code and looks at the effect; version: asserts which versions are installed (weaker, labelled so);
   * skeleton: a person must complete one marked line, pending until then.
   */
  readonly strength: 'behaviour' | 'version' | 'skeleton';
  /** Text that the failing run's output must contain for the red to count as red for the stated reason. */
  readonly expectedFailure: string;
  /** What the test shows, one sentence. */
  readonly claim: string;
}

export interface NoTest {
  readonly findingId: string;
  readonly noTest: string;
}
