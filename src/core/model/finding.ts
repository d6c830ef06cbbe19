/**
 * A finding as every stage sees it: parsed at the edge from a scanner's report, vendor-neutral, readonly.
 * The words are SARIF's, OSV's and purl's wherever they have one.
 */

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';

/** Worst first; the index is the rank. */
export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

/**
 * A place in a workspace file. `path` is relative to the workspace root with forward slashes and never leads outside it.
 * Lines and columns are 1-based; columns count UTF-16 code units, `endColumn` is exclusive (SARIF 2.1.0 §3.30).
 */
export interface Location {
  readonly path: string;
  readonly startLine?: number;
  readonly startColumn?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  readonly snippet?: string;
  readonly message?: string;
}

/** The package a finding is about, in the manifest (or lock file) that brings it in. */
export interface PackageRef {
  /** Package URL with the installed version, e.g. `pkg:npm/lodash@4.17.15`. */
  readonly purl: string;
  /** purl type: `npm`, `pypi`, `maven`, … */
  readonly ecosystem: string;
  /** The name as the ecosystem writes it, e.g. `@hono/node-server`. */
  readonly name: string;
  readonly version?: string;
  /** Workspace path of the manifest that declares it, e.g. `package.json`. */
  readonly manifest: string;
  /** Versions the report says are fixed: a hint, never the last word. */
  readonly fixedVersions: readonly string[];
  /** The vulnerable range as the advisory writes it, e.g. `<4.17.21`. */
  readonly vulnerableRange?: string;
  /** True when the workspace's manifest declares it itself; undefined where the report does not say. */
  readonly direct?: boolean;
  /** Parents through which a transitive package arrives, nearest first. */
  readonly via?: readonly string[];
}

/** A CVSS vector with the base score computed from it (never the vendor's rounded number alone). */
export interface CvssScore {
  readonly vector: string;
  readonly version: '2.0' | '3.0' | '3.1' | '4.0';
  readonly score: number;
}

/** One result of one report that was merged into the finding: where exactly it stands. */
export interface Witness {
  readonly scanner: string;
  /** The report's path or name as imported. */
  readonly file: string;
  readonly ruleId: string;
  /** 0-based position of the result among the report's results, over all its runs. */
  readonly index: number;
}

/** One replacement that a scanner proposes; the region is in the file as the scanner saw it. */
export interface SuggestedReplacement {
  readonly path: string;
  /** Either a line/column region … */
  readonly region?: Omit<Location, 'path'>;
  /** … or UTF-16 offsets (SARIF charOffset/charLength). */
  readonly charOffset?: number;
  readonly charLength?: number;
  /** … or byte offsets (SARIF byteOffset/byteLength; Semgrep's `offset`s are bytes of UTF-8). */
  readonly byteOffset?: number;
  readonly byteLength?: number;
  readonly text: string;
}

/** A fix the scanner itself brings (SARIF `fixes`, Semgrep `fix` and `fix_regex`). */
export interface SuggestedFix {
  readonly description?: string;
  readonly replacements: readonly SuggestedReplacement[];
  /** Semgrep's `fix_regex`: applied within the finding's region. `count` 0 or absent means all. */
  readonly regex?: { readonly pattern: string; readonly replacement: string; readonly count?: number };
  /** The text the scanner saw at the finding's place; when it no longer stands there the file drifted. */
  readonly expectedText?: string;
}

/** A step of a path through the code (SARIF codeFlows → threadFlows → locations). */
export type CodeFlow = readonly Location[];

export interface Suppression {
  readonly kind: string;
  readonly status?: string;
  readonly justification?: string;
}

export type FindingKind = 'code' | 'dependency' | 'secret' | 'dynamic' | 'other';

export interface Finding {
  /** Stable across runs and machines: see core/findings/identity. */
  readonly id: string;
  /** Ids that parts of a merged or moved finding have or had of their own, sorted: decisions about them follow. */
  readonly formerIds?: readonly string[];
  readonly kind: FindingKind;
  /** The first witness's scanner, e.g. `ESLint`, `npm audit`, `Semgrep`. */
  readonly scanner: string;
  readonly ruleId: string;
  readonly title: string;
  /** Plain text or Markdown from the report: hostile, render only sanitised. */
  readonly description?: string;
  readonly severity: Severity;
  readonly locations: readonly Location[];
  readonly codeFlows?: readonly CodeFlow[];
  readonly package?: PackageRef;
  /** Advisory ids of the same vulnerability as they are published (CVE in upper case, GHSA- and lower case), sorted. */
  readonly aliases: readonly string[];
  /** `CWE-78` form, sorted. */
  readonly cwe: readonly string[];
  readonly cvss?: CvssScore;
  /** https links only. */
  readonly references: readonly string[];
  readonly suppressed: boolean;
  readonly suppressions?: readonly Suppression[];
  /** SARIF baselineState: new, unchanged, updated. `absent` results are never imported as open. */
  readonly baselineState?: 'new' | 'unchanged' | 'updated' | 'absent';
  readonly component?: string;
  readonly reproduction?: string;
  readonly suggestedFix?: SuggestedFix;
  readonly introducedBy?: { readonly commit: string; readonly how: string };
  /** Tool fingerprints (SARIF partialFingerprints / fingerprints), used by identity. */
  readonly fingerprints?: Readonly<Record<string, string>>;
  readonly witnesses: readonly Witness[];
  /**
   * Where the result stands in a large report (absolute path, bytes) whose heavy detail (code flows, properties, the whole
   * message) was left out on import; it is read from there when a person opens the finding.
   */
  readonly detail?: { readonly file: string; readonly offset: number; readonly length: number };
  /** Vendor fields that have no place above, so that nothing is lost. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Part of a report that could not become a finding: which file, where in it (JSON path), why. */
export interface Rejection {
  readonly file: string;
  readonly path: string;
  readonly reason: string;
}
