import * as v from 'valibot';
import { cleanLine } from '../../core/findings/cleanText';
import type { DraftFinding } from '../../core/findings/draft';
import type { Rejection } from '../../core/model/finding';

/** A field that may be missing or of another type without costing the result. */
const text = v.fallback(v.optional(v.string()), undefined);
const texts = v.fallback(v.optional(v.array(v.string())), undefined);
const position = v.object({
  line: v.pipe(v.number(), v.integer(), v.minValue(1)),
  col: v.pipe(v.number(), v.integer(), v.minValue(1)),
  offset: v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined),
});

const foundDependency = v.object({
  package: v.pipe(v.string(), v.minLength(1)),
  version: text,
  ecosystem: v.string(),
  transitivity: text,
  manifest_path: text,
  lockfile_path: text,
});
const scaInfo = v.object({
  reachable: v.fallback(v.optional(v.boolean()), undefined),
  dependency_match: v.object({
    dependency_pattern: v.fallback(v.optional(v.object({ semver_range: text })), undefined),
    found_dependency: foundDependency,
    lockfile: text,
  }),
});

/** `cli_match` of semgrep_output_v1: what `semgrep scan --json` writes for each result. Columns and offsets count bytes. */
export const semgrepResult = v.object({
  check_id: v.pipe(v.string(), v.minLength(1)),
  path: v.string(),
  start: position,
  end: position,
  extra: v.object({
    message: v.fallback(v.string(), ''),
    severity: text,
    lines: text,
    fingerprint: text,
    fix: text,
    fix_regex: v.fallback(
      v.optional(
        v.object({
          regex: v.string(),
          replacement: v.string(),
          count: v.fallback(v.optional(v.pipe(v.number(), v.integer())), undefined),
        }),
      ),
      undefined,
    ),
    is_ignored: v.fallback(v.optional(v.boolean()), undefined),
    engine_kind: v.optional(v.unknown()),
    validation_state: text,
    metadata: v.fallback(v.record(v.string(), v.unknown()), {}),
    sca_info: v.optional(v.nullable(scaInfo)),
    dataflow_trace: v.optional(v.unknown()),
  }),
});
export type SemgrepResult = v.InferOutput<typeof semgrepResult>;
export type SemgrepScaInfo = v.InferOutput<typeof scaInfo>;

/** `cli_error`; `type` is a word or a list that begins with one. */
export const semgrepError = v.object({
  level: text,
  message: text,
  path: text,
  type: v.optional(v.unknown()),
  rule_id: text,
});

export const semgrepRoot = v.object({
  results: v.array(v.unknown()),
  errors: v.fallback(v.optional(v.array(v.unknown())), undefined),
  paths: v.fallback(v.optional(v.object({ scanned: texts })), undefined),
  version: text,
});

/** The first thing that is not as the format has it: `start.line: Invalid type: …`. */
export function firstIssue(issues: readonly v.BaseIssue<unknown>[]): string {
  const [issue] = issues;
  if (issue === undefined) return 'is not as Semgrep writes it';
  const where = v.getDotPath(issue);
  return where === null ? issue.message : `${where}: ${issue.message}`;
}

/** The list of a member that may be one text, a list of anything, or missing: only the texts. */
export function textsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value.slice(0, 100) : [value]).filter((one) => typeof one === 'string');
}

/** A finding, and why its place could not be taken, if it could not. */
export interface Draft {
  readonly draft: DraftFinding;
  readonly lost?: string;
}

/** Says that a finding was imported without the place that `path` (in the report) names. */
export function lostPlace(file: string, path: string, reason: string): Rejection {
  return { file, path, reason: cleanLine(`The finding is kept without this place: ${reason}.`) };
}
