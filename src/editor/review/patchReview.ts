import * as vscode from 'vscode';
import { HumanError } from '../../core/errors';
import { assertNotDrifted } from '../../core/edits/drift';
import { sha256Hex } from '../../core/log/digest';
import type { Patch } from '../../core/model/patch';
import type { PatchReview } from '../reviewPort';
import { reviewScheme } from '../reviewPort';
import type { EditorServices } from '../services';
import { applyReview } from './applyReview';
import { keyOf, ReviewComments } from './reviewComments';
import { ReviewFiles, readReviewUri, reviewUri } from './reviewFiles';
import type { PlacedHunk } from './reviewSession';
import { ReviewSession } from './reviewSession';
import { ReviewStore } from './reviewStore';
import { closeReviewTabs, openReviewTabs, reviewOfTab } from './reviewTabs';
import { showInformation } from '../messages';

/** The diff review of proposed patches: see `PatchReview` for what it promises. */
export function createPatchReview(extension: vscode.ExtensionContext, services: EditorServices): PatchReview {
  const store = new ReviewStore(extension.storageUri);
  const sessions = new Map<string, ReviewSession>();
  const comments = new ReviewComments();
  const files = new ReviewFiles({
    read: async (review, path) => (await sessionOf(review))?.text(path),
    async write(review, path, text) {
      const session = await sessionOf(review);
      if (session === undefined) return;
      session.setText(path, text);
      await store.save(session.toRecord());
      drawComments(session, path);
    },
  });
  const disposables = vscode.Disposable.from(
    comments,
    vscode.workspace.registerFileSystemProvider(reviewScheme, files, { isCaseSensitive: true }),
    // A dirty virtual document would ask on close: every change is saved at once, and undo still works.
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (document.uri.scheme === reviewScheme && contentChanges.length > 0 && document.isDirty) void document.save();
    }),
    vscode.workspace.onDidOpenTextDocument((document) => void restore(document.uri)),
    vscode.window.tabGroups.onDidChangeTabs(updateContext),
    vscode.window.onDidChangeActiveTextEditor(updateContext),
  );
  for (const document of vscode.workspace.textDocuments) void restore(document.uri);
  updateContext();

  async function sessionOf(id: string): Promise<ReviewSession | undefined> {
    const known = sessions.get(id);
    if (known !== undefined) return known;
    const record = await store.load(id);
    if (record === undefined) return undefined;
    const session = sessions.get(id) ?? new ReviewSession(record);
    sessions.set(id, session);
    return session;
  }

  /** After a reload the tabs are there before we are: their reviews come back from the storage. */
  async function restore(uri: vscode.Uri): Promise<void> {
    const place = readReviewUri(uri);
    if (place === undefined) return;
    const session = await sessionOf(place.review);
    if (session !== undefined) drawComments(session, place.path);
    updateContext();
  }

  function drawComments(session: ReviewSession, path: string): void {
    comments.draw(session.id, path, session.hunks(path), session.patch.reason);
  }

  function updateContext(): void {
    const set = (key: string, value: boolean) => void vscode.commands.executeCommand('setContext', `patchline.${key}`, value);
    set('inReview', activeReview() !== undefined);
    set(
      'reviewOpen',
      vscode.window.tabGroups.all.some((group) => group.tabs.some((tab) => reviewOfTab(tab, sessions) !== undefined)),
    );
  }

  function activeReview(): string | undefined {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    return tab === undefined ? undefined : reviewOfTab(tab, sessions);
  }

  async function requireReview(): Promise<ReviewSession> {
    const open = vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => reviewOfTab(tab, sessions)));
    const id = activeReview() ?? open.find((candidate) => candidate !== undefined);
    if (id === undefined) throw new HumanError('No review is open. Generate Fix on a finding opens one.');
    const session = await sessionOf(id);
    if (session === undefined)
      throw new HumanError(
        'The contents of this review were lost. Close its tab and generate the fix again; your files were not changed.',
      );
    return session;
  }

  /** The hunk a command means: the thread it was clicked on, else the one at the cursor, else the first that is open. */
  async function requireHunk(
    args: readonly unknown[],
  ): Promise<{ readonly session: ReviewSession; readonly placed: PlacedHunk }> {
    const session = await requireReview();
    const all = session.paths.flatMap((path) => session.hunks(path));
    const thread = args.map((argument) => comments.find(argument)).find((found) => found !== undefined);
    const byThread = all.find(({ path, hunk }) => thread?.key === keyOf(session.id, path, hunk.id));
    if (byThread !== undefined) return { session, placed: byThread };
    const editor = vscode.window.activeTextEditor;
    const place = editor === undefined ? undefined : readReviewUri(editor.document.uri);
    const line = (editor?.selection.active.line ?? 0) + 1;
    const inFile = all.filter(({ path }) => path === place?.path);
    const atCursor = inFile.find(({ hunk }) => line >= hunk.afterStart && line < hunk.afterStart + Math.max(1, hunk.afterLines));
    const placed = atCursor ?? all.find(({ accepted }) => !accepted) ?? all[0];
    if (placed === undefined) throw new HumanError('Nothing is left in this review: every hunk was rejected. Discard it.');
    return { session, placed };
  }

  async function show(session: ReviewSession): Promise<void> {
    const root = services.root();
    if (root === undefined) throw new HumanError('The folder of this review is not open any more.');
    await openReviewTabs(session, root.uri);
    for (const path of session.paths) drawComments(session, path);
    updateContext();
  }

  async function goTo({ path, hunk }: PlacedHunk, session: ReviewSession): Promise<void> {
    const editor = vscode.window.visibleTextEditors.find(
      ({ document }) => document.uri.toString() === reviewUri(session.id, path).toString(),
    );
    if (editor === undefined) return;
    const at = new vscode.Position(Math.min(editor.document.lineCount - 1, Math.max(0, hunk.afterStart - 1)), 0);
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  async function step(direction: 1 | -1): Promise<void> {
    const session = await requireReview();
    const all = session.paths.flatMap((path) => session.hunks(path));
    const editor = vscode.window.activeTextEditor;
    const place = editor === undefined ? undefined : readReviewUri(editor.document.uri);
    const line = (editor?.selection.active.line ?? -1) + 1;
    const order = (candidate: PlacedHunk) => session.paths.indexOf(candidate.path) * 1e7 + candidate.hunk.afterStart;
    const here = place === undefined ? -1 : session.paths.indexOf(place.path) * 1e7 + line;
    const next = direction === 1 ? all.find((one) => order(one) > here) : all.findLast((one) => order(one) < here);
    const target = next ?? (direction === 1 ? all[0] : all.at(-1));
    if (target !== undefined) await goTo(target, session);
  }

  async function close(session: ReviewSession): Promise<void> {
    await closeReviewTabs(session.id, sessions);
    comments.clear(session.id);
    sessions.delete(session.id);
    await store.remove(session.id);
    updateContext();
  }

  return {
    async open(patch: Patch) {
      const app = await services.patchline();
      const root = services.root();
      if (root === undefined) throw new HumanError('Open the folder of the finding first.');
      for (const change of patch.changes) assertNotDrifted(change, await readText(vscode.Uri.joinPath(root.uri, change.path)));
      const finding = app.findings.get(patch.findingId);
      const id = `${patch.findingId}-${sha256Hex(JSON.stringify(patch.changes)).slice(0, 8)}`;
      for (const known of [...sessions.values()]) if (known.patch.findingId === patch.findingId) await close(known);
      const session = ReviewSession.of(id, patch);
      sessions.set(id, session);
      await store.save(session.toRecord());
      services.log.info(`Review of “${patch.title}” for ${finding?.id ?? patch.findingId} opened.`);
      await show(session);
    },
    current(findingId) {
      return [...sessions.values()].find((session) => session.patch.findingId === findingId)?.current();
    },
    async apply() {
      const session = await requireReview();
      const root = services.root();
      if (root === undefined) throw new HumanError('The folder of this review is not open any more.');
      const patch = session.current();
      if (patch.changes.length === 0)
        throw new HumanError('Every hunk was rejected: there is nothing to apply. Discard the review instead.');
      await applyReview(root.uri, patch);
      await (await services.patchline()).acceptPatch(patch);
      await close(session);
      const first = patch.changes[0];
      if (first !== undefined)
        await vscode.window.showTextDocument(vscode.Uri.joinPath(root.uri, first.path), { preview: false });
      void offerNext(patch);
    },
    async discard() {
      await close(await requireReview());
    },
    async acceptHunk(...args) {
      const { session, placed } = await requireHunk(args);
      session.accept(placed.path, placed.hunk);
      await store.save(session.toRecord());
      drawComments(session, placed.path);
      const open = session.paths.flatMap((path) => session.hunks(path)).find(({ accepted }) => !accepted);
      if (open !== undefined) await goTo(open, session);
    },
    async rejectHunk(...args) {
      const { session, placed } = await requireHunk(args);
      const text = session.without(placed.path, placed.hunk);
      if (text === undefined) return;
      // Through the document, so that Undo brings the hunk back.
      const document = await vscode.workspace.openTextDocument(reviewUri(session.id, placed.path));
      const edit = new vscode.WorkspaceEdit();
      const end = document.lineAt(document.lineCount - 1).range.end;
      edit.replace(document.uri, new vscode.Range(new vscode.Position(0, 0), end), text.replace(/^\uFEFF/, ''));
      await vscode.workspace.applyEdit(edit);
    },
    nextHunk: () => step(1),
    previousHunk: () => step(-1),
    dispose() {
      disposables.dispose();
    },
  };
}

async function offerNext(patch: Patch): Promise<void> {
  const test = 'Generate Regression Test';
  const prove = 'Prove Fix';
  const choice = await showInformation(`Applied: ${patch.title}. Undo brings everything back in one step.`, test, prove);
  if (choice === test) await vscode.commands.executeCommand('patchline.generateTest', patch.findingId);
  if (choice === prove) await vscode.commands.executeCommand('patchline.proveFix', patch.findingId);
}

async function readText(uri: vscode.Uri): Promise<string | undefined> {
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}
