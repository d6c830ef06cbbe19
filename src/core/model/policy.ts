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
  /**
   * How the proof runs a scanner again, by the name its report carries (`ESLint`): program and arguments, no shell, run in the
   * workspace folder of a clean worktree; the report is what it writes to stdout. `format` is a report reader's id.
   */
  readonly rescan?: Readonly<Record<string, { readonly command: readonly string[]; readonly format: string }>>;
  readonly forge?: {
    readonly provider?: string;
    readonly repository?: string;
    readonly baseBranch?: string;
    readonly branchPrefix?: string;
  };
}
