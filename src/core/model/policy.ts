import type { Severity } from './finding';

/** The team's policy as it stands in `.patchline.json`; every field optional, sensible without any. */
export interface Policy {
  /** Days from first detection to the due date, by severity. */
  readonly slaDays?: Readonly<Partial<Record<Severity, number>>>;
  /** Findings under these globs are worth more (or less): points are added to the priority, with the reason shown. */
  readonly components?: readonly {
    readonly name: string;
    readonly paths: readonly string[];
    readonly points: number;
    readonly owners?: readonly string[];
  }[];
  /** Rule ids (exact or with `*`) that are not shown, with the reason. Never hides silently: they count as suppressed. */
  readonly ignore?: readonly {
    readonly rule: string;
    readonly paths?: readonly string[];
    readonly reason: string;
    readonly until?: string;
  }[];
  readonly test?: { readonly framework?: string; readonly folder?: string; readonly suite?: readonly string[] };
  readonly forge?: {
    readonly provider?: string;
    readonly repository?: string;
    readonly baseBranch?: string;
    readonly branchPrefix?: string;
  };
}
