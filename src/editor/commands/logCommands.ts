import * as vscode from 'vscode';
import type { LogVerdict } from '../../core/model/logEntry';
import type { CommandHandlers } from '../commandTable';
import { offer } from '../guard';
import { runLogUri } from '../runLogDocument';
import type { FeatureContext } from './featureContext';

/** The run log: shown, and verified. */
export function logCommands(
  context: FeatureContext,
): Pick<CommandHandlers, 'patchline.verifyLog' | 'patchline.showLog' | 'patchline.showOutput'> {
  const { services, work } = context;
  return {
    'patchline.verifyLog': async () => {
      const engine = await services.patchline();
      const verdicts = await work.run('Verifying the run log', () => engine.verifyLog());
      for (const verdict of verdicts) services.log.info(describeVerdict(verdict));
      const bad = verdicts.filter((verdict) => verdict.kind !== 'intact');
      const show = { title: 'Show Run Log', command: 'patchline.showLog' };
      if (verdicts.length === 0)
        void offer(vscode.window.showInformationMessage, 'The run log is empty: nothing has happened yet.', []);
      else if (bad.length === 0)
        void offer(vscode.window.showInformationMessage, verdicts.map(describeVerdict).join(' '), [show]);
      else void offer(vscode.window.showErrorMessage, bad.map(describeVerdict).join(' '), [show]);
    },
    'patchline.showLog': async () => {
      await services.patchline();
      const document = await vscode.workspace.openTextDocument(runLogUri);
      await vscode.window.showTextDocument(document, { preview: true });
    },
    'patchline.showOutput': async () => services.log.channel.show(),
  };
}

/** One sentence: the chain is intact, or which entry is bad and why. */
export function describeVerdict(verdict: LogVerdict): string {
  const chain = verdict.chain.slice(0, 8);
  switch (verdict.kind) {
    case 'intact':
      return `Run log ${chain}: intact, ${verdict.entries} ${verdict.entries === 1 ? 'entry' : 'entries'}, head ${verdict.head.slice(0, 12)}.`;
    case 'anchor-mismatch':
      return `Run log ${chain}: entry ${verdict.n} does not match its anchor. ${verdict.why}`;
    case 'altered':
    case 'deleted':
    case 'reordered':
    case 'torn':
    case 'unreadable':
      return `Run log ${chain}: ${verdict.kind} at entry ${verdict.n} (line ${verdict.line}). ${verdict.why}`;
  }
}
