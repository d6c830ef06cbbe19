import * as vscode from 'vscode';
import { HumanError } from '../../core/errors';
import type { EditorServices } from '../services';

const scheme = 'patchline-evidence';

/** Evidence opens as a read-only document that carries its digest in its address; it is checked against it when read. */
export function registerEvidenceDocuments(services: EditorServices): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    async provideTextDocumentContent(uri) {
      const bytes = await (await services.patchline()).evidence(uri.query);
      if (bytes === undefined) throw new HumanError('This piece of evidence is no longer in the store.');
      const text = new TextDecoder().decode(bytes);
      return uri.path.endsWith('.json') ? pretty(text) : text;
    },
  });
}

/** Opens one piece of evidence beside the panel. */
export async function openEvidence(evidence: { readonly sha256: string; readonly name: string }): Promise<void> {
  const name = evidence.name.split('/').at(-1) ?? 'evidence';
  const uri = vscode.Uri.from({ scheme, path: `/${name}`, query: evidence.sha256 });
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true, preserveFocus: false });
}

function pretty(text: string): string {
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  } catch {
    return text;
  }
}
