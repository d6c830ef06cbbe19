import type * as vscode from 'vscode';
import { HumanError } from '../../core/errors';
import type { TriagedFinding } from '../../core/model/triage';
import type { RegressionTest } from '../../core/model/regressionTest';
import type { CommandHandlers } from '../commandTable';
import { offer } from '../guard';
import { cleanLine } from '../../core/findings/cleanText';
import { SingleWork } from '../singleWork';
import { writeTest } from '../testFile';
import type { FeatureContext } from './featureContext';
import { pickFinding } from './pickFinding';
import { showInformation } from '../messages';

/** Generating: the fix into the review, the regression test into the workspace. */
export function fixCommands(context: FeatureContext): Pick<CommandHandlers, 'patchline.generateFix' | 'patchline.generateTest'> {
  const { services, work, review } = context;
  const generating = new SingleWork();
  return {
    'patchline.generateFix': async (...args) => {
      const finding = await pickFinding(args, context, 'Generate a fix for which finding?');
      const engine = await services.patchline();
      await generating.run(`fix ${finding.id}`, running('A fix', 'generated', finding), async () => {
        const patch = await work.run(`Generating a fix for ${nameOf(finding)}`, (task) => engine.generateFix(finding.id, task));
        if ('noFix' in patch) return tellNone(finding, `No fix, because ${cleanLine(patch.noFix, 600)}`);
        await review.open(patch);
      });
    },

    'patchline.generateTest': async (...args) => {
      const finding = await pickFinding(args, context, 'Generate a regression test for which finding?');
      const engine = await services.patchline();
      await generating.run(`test ${finding.id}`, running('A regression test', 'written', finding), async () => {
        const test = await work.run(`Writing a regression test for ${nameOf(finding)}`, (task) =>
          engine.generateTest(finding.id, task),
        );
        if ('noTest' in test) return tellNone(finding, `No regression test, because ${cleanLine(test.noTest, 600)}`);
        await writeTest(requireRoot(context), test);
        await engine.acceptTest(test);
        tellTest(finding, test);
      });
    },
  };
}

/** What is said to who asks for the same again meanwhile. */
function running(what: string, done: string, finding: TriagedFinding): () => Error {
  return () => new HumanError(`${what} for ${nameOf(finding)} is being ${done} already: its progress shows how far it is.`);
}

function requireRoot(context: FeatureContext): vscode.WorkspaceFolder {
  const root = context.services.root();
  if (root === undefined) throw new HumanError('Open the folder that holds the project first.');
  return root;
}

/** Says what the test shows, how strong it is, and what comes next; not awaited, so that the command is over. */
function tellTest(finding: TriagedFinding, test: RegressionTest): void {
  const strength: Readonly<Record<RegressionTest['strength'], string>> = {
    behaviour: cleanLine(test.claim, 400),
    version: `${cleanLine(test.claim, 400)} (It looks at the installed version only, which shows less than an attack would.)`,
    skeleton: 'One marked line is yours to complete; until then the test is pending and proves nothing.',
  };
  const message = `Regression test written to ${test.path}. ${strength[test.strength]}`;
  void offer(showInformation, message, [
    { title: 'Prove Fix', command: 'patchline.proveFix', args: [finding.id] },
    { title: 'Show Panel', command: 'patchline.openPanel', args: [finding.id] },
  ]);
}

function tellNone(finding: TriagedFinding, message: string): void {
  void offer(showInformation, message, [
    { title: 'Show Finding', command: 'patchline.showFinding', args: [finding.id] },
    { title: 'Show Panel', command: 'patchline.openPanel', args: [finding.id] },
  ]);
}

/** A finding in a title: short, and where it is. */
export function nameOf(finding: TriagedFinding): string {
  const place = finding.package?.name ?? finding.locations[0]?.path;
  return cleanLine(place === undefined ? finding.title : `${finding.ruleId} in ${place}`, 80);
}
