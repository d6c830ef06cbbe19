import * as vscode from 'vscode';
import { CancelledError, HumanError } from '../core/errors';
import type { RegressionTest } from '../core/model/regressionTest';
import { fileState } from './fileState';
import { askFirst } from './messages';

/**
 * Puts the generated test at its place in the workspace as one undoable edit, saved, and shows it beside what is open.
 * A file that stands there with other contents is replaced only after the person said so.
 * @throws CancelledError when the person said no, HumanError when the place cannot be written.
 */
export async function writeTest(root: vscode.WorkspaceFolder, test: RegressionTest): Promise<void> {
  const uri = uriIn(root, test.path);
  const { onDisk, unsaved } = await fileState(uri);
  const there = onDisk || unsaved;
  const edit = new vscode.WorkspaceEdit();
  let changes = !there;
  if (there) {
    const document = await vscode.workspace.openTextDocument(uri);
    if (withLf(document.getText()) !== withLf(test.text)) {
      const detail = `${test.path} has other contents: an older test, or your own changes. Replacing can be undone.`;
      if (!(await askFirst('Replace the regression test?', detail, 'Replace', 'caution'))) {
        await show(uri);
        throw new CancelledError();
      }
      changes = true;
      edit.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), test.text);
    }
  } else edit.createFile(uri, { contents: Buffer.from(test.text, 'utf8') });
  if (changes && !(await vscode.workspace.applyEdit(edit))) {
    throw new HumanError(`The test could not be written to ${test.path}. Is the folder writable?`);
  }
  const document = await show(uri);
  if (document.isDirty && !(await document.save()))
    throw new HumanError(`The test stands in ${test.path}, but could not be saved. Is the file writable? Save it yourself.`);
}

/** Line ends are the editor's own matter: the same test with others is the same test. */
function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** A file of the folder as it stands in the editor, else on the disk; undefined when it is not there. */
export async function readText(root: vscode.WorkspaceFolder, path: string): Promise<string | undefined> {
  const uri = uriIn(root, path);
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return open.getText();
  return vscode.workspace.fs.readFile(uri).then(
    (bytes) => Buffer.from(bytes).toString('utf8'),
    () => undefined,
  );
}

/** @throws HumanError when the path leads outside the folder. */
function uriIn(root: vscode.WorkspaceFolder, path: string): vscode.Uri {
  if (path.startsWith('/') || path.split(/[\\/]/).includes('..')) throw new HumanError(`${path} lies outside the folder.`);
  return vscode.Uri.joinPath(root.uri, path);
}

async function show(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri);
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  const beside = vscode.window.activeTextEditor === undefined ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
  await vscode.window.showTextDocument(document, { viewColumn: shown?.viewColumn ?? beside, preview: false });
  return document;
}
