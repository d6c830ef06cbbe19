import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { editor } from '../../support/vscodeStandIn';
import type { Patch } from '../../../src/core/model/patch';
import { createPatchReview } from '../../../src/editor/review/patchReview';
import type { PatchReview } from '../../../src/editor/reviewPort';
import { FakePatchline } from '../../support/fakePatchline';
import { makeTriaged } from '../../support/findings';
import { place, settle, standInServices } from '../../support/standInServices';
import { TabInputTextDiff, Uri } from '../../support/standInTypes';

const storage = Uri.from({ scheme: 'file', path: '/storage' });
/** Far enough apart for two hunks. */
const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`);
const before = `${lines.join('\n')}\n`;
const after = before.replace('line 2\n', 'fixed 2\n').replace('line 15\n', 'fixed 15\n');
const patchOf = (findingId: string, path: string): Patch => ({
  findingId,
  fixer: 'structural-rule',
  trust: 'rule',
  title: `Fix of ${path}`,
  reason: 'because',
  changes: [{ path, before, after }],
  notes: [],
});
const [first, second] = [patchOf('pl-1', 'a.js'), patchOf('pl-2', 'b.js')];

describe('the review in the editor', () => {
  let review: PatchReview;
  /** The extension as it starts, in a new window or after a reload. */
  const start = async () => {
    begin(await newEngine());
    await settle();
  };
  const newEngine = async () => {
    const engine = new FakePatchline({ findings: [first, second].map(({ findingId }) => makeTriaged({ id: findingId })) });
    await engine.importReports(undefined);
    return engine;
  };
  const begin = (engine: FakePatchline) => {
    review = createPatchReview({ storageUri: storage } as unknown as vscode.ExtensionContext, standInServices(engine));
  };
  const reload = () => {
    editor.restart();
    return start();
  };
  /** The right side of the review in front, as VS Code holds it. */
  const shown = async (path: string) => {
    const inputs = editor.tabs.map(({ input }) => input).filter((input) => input instanceof TabInputTextDiff);
    const input = inputs.find(({ modified }) => modified.path.endsWith(`/${path}`)) ?? assert.fail(`no review of ${path}`);
    return editor.open(input.modified);
  };
  const edit = async (path: string, text: string) => {
    editor.type(await shown(path), text);
    await settle();
  };
  const threadsOf = (path: string) => editor.threads.filter(({ uri }) => uri.path.endsWith(`/${path}`));
  const changed = after.replace('fixed 2', 'my own 2');

  beforeEach(async () => {
    editor.reset();
    for (const path of ['a.js', 'b.js']) editor.put(place(path), before);
    await start();
  });

  describe('after a reload of the window', () => {
    it('has its text and its hunks again where its tab is still there', async () => {
      await review.open(first);
      await edit('a.js', changed);
      await reload();
      assert.equal((await shown('a.js')).text, changed);
      await settle();
      assert.equal(threadsOf('a.js').length, 2);
      assert.equal((await review.current('pl-1'))?.changes[0]?.after, changed);
      await review.apply();
      assert.equal(editor.textOf(place('a.js')), changed);
    });

    it('is shown again as the person left it where its tab is gone', async () => {
      await review.open(first);
      await edit('a.js', changed);
      editor.tabs = [];
      await reload();
      assert.equal((await review.current('pl-1'))?.changes[0]?.after, changed);
      await review.open(first);
      assert.equal((await shown('a.js')).text, changed);
      assert.match(editor.messages.at(-1)?.text ?? '', /your review as you left it/);
    });

    it('has its text also where VS Code asks for it before anything else is done', async () => {
      await review.open(first);
      await edit('a.js', changed);
      const engine = await newEngine();
      editor.restart();
      begin(engine);
      assert.equal((await shown('a.js')).text, changed);
    });

    it('is known by its label where it has several files and nobody looked at its tab yet', async () => {
      await review.open({ ...first, changes: [...first.changes, ...second.changes] });
      editor.tabs = editor.tabs.map(({ label }) => ({ label: `${label} (2 files)`, input: undefined }));
      editor.activeTab = editor.tabs[0];
      await reload();
      assert.equal(review.active(), 'pl-1');
      await review.apply();
      assert.deepEqual([editor.textOf(place('a.js')), editor.textOf(place('b.js'))], [after, after]);
      assert.deepEqual(editor.tabs, []);
    });

    it('says what it is, and cannot be written, where its text is lost', async () => {
      await review.open(first);
      for (const key of editor.disk.keys()) if (key.includes('/storage/')) editor.disk.delete(key);
      await reload();
      const document = await shown('a.js');
      assert.match(document.text, /contents of this review were lost/);
      editor.type(document, 'typed');
      await assert.rejects(document.save(), /contents of this review were lost/);
      await assert.rejects(review.apply(), /contents of this review were lost/);
      assert.equal(editor.textOf(place('a.js')), before);
    });

    for (const [what, text] of [
      ['nothing', ''],
      ['texts that are none', '{"id":"bad","root":"file:///made-up","patch":{},"texts":null,"accepted":[]}'],
      ['a patch that is none', '{"id":"bad","root":"file:///made-up","patch":{"findingId":"pl-1"},"texts":{},"accepted":[]}'],
      ['no decisions', `{"id":"bad","root":"file:///made-up","patch":${JSON.stringify(second)},"texts":{"b.js":"x"}}`],
    ] as const)
      it(`goes on beside a record that holds ${what}`, async () => {
        await review.open(first);
        await edit('a.js', changed);
        editor.put(Uri.joinPath(storage, 'reviews', 'bad.json'), text);
        await reload();
        assert.equal((await review.current('pl-1'))?.changes[0]?.after, changed);
        assert.equal(await review.current('pl-2'), undefined);
        await review.apply();
        assert.equal(editor.textOf(place('a.js')), changed);
      });
  });

  describe('started over', () => {
    beforeEach(async () => {
      await review.open(first);
      await edit('a.js', changed);
      // VS Code keeps the document for a while.
      await closeTab();
    });
    const closeTab = async () => {
      editor.tabs = [];
      editor.activeTab = undefined;
      await settle();
    };

    it('shows the proposed text, though VS Code still holds the old one', async () => {
      editor.press = ({ buttons }) => buttons.find((button) => button === 'Start Over');
      await review.open(first);
      await settle();
      assert.match(editor.messages.at(-1)?.text ?? '', /your review as you left it/);
      assert.equal((await shown('a.js')).text, after);
      assert.equal((await review.current('pl-1'))?.changes[0]?.after, after);
      assert.equal(threadsOf('a.js').length, 2);
    });

    it('stays as the person left it where they do not ask for that', async () => {
      await review.open(first);
      await settle();
      assert.equal((await shown('a.js')).text, changed);
    });

    it('shows the proposed text where the review was discarded before, and the person’s own where that was taken back', async () => {
      await review.open(first);
      editor.press = ({ buttons }) => buttons.find((button) => button === 'Bring It Back');
      await review.discard();
      await settle();
      assert.equal((await shown('a.js')).text, changed);
      editor.press = () => undefined;
      await review.discard();
      await review.open(first);
      await settle();
      assert.equal((await shown('a.js')).text, after);
    });
  });

  describe('a click on a comment thread', () => {
    beforeEach(async () => {
      await review.open(first);
      await review.open(second);
      await settle();
    });

    it('rejects the hunk of that thread’s review, whichever review is in front', async () => {
      assert.equal(review.active(), 'pl-2');
      await review.rejectHunk(threadsOf('a.js')[1]);
      await settle();
      assert.equal((await review.current('pl-1'))?.changes[0]?.after, after.replace('fixed 15', 'line 15'));
      assert.equal(await review.current('pl-2'), second);
    });

    it('accepts the hunk of that thread’s review, whichever review is in front', async () => {
      await review.acceptHunk(threadsOf('a.js')[1]);
      const accepted = (path: string) => threadsOf(path).map(({ contextValue }) => contextValue);
      assert.deepEqual(
        [accepted('a.js'), accepted('b.js')],
        [
          ['open', 'accepted'],
          ['open', 'open'],
        ],
      );
    });

    it('does nothing to another hunk where its own is gone, as at the second of two quick clicks', async () => {
      const [thread] = threadsOf('a.js');
      let write = () => {};
      editor.beforeWriting = () => new Promise((resolve) => (write = resolve));
      await review.rejectHunk(thread);
      await settle();
      // Rejected, but not stored and drawn yet.
      await assert.rejects(review.rejectHunk(thread), /no longer in the review/);
      editor.beforeWriting = async () => undefined;
      write();
      await settle();
      // The thread itself, and what VS Code gives once it knows that it is disposed.
      await assert.rejects(review.rejectHunk(thread), /no longer in the review/);
      await assert.rejects(review.rejectHunk({ $mid: 7, commentThreadHandle: 3 }), /no longer in the review/);
      await settle();
      assert.equal((await review.current('pl-1'))?.changes[0]?.after, after.replace('fixed 2', 'line 2'));
      assert.equal(await review.current('pl-2'), second);
    });
  });
});
