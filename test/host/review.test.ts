import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Patch } from '../../src/core/model/patch';
import { applyReview } from '../../src/editor/review/applyReview';
import { ReviewSession } from '../../src/editor/review/reviewSession';
import { openReviewTabs, reviewOfTab } from '../../src/editor/review/reviewTabs';
import { activeExtension, waitFor, workspaceFolder } from './support';

const place = (path: string) => vscode.Uri.joinPath(workspaceFolder(), path);
const read = async (uri: vscode.Uri) => Buffer.from(await vscode.workspace.fs.readFile(uri)).toString();
const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
const reviews = () => tabs().filter((tab) => reviewOfTab(tab, new Map()) !== undefined);

const base: Patch = {
  findingId: 'f',
  fixer: 'structural-rule',
  trust: 'rule',
  title: 'A fix',
  reason: 'because',
  changes: [],
  notes: [],
};

/** The id of the finding in a file, as its quick fix carries it. */
async function findingIn(uri: vscode.Uri): Promise<string> {
  const found = await waitFor('the diagnostics', () =>
    vscode.languages.getDiagnostics(uri).find((one) => one.source === 'ESLint'),
  );
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, found.range);
  const id: unknown = actions.find((one) => one.command?.command === 'patchline.generateFix')?.command?.arguments?.[0];
  assert.ok(typeof id === 'string');
  return id;
}

describe('the review of a fix', () => {
  before(() => activeExtension());
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    while (reviews().length > 0) {
      const [tab] = reviews();
      if (tab !== undefined) await vscode.window.tabGroups.close(tab);
    }
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('has a tab of its own and is told by its files, where two have the same title', async () => {
    const changes = ['package.json', 'package-lock.json'].map((path) => ({ path, before: 'a', after: 'b' }));
    for (const id of ['r-1', 'r-2']) {
      const patch: Patch = { ...base, title: 'Update x', changes };
      await openReviewTabs(ReviewSession.of(id, patch, workspaceFolder().toString()), workspaceFolder());
    }
    const seen = await waitFor('both tabs', () => {
      const found = tabs().flatMap((tab) => reviewOfTab(tab, new Map()) ?? []);
      return found.length === 2 ? found : undefined;
    });
    assert.deepEqual([...seen].sort(), ['r-1', 'r-2']);
  });

  it('is not opened beside unsaved changes, which it would seem to take back', async () => {
    const uri = place('src/diagnostics.js');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
    const id = await findingIn(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(0, 0), '// not saved\n');
    await vscode.workspace.applyEdit(edit);
    await vscode.commands.executeCommand('patchline.generateFix', id);
    assert.equal(reviews().length, 0);
    await vscode.commands.executeCommand('undo');
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('patchline.generateFix', id);
    await waitFor('the review', () => reviews().length === 1);
  });

  it('is of the finding that the cursor was put on, not of a row that was selected before', async () => {
    const [selected, looked] = ['src/diagnostics.js', 'src/orders.js'].map(place);
    assert.ok(selected && looked);
    await vscode.commands.executeCommand('vscode.open', selected);
    const before = await findingIn(selected);
    await vscode.commands.executeCommand('patchline.findings.focus');
    await vscode.commands.executeCommand('patchline.showFinding', before);
    const editor = await vscode.window.showTextDocument(looked);
    const id = await findingIn(looked);
    const { start } = vscode.languages.getDiagnostics(looked).find((one) => one.source === 'ESLint')?.range ?? assert.fail();
    editor.selection = new vscode.Selection(start, start);
    await vscode.commands.executeCommand('cursorRight');
    await waitFor('the cursor', () => editor.selection.active.isAfter(start));
    await vscode.commands.executeCommand('patchline.generateFix');
    const [tab] = await waitFor('the review', () => (reviews().length === 1 ? reviews() : undefined));
    assert.ok(tab !== undefined && reviewOfTab(tab, new Map())?.startsWith(id), tab?.label);
  });

  it('is asked for where several are open and none is in front', async () => {
    const files = ['src/diagnostics.js', 'src/orders.js'].map(place);
    const before = await Promise.all(files.map(read));
    for (const uri of files) {
      await vscode.commands.executeCommand('vscode.open', uri);
      await vscode.commands.executeCommand('patchline.generateFix', await findingIn(uri));
    }
    await waitFor('both reviews', () => reviews().length === 2);
    await vscode.commands.executeCommand('vscode.open', place('package.json'));
    const applying = vscode.commands.executeCommand('patchline.applyReview');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    await applying;
    assert.equal(reviews().length, 2);
    assert.deepEqual(await Promise.all(files.map(read)), before);
  });

  it('of which every hunk was rejected is no fix to prove', async () => {
    const uri = place('src/diagnostics.js');
    await vscode.commands.executeCommand('vscode.open', uri);
    const id = await findingIn(uri);
    await vscode.commands.executeCommand('patchline.generateFix', id);
    const [tab] = await waitFor('the review', () => (reviews().length === 1 ? reviews() : undefined));
    const right = tab?.input instanceof vscode.TabInputTextDiff ? tab.input.modified : assert.fail('no diff of one file');
    await waitFor('nothing left', async () => {
      await vscode.commands.executeCommand('patchline.rejectHunk');
      return (await read(right)) === (await read(uri));
    });
    await vscode.commands.executeCommand('patchline.proveFix', id);
    assert.equal(
      tabs().some((one) => one.input instanceof vscode.TabInputWebview),
      false,
    );
    await vscode.commands.executeCommand('patchline.discardReview');
  });

  it('takes the finding from the line that it mends, and undo brings both back', async () => {
    const uri = place('src/orders.js');
    const before = await read(uri);
    const found = () => vscode.languages.getDiagnostics(uri).filter((one) => one.source === 'ESLint').length;
    await vscode.commands.executeCommand('vscode.open', uri);
    const id = await findingIn(uri);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('patchline.generateFix', id);
    await waitFor('the review', () => reviews().length === 1);
    await vscode.commands.executeCommand('patchline.applyReview');
    assert.notEqual(await read(uri), before);
    assert.equal(reviews().length, 0);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(found(), 0);
    await vscode.commands.executeCommand('undo');
    await vscode.commands.executeCommand('workbench.action.files.save');
    await waitFor('the finding back', () => found() === 1);
    assert.equal(await read(uri), before);
  });

  it('leaves a file with line ends that VS Code would rewrite as it is', async () => {
    const uri = place('src/old.js');
    const before = 'one();\rtwo();\nthree();\n';
    await vscode.workspace.fs.writeFile(uri, Buffer.from(before));
    const patch: Patch = { ...base, changes: [{ path: 'src/old.js', before, after: before.replace('three', 'four') }] };
    await assert.rejects(applyReview(workspaceFolder(), patch), /mixes line endings/);
    assert.equal(await read(uri), before);
    await vscode.workspace.fs.delete(uri);
  });
});
