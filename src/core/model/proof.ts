import type { Evidence } from './evidence';
import type { Outcome } from './outcome';

/**
 * red: the test fails on the base for the expected reason; green: the same bytes pass with the fix; repeat: and again;
 * suite: the project's own tests are not worse; gone: the finding is no longer there; clean: the patch touches no test, CI,
 * scanner configuration and adds no suppression; parse: what was changed still parses.
 */
export type ProofCheckId = 'clean' | 'parse' | 'red' | 'green' | 'repeat' | 'suite' | 'gone';

export interface ProofCheck {
  readonly id: ProofCheckId;
  readonly title: string;
  readonly outcome: Outcome;
  /** What was seen, in one or two sentences. */
  readonly detail: string;
  readonly evidence: readonly Evidence[];
  /** Milliseconds. */
  readonly duration: number;
}

export interface Proof {
  readonly findingId: string;
  /** SHA-256 of the patch's unified diff: the proof holds for exactly this. */
  readonly patchDigest: string;
  readonly testDigest: string;
  /** Commit that served as the base. */
  readonly base: string;
  /** failed if any check failed; else error if any could not be made; else inconclusive if any was; else successful. */
  readonly outcome: Outcome;
  /** True when what was shown is weaker than behaviour (a version assertion): said wherever the proof is shown. */
  readonly weaker: boolean;
  readonly checks: readonly ProofCheck[];
}
