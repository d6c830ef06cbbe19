import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activeExtension, waitFor, workspaceFolder } from './support';

const patchlines = (uri: vscode.Uri) => vscode.languages.getDiagnostics(uri).filter((one) => one.source === 'ESLint');
const ruleOf = (one: vscode.Diagnostic) => String(typeof one.code === 'object' ? one.code.value : one.code);

async function open(path: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(workspaceFolder(), path));
  await vscode.window.showTextDocument(document);
  return document;
}

/** A report with a finding of each rule in the first line of a file. */
const sarif = (rules: readonly string[], file = 'src/metrics.js') =>
  Buffer.from(
    JSON.stringify({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'ESLint', rules: rules.map((id) => ({ id })) } },
          results: rules.map((ruleId) => ({
            ruleId,
            message: { text: `found by ${ruleId}` },
            locations: [{ physicalLocation: { artifactLocation: { uri: file }, region: { startLine: 1 } } }],
          })),
        },
      ],
    }),
  );

describe('findings in the editor', () => {
  before(() => activeExtension());

  it('shows findings of the reports in the workspace as diagnostics, without being asked', async () => {
    const document = await open('src/diagnostics.js');
    const found = await waitFor('the diagnostics', () => patchlines(document.uri)[0]);
    assert.equal(ruleOf(found), 'security/detect-child-process');
    assert.match(document.getText(found.range), /^exec\(/);
  });

  it('explains a finding where the mouse is, with links to our own commands only', async () => {
    const document = await open('src/diagnostics.js');
    const { range } = await waitFor('the diagnostics', () => patchlines(document.uri)[0]);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, range.start);
    const texts = hovers.flatMap((hover) => hover.contents).filter((one) => one instanceof vscode.MarkdownString);
    const ours = texts.find((one) => one.value.includes('command:patchline.generateFix'));
    assert.ok(ours, 'no hover of ours');
    assert.match(ours.value, /Priority \*\*\d+\*\* of 100/);
    assert.notEqual(ours.isTrusted, true);
    for (const [, command] of ours.value.matchAll(/\(command:([^?)]+)/g)) assert.match(command ?? '', /^patchline\./);
  });

  it('offers fix, regression test and proof as quick fixes', async () => {
    const document = await open('src/diagnostics.js');
    const { range } = await waitFor('the diagnostics', () => patchlines(document.uri)[0]);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      range,
    );
    const titles = actions.map((action) => action.title).filter((title) => title.startsWith('Patchline: '));
    assert.deepEqual(titles, [
      'Patchline: Generate fix for security/detect-child-process',
      'Patchline: Generate regression test for security/detect-child-process',
      'Patchline: Prove fix of security/detect-child-process',
    ]);
  });

  it('moves a finding with its line, takes it away when the line changes, and brings it back with undo', async () => {
    const document = await open('src/diagnostics.js');
    const { range } = await waitFor('the diagnostics', () => patchlines(document.uri)[0]);
    const line = range.start.line;
    const above = new vscode.WorkspaceEdit();
    above.insert(document.uri, new vscode.Position(0, 0), '// one more line\n');
    await vscode.workspace.applyEdit(above);
    await waitFor('the finding one line below', () => patchlines(document.uri)[0]?.range.start.line === line + 1);
    const change = new vscode.WorkspaceEdit();
    change.insert(document.uri, new vscode.Position(line + 1, 0), 'void ');
    await vscode.workspace.applyEdit(change);
    await waitFor('the finding gone', () => patchlines(document.uri).length === 0);
    await vscode.commands.executeCommand('undo');
    await vscode.commands.executeCommand('undo');
    await waitFor('the finding back', () => patchlines(document.uri)[0]?.range.start.line === line);
    assert.equal(document.isDirty, false);
  });

  it('puts a finding where the file on the disk has it, when a report comes while there are unsaved changes', async () => {
    const report = vscode.Uri.joinPath(workspaceFolder(), 'reports/extra.sarif');
    const document = await open('src/metrics.js');
    const above = new vscode.WorkspaceEdit();
    above.insert(document.uri, new vscode.Position(0, 0), '// not saved\n');
    await vscode.workspace.applyEdit(above);
    await vscode.workspace.fs.writeFile(report, sarif(['extra/one']));
    await waitFor('the finding one line below', () => patchlines(document.uri)[0]?.range.start.line === 1);
    await vscode.commands.executeCommand('undo');
    await waitFor('the finding back', () => patchlines(document.uri)[0]?.range.start.line === 0);
    await vscode.workspace.fs.delete(report);
    await waitFor('none', () => patchlines(document.uri).length === 0);
  });

  it('puts a finding back where the file has it when its editor is closed without saving', async () => {
    const report = vscode.Uri.joinPath(workspaceFolder(), 'reports/extra.sarif');
    const uri = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
    await vscode.workspace.fs.writeFile(report, sarif(['extra/one'], 'README.md'));
    await waitFor('the finding', () => patchlines(uri)[0]?.range.start.line === 0);
    // Not through openTextDocument, which keeps a document for some minutes after its editor was closed.
    await vscode.commands.executeCommand('vscode.open', uri);
    await vscode.commands.executeCommand('cursorTop');
    await vscode.commands.executeCommand('type', { text: '\n' });
    await waitFor('the finding one line below', () => patchlines(uri)[0]?.range.start.line === 1);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await waitFor('the finding back', () => patchlines(uri)[0]?.range.start.line === 0);
    await vscode.workspace.fs.delete(report);
    await waitFor('none', () => patchlines(uri).length === 0);
  });

  it('reads a report that appears, reads it again when it changes, and closes its findings when it is deleted', async () => {
    const report = vscode.Uri.joinPath(workspaceFolder(), 'reports/extra.sarif');
    const document = await open('src/metrics.js');
    const rules = () => patchlines(document.uri).map(ruleOf).sort();
    await vscode.workspace.fs.writeFile(report, sarif(['extra/one']));
    await waitFor('the first rule', () => rules().join() === 'extra/one');
    await vscode.workspace.fs.writeFile(report, sarif(['extra/one', 'extra/two']));
    await waitFor('both rules', () => rules().join() === 'extra/one,extra/two');
    await vscode.workspace.fs.delete(report);
    await waitFor('none', () => rules().length === 0);
  });

  it('loses no finding of the other reports when one cannot be read', async () => {
    const report = vscode.Uri.joinPath(workspaceFolder(), 'reports/broken.sarif');
    await vscode.workspace.fs.writeFile(report, Buffer.from('{"version": "2.1.0", "runs": [{'));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const document = await open('src/diagnostics.js');
    assert.equal(patchlines(document.uri).length > 0, true);
    await vscode.workspace.fs.delete(report);
  });
});
