import * as vscode from 'vscode';
import { CancelledError, HumanError } from '../../core/errors';
import { assertNotDrifted } from '../../core/edits/drift';
import { cleanLine } from '../../core/findings/cleanText';
import { sha256Hex } from '../../core/log/digest';
import type { Patch } from '../../core/model/patch';
import type { PatchReview } from '../reviewPort';
import { fileState } from '../fileState';
import { reviewScheme } from '../reviewPort';
import type { EditorServices } from '../services';
import { applyReview } from './applyReview';
import { isThread, keyOf, ReviewComments } from './reviewComments';
import { ReviewFiles, readReviewUri, reviewUri } from './reviewFiles';
import type { PlacedHunk } from './reviewSession';
import { ReviewSession } from './reviewSession';
import { ReviewStore } from './reviewStore';
import { closeReviewTabs, openReviewTabs, reviewOfTab } from './reviewTabs';
import { askWhich, pickOne, showInformation } from '../messages';

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
    // A dirty virtual document would ask on close: every change is saved at once, and undo still works. The first change after
    // a save is told while the document does not count as dirty yet; an event without changes follows as soon as it does.
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document.uri.scheme === reviewScheme && document.isDirty) void document.save();
    }),
    vscode.workspace.onDidOpenTextDocument((document) => void restore(document.uri)),
    vscode.window.tabGroups.onDidChangeTabs(updateContext),
    vscode.window.onDidChangeActiveTextEditor(updateContext),
  );
  for (const document of vscode.workspace.textDocuments) void restore(document.uri);
  const restored = restoreTabs();

  async function sessionOf(id: string): Promise<ReviewSession | undefined> {
    const known = sessions.get(id);
    if (known !== undefined) return known;
    const record = await store.load(id);
    if (record === undefined) return undefined;
    const session = sessions.get(id) ?? new ReviewSession(record);
    sessions.set(id, session);
    return session;
  }

  /** Reviews in tabs that nobody looks at: VS Code opens their documents only when somebody does. */
  async function restoreTabs(): Promise<void> {
    const kept = new Map((await store.list()).map((record) => [record.id, new ReviewSession(record)]));
    for (const tab of vscode.window.tabGroups.all.flatMap((group) => group.tabs)) {
      const id = reviewOfTab(tab, kept);
      const session = id === undefined ? undefined : kept.get(id);
      if (session !== undefined && !sessions.has(session.id)) sessions.set(session.id, session);
    }
    updateContext();
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
    comments.draw(session.id, path, session.hunks(path), (placed) => session.reasonOf(placed));
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

  /** The review a command means: the one named, else the one in front, else the only one that is open, else the one picked. */
  async function requireReview(named?: string): Promise<ReviewSession> {
    await restored;
    const open = vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => reviewOfTab(tab, sessions)));
    const ids = [...new Set(open.filter((candidate) => candidate !== undefined))];
    const id = named ?? activeReview() ?? (ids.length > 1 ? await pickReview(ids) : ids[0]);
    if (id === undefined) throw new HumanError('No review is open. Generate Fix on a finding opens one.');
    const session = await sessionOf(id);
    if (session === undefined)
      throw new HumanError(
        'The contents of this review were lost. Close its tab and generate the fix again; your files were not changed.',
      );
    await takeUnsaved(session);
    return session;
  }

  /** @throws CancelledError when the list was closed. */
  async function pickReview(ids: readonly string[]): Promise<string> {
    const items = ids.map((id) => {
      const patch = sessions.get(id)?.patch;
      const paths = patch?.changes.map((change) => change.path).join(', ') ?? '';
      return { id, label: cleanLine(patch?.title ?? id, 120), description: cleanLine(paths, 120) };
    });
    const chosen = await pickOne(items, { title: 'Several reviews are open', placeHolder: 'Which one?' });
    if (chosen === undefined) throw new CancelledError();
    return chosen.id;
  }

  /** What was typed a moment ago may still be on its way to us. */
  async function takeUnsaved(session: ReviewSession): Promise<void> {
    for (const document of vscode.workspace.textDocuments) {
      const place = readReviewUri(document.uri);
      if (place?.review !== session.id || !document.isDirty) continue;
      if (!(await document.save())) throw new HumanError(`What you changed in the review of ${place.path} could not be kept.`);
    }
  }

  /** The folder that a review was made for, which must be the one that is worked in. */
  function requireRoot(session: ReviewSession): vscode.WorkspaceFolder {
    const root = services.root();
    if (root?.uri.toString() === session.root) return root;
    const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.toString() === session.root);
    if (folder === undefined) throw new HumanError('The folder of this review is not open any more.');
    throw new HumanError(
      `This review is for the folder ${folder.name}. Choose that folder first (Patchline: Choose Folder…), then go on.`,
    );
  }

  /** A review of the finding in which the person decided or changed something, whether its tab is open or was closed. */
  async function touchedReview(findingId: string): Promise<ReviewSession | undefined> {
    await restored;
    const kept = (await store.list()).filter(({ id }) => !sessions.has(id)).map((record) => new ReviewSession(record));
    const found = [...sessions.values(), ...kept].find(
      (session) => session.patch.findingId === findingId && session.root === services.root()?.uri.toString() && session.isTouched,
    );
    if (found !== undefined) await takeUnsaved(found);
    return found;
  }

  /** Shows the review that is there with the person's own decisions, or asks where it is of another proposal. True: shown. */
  async function resume(id: string, findingId: string): Promise<boolean> {
    const touched = await touchedReview(findingId);
    if (touched === undefined) return false;
    const [keep, anew] = ['Show My Review', 'Start Over'];
    if (touched.id !== id) {
      const choice = await askWhich(
        'You changed a review of this finding, and the fix that is proposed now is another one.',
        'Starting over throws away what you changed in the review.',
        keep,
        anew,
      );
      if (choice === undefined) return true;
      if (choice === anew) {
        await close(touched);
        return false;
      }
    }
    sessions.set(touched.id, touched);
    await show(touched);
    if (touched.id === id)
      void showInformation('This is your review as you left it. Start over to see the proposed fix again.', anew).then(
        async (choice) => {
          if (choice === anew)
            await services.guard('start the review over', () => begin(touched.id, touched.patch, touched.root));
        },
      );
    return true;
  }

  const begin = (id: string, patch: Patch, root: string) => replaceBy(ReviewSession.of(id, patch, root));

  /** Opens the review in place of any other of the same finding. */
  async function replaceBy(session: ReviewSession): Promise<void> {
    const { id, patch } = session;
    for (const known of [...sessions.values()]) if (known.patch.findingId === patch.findingId) await close(known);
    sessions.set(id, session);
    // The editor may still hold the texts of an earlier review of the same proposal, which was changed.
    for (const path of session.paths) files.touch(reviewUri(id, path));
    await store.save(session.toRecord());
    services.log.info(`Review of “${patch.title}” for ${patch.findingId} opened.`);
    await show(session);
  }

  /** What the person decided in a review that was discarded is an undo away. */
  async function offerBack(session: ReviewSession): Promise<void> {
    const back = 'Bring It Back';
    const title = cleanLine(session.patch.title, 160);
    const choice = await showInformation(`The review of “${title}” is gone, with what you decided in it.`, back);
    if (choice !== back) return;
    await services.guard('bring the review back', async () => {
      if ((await touchedReview(session.patch.findingId)) !== undefined)
        throw new HumanError('Another review of this finding holds what you decided since. Discard that one first.');
      await replaceBy(session);
    });
  }

  /** The hunk a command means: the thread it was clicked on, else the one at the cursor, else the first that is open. */
  async function requireHunk(
    args: readonly unknown[],
  ): Promise<{ readonly session: ReviewSession; readonly placed: PlacedHunk }> {
    // A click on a thread is about its own review, whichever is in front.
    const thread = args.map((argument) => comments.find(argument)).find((found) => found !== undefined);
    if (thread === undefined && args.some(isThread)) throw goneHunk();
    const session = await requireReview(thread?.review);
    const all = session.paths.flatMap((path) => session.hunks(path));
    const byThread = all.find(({ path, hunk }) => thread?.key === keyOf(session.id, path, hunk.id));
    if (byThread !== undefined) return { session, placed: byThread };
    if (thread !== undefined) throw goneHunk();
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
    await openReviewTabs(session, requireRoot(session).uri);
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
      await services.patchline();
      const root = services.root();
      if (root === undefined) throw new HumanError('Open the folder of the finding first.');
      for (const change of patch.changes) {
        const uri = vscode.Uri.joinPath(root.uri, change.path);
        assertNotDrifted(change, await readText(uri));
        await assertSaved(uri, change.path);
      }
      const id = `${patch.findingId}-${sha256Hex(JSON.stringify(patch.changes)).slice(0, 8)}`;
      if (await resume(id, patch.findingId)) return;
      await begin(id, patch, root.uri.toString());
    },
    async current(findingId) {
      await restored;
      const root = services.root()?.uri.toString();
      const found =
        [...sessions.values()].find((session) => session.patch.findingId === findingId && session.root === root) ??
        (await touchedReview(findingId));
      if (found !== undefined) await takeUnsaved(found);
      return found?.current();
    },
    active() {
      const session = sessions.get(activeReview() ?? '');
      return session?.root === services.root()?.uri.toString() ? session?.patch.findingId : undefined;
    },
    async apply() {
      const session = await requireReview();
      const root = requireRoot(session);
      const patch = session.current();
      if (patch.changes.length === 0)
        throw new HumanError('Every hunk was rejected: there is nothing to apply. Discard the review instead.');
      await applyReview(root.uri, patch);
      await (await services.patchline()).acceptPatch(patch);
      // Before the review goes: a file that was closed and opened again would count as scanned as it is now, finding and all.
      const first = patch.changes[0];
      if (first !== undefined)
        await vscode.window.showTextDocument(vscode.Uri.joinPath(root.uri, first.path), { preview: false });
      await close(session);
      void offerNext(patch);
    },
    async discard() {
      const session = await requireReview();
      await close(session);
      if (session.isTouched) void offerBack(session);
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
  const choice = await showInformation(
    `Applied: ${cleanLine(patch.title, 160)}. Undo brings everything back in one step.`,
    test,
    prove,
  );
  if (choice === test) await vscode.commands.executeCommand('patchline.generateTest', patch.findingId);
  if (choice === prove) await vscode.commands.executeCommand('patchline.proveFix', patch.findingId);
}

/** Another hunk must not be decided in its place, as by the second of two quick clicks. */
const goneHunk = () => new HumanError('This hunk is no longer in the review, so nothing was changed.');

/** The fix is made for what is saved: beside unsaved changes the diff would look as if it took them back. */
async function assertSaved(uri: vscode.Uri, path: string): Promise<void> {
  if ((await fileState(uri)).unsaved)
    throw new HumanError(
      `${path} has unsaved changes, and a fix is made for the saved file. Save or revert it, then generate the fix again.`,
    );
}

async function readText(uri: vscode.Uri): Promise<string | undefined> {
  try {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}
