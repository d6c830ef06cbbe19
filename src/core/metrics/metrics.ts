import type { Stage } from '../model/stage';

/** Milliseconds unless said otherwise; null where there is nothing to measure yet. */
export interface Metrics {
  /** ISO 8601 instants of the first and last log entry that counted. */
  readonly from: string | null;
  readonly to: string | null;
  readonly runs: number;
  /** Runs by how they ended or stand. */
  readonly ended: {
    readonly deployed: number;
    readonly rolledBack: number;
    readonly closed: number;
    readonly failed: number;
    readonly active: number;
  };
  /** Detection to deployed (the watch after 100 % is over). */
  readonly mttr: { readonly mean: number | null; readonly median: number | null; readonly count: number };
  readonly mttrBySeverity: readonly { readonly severity: string; readonly median: number; readonly count: number }[];
  /** Deployed of all that ended by being deployed or rolled back; 0 … 1. */
  readonly successRate: number | null;
  /** Time in each stage, over the runs that left it. */
  readonly stages: readonly {
    readonly stage: Stage;
    readonly median: number | null;
    readonly mean: number | null;
    readonly count: number;
  }[];
  /** The stage with the greatest share of the time of all runs; 0 … 1. */
  readonly bottleneck: { readonly stage: Stage; readonly share: number } | null;
  readonly testPassRate: number | null;
  /** Changed lines that tests executed, of those measured; 0 … 1. Null: no coverage was reported. */
  readonly changedLineCoverage: number | null;
  /** One a run at most: what first went wrong in production. */
  readonly incidents: readonly { readonly run: string; readonly findingId: string; readonly at: string; readonly what: string }[];
  /** One point a week (ISO week's Monday, UTC) from the first to the last in which a run ended, at most 260: deployed and rolled back, and the median time to repair. */
  readonly weeks: readonly {
    readonly monday: string;
    readonly deployed: number;
    readonly rolledBack: number;
    readonly mttr: number | null;
  }[];
}
