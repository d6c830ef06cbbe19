import type { Sha256 } from '../log/digest';
import type { Finding, Rejection } from '../model/finding';
import type { ReadReport } from '../ports';
import { keepKnownIds } from '../findings/knownIds';
import { mergeSteps } from '../findings/merge';
import { stillOpen } from '../findings/stillOpen';
import { eachStep } from '../steps';
import type { Steps } from '../steps';

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
 * closes nothing: what it has is added to what was known of it; a narrower one closes only in the files it scanned, one of
 * another tool nothing (see stillOpen). Nor does a report that could not be read at all.
 *
 * @param forget - names of reports that are no longer there; their findings leave the list without counting as closed
 * @param firstSeen - when each id was first seen, by earlier sessions too: a finding that has such an id keeps it
 * @param sha256 - the host's own, where there is one
 */
export function* importSteps(
  before: Detection,
  imported: readonly ImportedReport[],
  rejected: readonly Rejection[],
  forget: readonly string[] = [],
  firstSeen: ReadonlyMap<string, string> = new Map(),
  sha256?: Sha256,
): Steps<DetectionChange> {
  const reports = new Map(before.reports);
  for (const name of forget) reports.delete(name);
  for (const { name, report } of imported) {
    const known = before.reports.get(name);
    const open = known === undefined ? [] : stillOpen(known, report);
    reports.set(name, open.length > 0 ? { ...report, findings: yield* mergeSteps([...open, ...report.findings]) } : report);
  }
  const known = yield* idsOf(before.findings);
  const merged = yield* mergeSteps([...reports.values()].flatMap((report) => report.findings));
  // Where nothing was ever seen there is no id to keep, and to look for one takes longer than all else here.
  const isFirst = known.size === 0 && firstSeen.size === 0;
  const seen = (id: string): string | undefined => firstSeen.get(id) ?? (known.has(id) ? '' : undefined);
  const findings = isFirst ? merged : yield* keepKnownIds(merged, seen, sha256);
  const ids = yield* idsOf(findings);
  const forgotten = yield* idsOf(forget.flatMap((name) => before.reports.get(name)?.findings ?? []));
  const added: string[] = [];
  yield* eachStep(ids, (id) => known.has(id) || added.push(id));
  const closed: string[] = [];
  yield* eachStep(known, (id) => ids.has(id) || forgotten.has(id) || closed.push(id));
  const touched = new Set(imported.map(({ name }) => name));
  return {
    detection: {
      reports,
      findings,
      rejected: [...before.rejected.filter((r) => !touched.has(r.file) && !rejected.some((n) => n.file === r.file)), ...rejected],
    },
    added,
    closed,
    unchanged: ids.size - added.length,
  };
}

function* idsOf(findings: readonly Finding[]): Steps<Set<string>> {
  const ids = new Set<string>();
  yield* eachStep(findings, (finding) => ids.add(finding.id));
  return ids;
}
