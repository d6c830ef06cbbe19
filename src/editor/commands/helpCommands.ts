import * as vscode from 'vscode';
import { HumanError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { CommandHandlers } from '../commandTable';
import { offer } from '../guard';
import type { FeatureContext } from './featureContext';
import { policyTemplate } from './policyTemplate';
import { showInformation } from '../messages';

/** The way in: walkthrough, the next sensible thing to do, the team's policy. */
export function helpCommands(
  context: FeatureContext,
): Pick<CommandHandlers, 'patchline.openWalkthrough' | 'patchline.startHere' | 'patchline.openPolicy'> {
  const { services, imports, findings, views } = context;
  const openWalkthrough = async (): Promise<void> => {
    await vscode.commands.executeCommand(
      'workbench.action.openWalkthrough',
      `${context.extension.extension.id}#patchline.start`,
      false,
    );
  };
  return {
    'patchline.openWalkthrough': openWalkthrough,

    'patchline.startHere': async () => {
      if (services.root() === undefined) return openWalkthrough();
      await vscode.commands.executeCommand('patchline.findings.focus');
      await imports.first();
      const view = (await services.patchline()).findings;
      const worst = view.rows(undefined, 0, 1)[0];
      if (worst === undefined) return openWalkthrough();
      const node = findings.model.find(worst.id);
      if (node !== undefined) await views.findings.reveal(node, { select: true, focus: true });
      void offer(
        showInformation,
        `Most urgent of ${view.count}: ${cleanLine(node?.row.title ?? worst.title)} (${cleanLine(worst.where)}).`,
        [
          { title: 'Generate Fix', command: 'patchline.generateFix', args: [worst.id] },
          { title: 'Show Code', command: 'patchline.showFinding', args: [worst.id] },
          { title: 'Walkthrough', command: 'patchline.openWalkthrough' },
        ],
      );
    },

    'patchline.openPolicy': async (...args) => {
      const root = services.root();
      if (root === undefined) throw new HumanError('Open a folder first: the policy is a file in it.');
      const uri = vscode.Uri.joinPath(root.uri, '.patchline.json');
      const there = await vscode.workspace.fs.stat(uri).then(
        () => true,
        () => false,
      );
      if (!there) {
        const edit = new vscode.WorkspaceEdit();
        edit.createFile(uri, { contents: Buffer.from(policyTemplate, 'utf8') });
        if (!(await vscode.workspace.applyEdit(edit)))
          throw new HumanError('.patchline.json could not be created. Is the folder writable?');
      }
      const [line, column] = args;
      const at =
        typeof line === 'number' && typeof column === 'number'
          ? new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1))
          : undefined;
      await vscode.window.showTextDocument(
        await vscode.workspace.openTextDocument(uri),
        at === undefined ? {} : { selection: new vscode.Range(at, at) },
      );
    },
  };
}
