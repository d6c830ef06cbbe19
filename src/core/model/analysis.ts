/** Where one side of a metric is read; the fields a monitor knows are its own business (see each adapter's doc). */
export type MetricSource = Readonly<Record<string, string>>;

/**
 * A metric of the policy. ratio: events of total (errors of requests), compared by counts; value: one number (a latency);
 * probe: does a health address answer well.
 */
export interface MetricSpec {
  /** Kebab-case, unique within the service. */
  readonly name: string;
  readonly title?: string;
  readonly kind: 'ratio' | 'value' | 'probe';
  /** Registry id of the monitor. */
  readonly provider: string;
  readonly canary: MetricSource;
  /** The old version over the same window; without it only the threshold speaks. */
  readonly baseline?: MetricSource;
  /** Ratio 0 … 1, or a value in its own unit; drawn in the chart. */
  readonly threshold?: { readonly max?: number; readonly min?: number };
  /** How much worse than the baseline is still fine: for a ratio in points of the ratio (0.01), for a value as a factor (1.25). */
  readonly tolerance?: number;
  /** Least `total` (ratio) or number of readings (value, probe) on each side before anything is said. Default 50, 3, 1. */
  readonly minSample?: number;
  /** Failed looks that are borne before the metric has failed: it fails when failed > failureLimit (Argo). Default 0. */
  readonly failureLimit?: number;
  /** Likewise for looks in a row that could not measure; default 4. */
  readonly consecutiveErrorLimit?: number;
  /** What a breach does: rollback (default), pause (a person decides), warn (is shown). */
  readonly onBreach?: 'rollback' | 'pause' | 'warn';
}

/** What a monitor read of one side. `cumulative`: counters since the process began, so that differences are taken from the log. */
export type Sample =
  | { readonly kind: 'ratio'; readonly events: number; readonly total: number; readonly cumulative: boolean }
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'probe'; readonly ok: boolean; readonly detail?: string };

/** One look at one metric. `undefined` sides gave no data; `problem` says why one of them could not be measured. */
export interface Reading {
  readonly metric: string;
  /** Rollout step it belongs to, 0-based; the watch after the rollout counts as one more step. */
  readonly step: number;
  /** ISO 8601; canary and baseline were read within the same window. */
  readonly at: string;
  readonly from: string;
  readonly canary?: Sample;
  readonly baseline?: Sample;
  readonly problem?: string;
}

/** Argo's AnalysisRun phases; `waiting`: too little traffic or too early, nothing is said yet. */
export type MetricPhase = 'successful' | 'failed' | 'error' | 'inconclusive' | 'waiting';

/** The verdict on one metric of one step. */
export interface MetricVerdict {
  readonly metric: string;
  readonly step: number;
  readonly phase: MetricPhase;
  /** One sentence with the numbers: `7 of 120 requests failed (5.8 %), baseline 2 of 118 (1.7 %), p = 0.004`. */
  readonly message: string;
  /** Of the step so far. For a ratio 0 … 1. */
  readonly canary?: number;
  readonly baseline?: number;
  /** Readings or requests behind it. */
  readonly sample?: { readonly canary: number; readonly baseline?: number };
}
