import type { Evidence } from '../model/evidence';
import type { RegressionTest } from '../model/regressionTest';
import type { TestComparison, TestReport } from '../model/testReport';
import type { Change, Ci, EvidenceStore, Task } from '../ports';
import { deliverySteps } from '../runs/deliveryState';
import type { StepDraft } from '../runs/recordRun';
import { compareReports } from '../testReports/compareReports';
import { mergeReports } from '../testReports/mergeReports';
import { parseJunit } from '../testReports/parseJunit';
import { messageOf } from '../errors';

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
  const side = async (which: 'head' | 'base', commit: string): Promise<TestReport | undefined> => {
    const documents = await ci.testDocuments(change, which, task);
    const reports: TestReport[] = [];
    for (const { name, text } of documents) {
      if (which === 'head') kept.push(await evidence.put(`junit/${name}`, 'application/xml', text));
      try {
        reports.push(parseJunit(text, name, commit));
      } catch (error) {
        unreadable.push(messageOf(error));
      }
    }
    return reports.length === 0 ? undefined : mergeReports(reports, commit);
  };
  task.onProgress?.('Reading the test report');
  const head = await side('head', change.headCommit);
  const base = await side('base', change.baseCommit);
  const comparison = compareReports({ head, base, commit: change.headCommit, baseCommit: change.baseCommit, regression: test });
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
