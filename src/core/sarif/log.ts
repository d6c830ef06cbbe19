import type { DraftFinding } from '../findings/draft';
import { HumanError } from '../errors';
import { asArray, asObject, asString } from './json';
import { readResult } from './result';
import { createRunContext, scannerName, tallyRun } from './runContext';
import type { ReadingPlace } from './runContext';

/** What a whole log gave besides its tally. */
export interface SarifFindings {
  /** The tools' names, joined. */
  readonly scanner: string;
  readonly findings: readonly DraftFinding[];
}

/**
 * Reads a parsed SARIF log (§3.13): every run, every result. One result that cannot be read is a rejection in the tally and
 * the rest survives.
 * @throws HumanError when the document is no SARIF 2.1.0 log.
 */
export function readSarifLog(document: unknown, place: ReadingPlace): SarifFindings {
  const log = asObject(document);
  if (log === undefined) throw new HumanError(`${place.file}: not a SARIF log: the document is not a JSON object.`);
  checkVersion(log['version'], place.file);
  checkRuns(Object.hasOwn(log, 'runs') ? log['runs'] : undefined, place);
  const findings: DraftFinding[] = [];
  const scanners = new Set<string>();
  asArray(log['runs']).forEach((value, number) => {
    const run = asObject(value);
    if (run === undefined) {
      place.tally.reject(`runs[${number}]`, 'the run is not an object');
      return;
    }
    scanners.add(scannerName(run));
    const context = createRunContext(run, number, place);
    const { results } = run;
    checkResults(results, number, place);
    asArray(results).forEach((result, position) => {
      const finding = readResult(result, context, position, place.tally.results++);
      if (finding !== undefined) findings.push(finding);
    });
    tallyRun(run, number, results === null, place.tally);
  });
  return { scanner: joinScanners(scanners), findings };
}

/** @throws HumanError unless the log says it is SARIF 2.1.0 (§3.13.2). */
export function checkVersion(version: unknown, file: string): void {
  const text = asString(version);
  if (text !== undefined && /^2\.1\.0(?:-|$)/.test(text)) return;
  const found = version === undefined ? 'it has no `version`' : `its \`version\` is ${JSON.stringify(text ?? null).slice(0, 40)}`;
  throw new HumanError(`${file}: not a SARIF 2.1.0 log: ${found} (at \`version\`). Have the scanner write SARIF 2.1.0.`);
}

/** Null is a log that could not be filled (§3.13.4). @throws HumanError when `runs` is missing or no array. */
export function checkRuns(runs: unknown, place: ReadingPlace): void {
  if (Array.isArray(runs)) return;
  if (runs !== null)
    throw new HumanError(
      `${place.file}: not a SARIF log: ${runs === undefined ? 'it has no `runs`' : '`runs` is not an array'}.`,
    );
  place.tally.complete = false;
  place.tally.note('The log holds no runs: the scanner could not write them (runs is null)');
}

/** Results that are neither an array nor null or absent cannot be read. */
export function checkResults(results: unknown, number: number, place: ReadingPlace): void {
  if (results === undefined || results === null || Array.isArray(results)) return;
  place.tally.complete = false;
  place.tally.reject(`runs[${number}].results`, 'the results are not an array');
}

export function joinScanners(names: ReadonlySet<string>): string {
  return [...names].slice(0, 5).join(', ') || 'SARIF';
}
