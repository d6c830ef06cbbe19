import { isHumanError } from '../errors';
import type { Evidence } from '../model/evidence';
import type { RegressionTest } from '../model/regressionTest';
import type { TestComparison } from '../model/testReport';
import type { Change, Ci, EvidenceStore, Task } from '../ports';
import { deliverySteps } from '../runs/deliveryState';
import type { StepDraft } from '../runs/recordRun';
import { compareReports } from '../testReports/compareReports';
import type { TestDocument } from '../testReports/mergeReports';
import { mergeReports } from '../testReports/mergeReports';
import { parseJunit } from '../testReports/parseJunit';

/**
 * The test report of the pull request's commit beside that of its base, from the documents the checks left. A document that
 * cannot be read is said and harms no other; without any readable one the outcome is `error`.
 */
export async function readTestReport(
  ci: Ci,
  change: Change,
  test: RegressionTest | undefined,
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
  const comparison = compareReports(head, base, test, change.headCommit);
  const notes = unreadable.length === 0 ? '' : ` Not readable: ${unreadable.slice(0, 3).join(' ')}`;
  return {
    comparison,
    step: {
      stage: 'testing',
      name: deliverySteps.tests,
      outcome: comparison.outcome,
      summary: `${comparison.summary}${notes}`,
      evidence: kept,
      data: { comparison },
      bySystem: true,
    },
  };
}
