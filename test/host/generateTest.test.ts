import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { writeTest } from '../../src/editor/testFile';
import type { RegressionTest } from '../../src/core/model/regressionTest';
import { activeExtension, waitFor, workspaceFolder } from './support';

const test: RegressionTest = {
  findingId: 'f',
  framework: 'node-test',
  path: 'test/written.by.host.test.js',
  text: '// a test\n',
  command: ['node', '--test'],
  strength: 'behaviour',
  expectedFailure: 'x',
  claim: 'nothing',
};

function root(): vscode.WorkspaceFolder {
  const folder = vscode.workspace.getWorkspaceFolder(workspaceFolder());
  assert.ok(folder);
  return folder;
}

describe('the regression test in the workspace', () => {
  const uri = () => vscode.Uri.joinPath(workspaceFolder(), test.path);
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.workspace.fs.delete(uri()).then(undefined, () => undefined);
  });

  it('is written to its place, saved, and shown beside what is open', async () => {
    const code = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(workspaceFolder(), 'src/diagnostics.js'));
    await vscode.window.showTextDocument(code);
    await writeTest(root(), test);
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(uri())).toString(), test.text);
    assert.equal(vscode.window.visibleTextEditors.length, 2);
    assert.equal(vscode.window.activeTextEditor?.document.uri.path, uri().path);
    assert.equal(vscode.window.activeTextEditor?.document.isDirty, false);
  });

  it('is written again without a question when it stands there as it is', async () => {
    await writeTest(root(), test);
    await writeTest(root(), test);
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(uri())).toString(), test.text);
  });

  it('is the same test where the file has other line ends', async () => {
    const there = test.text.replaceAll('\n', '\r\n');
    // A path of its own: of one that was open before, the editor still holds the text.
    const other = { ...test, path: 'test/with.crlf.test.js' };
    const file = vscode.Uri.joinPath(workspaceFolder(), other.path);
    await vscode.workspace.fs.writeFile(file, Buffer.from(there));
    await writeTest(root(), other);
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(file)).toString(), there);
    await vscode.workspace.fs.delete(file);
  });

  it('never leaves the folder', async () => {
    await assert.rejects(writeTest(root(), { ...test, path: '../outside.test.js' }), /outside the folder/);
    await assert.rejects(writeTest(root(), { ...test, path: '/outside.test.js' }), /outside the folder/);
  });

  it('comes from the command by the id that a quick fix carries', async () => {
    await activeExtension();
    const code = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(workspaceFolder(), 'src/diagnostics.js'));
    await vscode.window.showTextDocument(code);
    const found = await waitFor('the diagnostics', () =>
      vscode.languages.getDiagnostics(code.uri).find((one) => one.source === 'ESLint'),
    );
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      code.uri,
      found.range,
    );
    const action = actions.find((one) => one.command?.command === 'patchline.generateTest');
    assert.ok(action?.command);
    void vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []));
    const written = await waitFor('the test', () =>
      vscode.window.visibleTextEditors.find((editor) =>
        editor.document.uri.path.endsWith('test/diagnostics.command-injection.test.js'),
      ),
    );
    assert.match(written.document.getText(), /pingHost/);
    await waitFor('the file on the disk', () => !written.document.isDirty);
    await vscode.workspace.fs.delete(written.document.uri);
  });
});
