import * as vscode from 'vscode';
import type { ReportFile } from '../../core/ports';
import { HumanError } from '../../core/errors';
import type { EditorServices } from '../services';
import type { ReportImport } from '../reports/reportImport';
import { importEach } from '../reports/reportImport';

/**
 * Imports what was dropped on the tree. A file of the operating system comes under `files` (its type may be empty, and in a
 * browser it has no path, only data); a row of the Explorer or an editor tab comes as `text/uri-list` (RFC 2483).
 */
export async function importDropped(
  transfer: vscode.DataTransfer,
  services: Pick<EditorServices, 'root'>,
  imports: Pick<ReportImport, 'importFiles'>,
): Promise<void> {
  const reports = new Map<string, ReportFile>();
  const uris = new Map<string, vscode.Uri>();
  const root = services.root();
  for (const [, item] of transfer) {
    const file = item.asFile();
    if (file === undefined) continue;
    if (file.uri?.scheme === 'file') uris.set(file.uri.fsPath, file.uri);
    else {
      const bytes = await file.data();
      reports.set(file.name, { name: file.name, size: bytes.byteLength, bytes });
    }
  }
  const list = await transfer.get('text/uri-list')?.asString();
  for (const line of list?.split(/\r?\n/) ?? []) {
    if (line === '' || line.startsWith('#')) continue;
    const uri = vscode.Uri.parse(line);
    if (uri.scheme === 'file' || uri.scheme === root?.uri.scheme) uris.set(uri.fsPath, uri);
  }
  if (reports.size + uris.size === 0)
    throw new HumanError('Nothing to import: drop scanner reports (SARIF, npm audit or Semgrep JSON) here.');
  await importEach([...uris.values()], root, imports, [...reports.values()]);
}
