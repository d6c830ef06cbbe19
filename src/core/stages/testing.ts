import { isHumanError } from '../errors';
import type { Evidence } from '../model/evidence';
import type { Patch } from '../model/patch';
import type { RegressionTest } from '../model/regressionTest';
import type { TestComparison } from '../model/testReport';
import type { Change, Ci, EvidenceStore, Task } from '../ports';
import { deliverySteps } from '../runs/deliveryState';
import type { StepDraft } from '../runs/recordRun';
import type { ChangedLines } from '../testReports/changedLines';
import { changedLines } from '../testReports/changedLines';
import { compareReports } from '../testReports/compareReports';
import type { TestDocument } from '../testReports/mergeReports';
import { mergeReports } from '../testReports/mergeReports';
import { parseJunit } from '../testReports/parseJunit';
import { countOf } from '../words';

/**
 * The test report of the pull request's commit beside that of its base, from the documents the checks left. A document that
 * cannot be read is said and harms no other; without any readable one the outcome is `error`. Which of the changed lines were run
 * is said where the checks measured it; it decides nothing.
 */
export async function readTestReport(
  ci: Ci,
  change: Change,
  { test, patch }: { readonly test: RegressionTest | undefined; readonly patch: Patch | undefined },
  evidence: EvidenceStore,
  task: Task = {},
): Promise<{ readonly comparison: TestComparison; readonly step: StepDraft }> {
  const kept: Evidence[] = [];
  const unreadable: string[] = [];
  const side = async (which: 'head' | 'base', commit: string) => {
    const read: TestDocument[] = [];
    for (const { name, text, attempt } of await ci.testDocuments(change, which, task)) {
      if (which === 'head') kept.push(await evidence.put(`junit/${name}`, 'application/xml', text));
      try {
        read.push({ name, cases: parseJunit(text, name), ...(attempt === undefined ? {} : { attempt }) });
      } catch (error) {
        if (!isHumanError(error)) throw error;
        unreadable.push(error.message);
      }
    }
    return read.length === 0 ? undefined : mergeReports(commit, read);
  };
  task.onProgress?.('Reading the test report');
  const head = await side('head', change.headCommit);
  const base = await side('base', change.baseCommit);
  const compared = compareReports(head, base, test, change.headCommit);
  const lines = await linesOf(ci, change, patch, task);
  const comparison = lines === undefined ? compared : { ...compared, summary: `${compared.summary} ${lineWords(lines)}` };
  if (lines !== undefined)
    kept.push(await evidence.put('changed-lines.json', 'application/json', JSON.stringify(lines, undefined, 1)));
  const notes = unreadable.length === 0 ? '' : ` Not readable: ${unreadable.slice(0, 3).join(' ')}`;
  return {
    comparison,
    step: {
      stage: 'testing',
      name: deliverySteps.tests,
      outcome: comparison.outcome,
      summary: `${comparison.summary}${notes}`,
      evidence: kept,
      data: {
        comparison,
        ...(lines === undefined ? {} : { changedLines: { covered: lines.covered, measured: lines.measured } }),
      },
      bySystem: true,
    },
  };
}

/** Undefined where the checks measured nothing, or the patch changes no line that could be run. */
async function linesOf(ci: Ci, change: Change, patch: Patch | undefined, task: Task): Promise<ChangedLines | undefined> {
  const coverage = await ci.coverage?.(change, task);
  if (coverage === undefined || patch === undefined) return undefined;
  const lines = changedLines(patch.changes, coverage);
  return lines.measured === 0 && lines.notMeasured.length === 0 ? undefined : lines;
}

function lineWords({ covered, measured, notMeasured }: ChangedLines): string {
  const words =
    measured === 0 ? [] : [`${covered} of ${countOf(measured, 'changed line')} ${measured === 1 ? 'was' : 'were'} run`];
  const [first] = notMeasured;
  if (first !== undefined)
    words.push(
      `lines of ${notMeasured.length === 1 ? first.path : `${first.path} and ${notMeasured.length - 1} more`} were not measured: ${first.why}`,
    );
  const [start = '', ...rest] = words;
  return `${start.charAt(0).toUpperCase()}${start.slice(1)}${rest.map((word) => `; ${word}`).join('')}.`;
}
