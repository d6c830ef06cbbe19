import type { Outcome } from './outcome';

/**
 * How a check stands. `neutral` and `skipped` pass; `stale`, `cancelled`, `timed-out` and `action-required` do not
 * (docs.github.com/pull-requests: about status checks).
 */
export type CheckState =
  | 'queued'
  | 'running'
  | 'successful'
  | 'failed'
  | 'timed-out'
  | 'cancelled'
  | 'action-required'
  | 'stale'
  | 'neutral'
  | 'skipped';

/** One check of a commit: a check run, a commit status or a job; the latest attempt of it. */
export interface CiCheck {
  /** The provider's, such that log and re-run find it again. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'check-run' | 'status' | 'job';
  readonly state: CheckState;
  /** 1-based; above 1 it was run again. */
  readonly attempt: number;
  /** Absent where the provider does not say. */
  readonly required?: boolean;
  /** ISO 8601. */
  readonly startedAt?: string;
  readonly completedAt?: string;
  /** https link to the provider's own page. */
  readonly url?: string;
  /** One line for people, hostile. */
  readonly summary?: string;
  readonly hasLog: boolean;
}

/** All checks of one commit as they stood at one instant. */
export interface CiReport {
  /** Registry id. */
  readonly provider: string;
  readonly commit: string;
  readonly checks: readonly CiCheck[];
  /** Checks that must pass but that nobody has reported yet: they wait, they are never green. */
  readonly missing: readonly string[];
  /** ISO 8601 instant at which it was read. */
  readonly readAt: string;
  /** waiting while one runs or is missing; failed; error where it could not be read or no check exists at all; successful. */
  readonly outcome: Outcome;
  /** What the provider could not tell, or says about the pull request beside its checks; for people. */
  readonly notes?: readonly string[];
}
