import type { Evidence } from './evidence';
import type { Outcome } from './outcome';
import type { Stage } from './stage';

/** What a stage did in one attempt of one run. Immutable; a retry is a new attempt. */
export interface Step {
  readonly run: string;
  readonly stage: Stage;
  /** The part of the stage: `patch`, `test`, `proof`, `pull-request`, … */
  readonly name: string;
  /** 1-based. A later attempt supersedes the earlier one. */
  readonly attempt: number;
  readonly outcome: Outcome;
  /** One sentence for people. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  /** Facts for machines, JSON only. */
  readonly data?: Readonly<Record<string, unknown>>;
}
