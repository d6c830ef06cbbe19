import * as vscode from 'vscode';
import { HumanError } from '../core/errors';
import { renderPullRequest } from './renderPullRequest';

const scheme = 'patchline-pull-request';

/** Shows pull requests of the `local` forge, which are records on the disk, as pages to read. */
export function createPullRequestPages(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: async (uri) => {
      const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(uri.query)).then(
        (found) => found,
        () => undefined,
      );
      return renderPullRequest(bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8'));
    },
  });
}

/** Opens a pull request: an address in the browser, a local record as a page. @throws HumanError when it is neither. */
export async function openPullRequestPage(request: { readonly url: string; readonly number: number }): Promise<void> {
  if (/^https?:\/\//.test(request.url)) {
    await vscode.env.openExternal(vscode.Uri.parse(request.url));
    return;
  }
  if (!request.url.endsWith('.json')) throw new HumanError(`${request.url} is neither an address nor a pull request's record.`);
  const uri = vscode.Uri.from({ scheme, path: `/Pull request ${request.number}.md`, query: request.url });
  await vscode.commands.executeCommand('markdown.showPreview', uri);
}
