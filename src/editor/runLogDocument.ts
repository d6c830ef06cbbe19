import * as vscode from 'vscode';
import { renderRunLog } from './renderRunLog';
import type { EditorServices } from './services';

export const runLogUri = vscode.Uri.parse('patchline-log:/Patchline%20run%20log');

/** The run log as a read-only document, newest run first; it follows the log while it is open. */
export function createRunLogDocument(services: EditorServices): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let unsubscribe: (() => void) | undefined;
  const follow = (): void => {
    unsubscribe?.();
    unsubscribe = services.opened()?.runs.onDidChange(() => changed.fire(runLogUri));
    changed.fire(runLogUri);
  };
  follow();
  return vscode.Disposable.from(
    changed,
    services.onDidChangePatchline(follow),
    vscode.workspace.registerTextDocumentContentProvider('patchline-log', {
      onDidChange: changed.event,
      provideTextDocumentContent: async () => {
        const { runs } = await services.patchline();
        return renderRunLog(runs.all(), runs.problems());
      },
    }),
    { dispose: () => unsubscribe?.() },
  );
}
