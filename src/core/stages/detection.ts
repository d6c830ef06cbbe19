import type { Finding, Rejection } from '../model/finding';
import type { ReadReport } from '../ports';
import { mergeFindings } from '../findings/merge';

/** A report with its findings identified (ids given), under the name it was imported by. */
export interface ImportedReport {
  readonly name: string;
  readonly report: ReadReport;
}

/** What is known of all reports together. Immutable: an import gives a new one. */
export interface Detection {
  readonly reports: ReadonlyMap<string, ReadReport>;
  readonly findings: readonly Finding[];
  readonly rejected: readonly Rejection[];
}

export const noDetection: Detection = { reports: new Map(), findings: [], rejected: [] };

/** How an import changed what is known, by finding id. */
export interface DetectionChange {
  readonly detection: Detection;
  readonly added: readonly string[];
  /** Findings that a complete, newer report of the same name no longer has. */
  readonly closed: readonly string[];
  readonly unchanged: number;
}

/**
 * Takes newly read reports in: each replaces what the same file gave before. A report that says its scan did not succeed
 * closes nothing: what it has is added to what was known of it. Nor does a report that could not be read at all.
 *
 * @param forget - names of reports that are no longer there; their findings leave the list without counting as closed
 */
export function importInto(
  before: Detection,
  imported: readonly ImportedReport[],
  rejected: readonly Rejection[],
  forget: readonly string[] = [],
): DetectionChange {
  const reports = new Map(before.reports);
  for (const name of forget) reports.delete(name);
  for (const { name, report } of imported) {
    const known = before.reports.get(name);
    const keeps = !report.complete && known !== undefined;
    reports.set(name, keeps ? { ...report, findings: mergeFindings([...known.findings, ...report.findings]) } : report);
  }
  const findings = mergeFindings([...reports.values()].flatMap((report) => report.findings));
  const ids = new Set(findings.map((finding) => finding.id));
  const known = new Set(before.findings.map((finding) => finding.id));
  const forgotten = new Set(forget.flatMap((name) => before.reports.get(name)?.findings.map((finding) => finding.id) ?? []));
  const touched = new Set(imported.map(({ name }) => name));
  return {
    detection: {
      reports,
      findings,
      rejected: [...before.rejected.filter((r) => !touched.has(r.file) && !rejected.some((n) => n.file === r.file)), ...rejected],
    },
    added: [...ids].filter((id) => !known.has(id)),
    closed: [...known].filter((id) => !ids.has(id) && !forgotten.has(id)),
    unchanged: [...ids].filter((id) => known.has(id)).length,
  };
}
