import * as vscode from 'vscode';
import { CancelledError } from '../../core/errors';
import type { CommandHandlers } from '../commandTable';
import { importEach } from '../reports/reportImport';
import type { FeatureContext } from './featureContext';

/** Bringing reports in by hand. */
export function reportCommands(
  context: FeatureContext,
): Pick<CommandHandlers, 'patchline.importReport' | 'patchline.refreshFindings' | 'patchline.chooseFolder'> {
  const { services, imports } = context;
  return {
    'patchline.importReport': async (first, selected) => {
      const named = (Array.isArray(selected) && selected.length > 0 ? selected : [first]).filter(
        (one) => one instanceof vscode.Uri,
      );
      const uris = named.length > 0 ? named : await chooseFiles(services.root());
      await vscode.commands.executeCommand('patchline.findings.focus');
      await importEach(uris, services.root(), imports);
    },

    'patchline.refreshFindings': () => imports.importFiles(undefined),

    'patchline.chooseFolder': async () => {
      const folder = await vscode.window.showWorkspaceFolderPick({ placeHolder: 'The folder Patchline works in' });
      if (folder === undefined) throw new CancelledError();
      await context.chooseFolder(folder);
    },
  };
}

async function chooseFiles(root: vscode.WorkspaceFolder | undefined): Promise<readonly vscode.Uri[]> {
  const chosen = await vscode.window.showOpenDialog({
    title: 'Import scanner reports: SARIF, npm audit or Semgrep JSON',
    openLabel: 'Import',
    canSelectMany: true,
    filters: { 'Scanner reports': ['sarif', 'json'], 'All files': ['*'] },
    ...(root === undefined ? {} : { defaultUri: root.uri }),
  });
  if (chosen === undefined || chosen.length === 0) throw new CancelledError();
  return chosen;
}
