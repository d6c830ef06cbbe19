import * as vscode from 'vscode';
import type { CommandHandlers } from '../commandTable';
import { offer } from '../guard';
import { describeVerdict } from '../renderRunLog';
import { runLogUri } from '../runLogDocument';
import type { FeatureContext } from './featureContext';
import { showError, showInformation } from '../messages';

/** The run log: shown, and verified. */
export function logCommands(
  context: FeatureContext,
): Pick<CommandHandlers, 'patchline.verifyLog' | 'patchline.showLog' | 'patchline.showOutput'> {
  const { services, work } = context;
  return {
    'patchline.verifyLog': async () => {
      const engine = await services.patchline();
      const verdicts = await work.runToEnd('Verifying the run log', () => engine.verifyLog());
      for (const verdict of verdicts) services.log.info(describeVerdict(verdict));
      const bad = verdicts.filter((verdict) => verdict.kind !== 'intact');
      const show = { title: 'Show Run Log', command: 'patchline.showLog' };
      if (verdicts.length === 0) void offer(showInformation, 'The run log is empty: nothing has happened yet.', []);
      else if (bad.length === 0) void offer(showInformation, verdicts.map(describeVerdict).join(' '), [show]);
      else void offer(showError, bad.map(describeVerdict).join(' '), [show]);
    },
    'patchline.showLog': async () => {
      await services.patchline();
      const document = await vscode.workspace.openTextDocument(runLogUri);
      await vscode.window.showTextDocument(document, { preview: true });
    },
    'patchline.showOutput': async () => services.log.channel.show(),
  };
}
