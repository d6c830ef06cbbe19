import type { RiskClass } from './approval';
import type { MetricSpec } from './analysis';
import type { Severity } from './finding';
import type { RolloutStrategy } from './rolloutStrategy';

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
  /** Licences and packages that the team has looked at and allows. */
  readonly licences?: readonly LicencePermission[];
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
  /** Where the checks of a pull request run, and what the local provider runs. */
  readonly ci?: {
    readonly provider?: string;
    /** Checks that must pass, by name, beside those the forge requires. */
    readonly required?: readonly string[];
    /** For `local`; without it the package's build, test and lint scripts. `junit`: files the job writes, relative, globs. */
    readonly jobs?: readonly {
      readonly name: string;
      readonly command: readonly string[];
      readonly junit?: readonly string[];
      readonly timeoutSeconds?: number;
    }[];
  };
  /** How the artifact is made: a command that prints nothing that matters and leaves `output`; default `npm pack`, or `git archive` of what has no version. */
  readonly build?: { readonly command?: readonly string[]; readonly output?: string; readonly registry?: string };
  readonly approval?: {
    readonly provider?: string;
    /** People needed by risk; default low 1, medium 1, high 2. */
    readonly people?: Readonly<Partial<Record<RiskClass, number>>>;
    readonly from?: readonly string[];
    /** A low-risk patch with full evidence may be approved by rule. */
    readonly byRule?: boolean;
    /** The author may approve alone, recorded as solo. */
    readonly solo?: boolean;
    /** Globs whose change is always high risk. */
    readonly sensitive?: readonly string[];
    /** Made-up identities that may sign off in a sample; always shown as such. */
    readonly demo?: readonly string[];
  };
  readonly rollout?: RolloutPolicy;
}

/** What a service's rollout goes by; a repository may hold several services. */
export interface RolloutPolicy {
  readonly services: readonly ServicePolicy[];
  /** Rollouts start and go on only inside one of these, where any are given. */
  readonly windows?: readonly MaintenanceWindow[];
  /** No rollout starts or goes on; a way back always may. */
  readonly freezes?: readonly FreezePeriod[];
}

export interface MaintenanceWindow {
  readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
  /** `HH:MM`; `to` before `from` runs over midnight. */
  readonly from: string;
  readonly to: string;
  /** IANA name, `Europe/Berlin`. */
  readonly zone: string;
}

export interface FreezePeriod {
  /** `YYYY-MM-DDTHH:MM`, local to `zone`. */
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly reason: string;
}

export interface ServicePolicy {
  readonly name: string;
  readonly environment?: string;
  /** Registry id: `command`, `github-deployments`. */
  readonly provider: string;
  readonly strategy: RolloutStrategy;
  /** Globs of files that belong to it; a patch that touches one rolls it out. Default: every file. */
  readonly paths?: readonly string[];
  /** Services that must be rolled out before this one. */
  readonly after?: readonly string[];
  /** For `command`: the team's own programs, no shell. Environment: PATCHLINE_STEP, PATCHLINE_WEIGHT, PATCHLINE_DIGEST, … */
  readonly commands?: {
    readonly step: readonly string[];
    readonly rollback: readonly string[];
    readonly promote?: readonly string[];
    /** Exercises the way back without touching the traffic. */
    readonly rehearse?: readonly string[];
    /** Prints JSON `{"weight": 10, "digest": "…", "healthy": true}`. */
    readonly status?: readonly string[];
    readonly timeoutSeconds?: number;
  };
  readonly metrics: readonly MetricSpec[];
  readonly lookSeconds?: number;
  readonly warmUpSeconds?: number;
  /** Seconds that the metrics are watched after 100 %. */
  readonly watchSeconds?: number;
}

/** With both a licence and a package: only this package, and only under this licence. One of the two is always there. */
export interface LicencePermission {
  /** SPDX id or expression, in any case of letters. */
  readonly licence?: string;
  /** Name of the package, without its version. */
  readonly package?: string;
  readonly reason: string;
  /** Last day it holds, YYYY-MM-DD. */
  readonly until?: string;
}
