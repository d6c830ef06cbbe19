import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ReportFile } from '../../src/core/ports';
import { importDropped } from '../../src/editor/findings/dropReports';
import { workspaceFolder } from './support';

const services = { root: () => vscode.workspace.workspaceFolders?.[0] };

async function dropped(...items: readonly (readonly [string, vscode.DataTransferItem])[]): Promise<readonly ReportFile[]> {
  const transfer = new vscode.DataTransfer();
  for (const [mime, item] of items) transfer.set(mime, item);
  const imported: ReportFile[] = [];
  await importDropped(transfer, services, { importFiles: async (files) => void imported.push(...(files ?? [])) });
  return imported;
}

describe('reports dropped on the tree', () => {
  it('takes rows of the Explorer and editor tabs by their list of addresses, each once', async () => {
    const uri = vscode.Uri.joinPath(workspaceFolder(), 'reports/eslint.sarif');
    const files = await dropped([
      'text/uri-list',
      new vscode.DataTransferItem(`# comment\r\n${uri.toString()}\r\n${uri.toString()}`),
    ]);
    assert.deepEqual(
      files.map(({ name, fsPath }) => ({ name, fsPath })),
      [{ name: 'reports/eslint.sarif', fsPath: uri.fsPath }],
    );
    assert.ok((files[0]?.size ?? 0) > 0);
  });

  it('says so when nothing of it is a file', async () => {
    await assert.rejects(dropped(['text/plain', new vscode.DataTransferItem('hello')]), /Nothing to import/);
  });

  it('takes the reports beside a folder, and says that the folder was not taken', async () => {
    const folder = vscode.Uri.joinPath(workspaceFolder(), 'reports').toString();
    const imported: ReportFile[] = [];
    const transfer = new vscode.DataTransfer();
    transfer.set('text/uri-list', new vscode.DataTransferItem(`${folder}\r\n${folder}/eslint.sarif`));
    const imports = { importFiles: async (files: readonly ReportFile[] | undefined) => void imported.push(...(files ?? [])) };
    await assert.rejects(importDropped(transfer, services, imports), /is a folder/);
    assert.deepEqual(
      imported.map(({ name }) => name),
      ['reports/eslint.sarif'],
    );
  });

  it('says so when it is a folder, or not there', async () => {
    const folder = vscode.Uri.joinPath(workspaceFolder(), 'reports').toString();
    await assert.rejects(dropped(['text/uri-list', new vscode.DataTransferItem(folder)]), /is a folder/);
    await assert.rejects(dropped(['text/uri-list', new vscode.DataTransferItem(`${folder}/none.sarif`)]), /cannot be read/);
  });
});
