import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { panelHtml } from './panelHtml';

export interface PageFacts {
  /** Type of the view, as the editor keeps it. */
  readonly viewType: string;
  readonly title: string;
  /** Name of the script and the style sheet below dist/webview. */
  readonly bundle: 'panel' | 'dashboard';
}

/**
 * A webview in an editor tab with one of our own pages: scripts by nonce only, nothing from outside of dist/webview.
 *
 * @param restored - the tab that VS Code brought back after a reload; else a new one is opened
 */
export function createPage(
  extension: vscode.ExtensionContext,
  { viewType, title, bundle }: PageFacts,
  restored?: vscode.WebviewPanel,
): vscode.WebviewPanel {
  const root = vscode.Uri.joinPath(extension.extensionUri, 'dist', 'webview');
  const options = { enableScripts: true, localResourceRoots: [root] };
  const page = restored ?? vscode.window.createWebviewPanel(viewType, title, vscode.ViewColumn.Active, options);
  page.webview.options = options;
  page.iconPath = vscode.Uri.joinPath(extension.extensionUri, 'media', 'patchline.svg');
  const address = (name: string) => page.webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
  page.webview.html = panelHtml({
    title,
    script: address(`${bundle}.js`),
    styles: [address('codicon.css'), address(`${bundle}.css`)],
    codicons: address('codicon.css'),
    source: page.webview.cspSource,
    nonce: randomBytes(16).toString('hex'),
  });
  return page;
}
