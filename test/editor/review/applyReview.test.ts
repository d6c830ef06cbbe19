import assert from 'node:assert/strict';
import { editor } from '../../support/vscodeStandIn';
import type { FileChange, Patch } from '../../../src/core/model/patch';
import { applyReview } from '../../../src/editor/review/applyReview';
import { folder, place } from '../../support/standInServices';

const patchOf = (...changes: readonly FileChange[]): Patch => ({
  findingId: 'pl-1',
  fixer: 'structural-rule',
  trust: 'rule',
  title: 'A fix',
  reason: 'because',
  changes,
  notes: [],
});
const change = (path: string): FileChange => ({ path, before: 'one\nbad\n', after: 'one\ngood\n' });
const newFile: FileChange = { path: 'new.js', before: null, after: 'made\n' };
const apply = (...changes: readonly FileChange[]) => applyReview(folder.uri, patchOf(...changes));

describe('applying a review', () => {
  beforeEach(() => {
    editor.reset();
    for (const path of ['a.js', 'b.js']) editor.put(place(path), 'one\nbad\n');
  });

  it('writes every file, saved', async () => {
    await apply(change('a.js'), change('b.js'), newFile);
    assert.deepEqual(
      ['a.js', 'b.js', 'new.js'].map((path) => editor.textOf(place(path))),
      ['one\ngood\n', 'one\ngood\n', 'made\n'],
    );
    assert.equal(
      editor.documents.some(({ isDirty }) => isDirty),
      false,
    );
  });

  describe('refuses, and loses nothing,', () => {
    /** Nothing on the disk or in memory is another thing than before. */
    const refuses = async (changes: readonly FileChange[], words: RegExp) => {
      const seen = () => [
        [...editor.disk.keys()].map((uri) => [uri, Buffer.from(editor.disk.get(uri)?.bytes ?? []).toString()]),
        editor.documents.filter(({ isDirty }) => isDirty).map(({ uri, text }) => [uri.toString(), text]),
      ];
      const before = seen();
      await assert.rejects(apply(...changes), words);
      assert.deepEqual(seen(), before);
    };

    it('when a file was deleted on the disk', async () => {
      editor.disk.delete(place('b.js').toString());
      await refuses([change('a.js'), change('b.js')], /^HumanError: b\.js is no longer there/);
    });

    it('when a file was deleted on the disk and its editor holds unsaved changes', async () => {
      editor.type(await editor.open(place('b.js')), 'my own\n');
      editor.disk.delete(place('b.js').toString());
      await refuses(
        [change('a.js'), change('b.js')],
        /^HumanError: b\.js was deleted on the disk while it is open with unsaved changes\. Save it to bring it back, or close it;/,
      );
    });

    it('when a file was deleted on the disk while it is open without changes', async () => {
      await editor.open(place('b.js'));
      editor.disk.delete(place('b.js').toString());
      await refuses([change('a.js'), change('b.js')], /^HumanError: b\.js is no longer there/);
    });

    it('when a file has unsaved changes, or others on the disk', async () => {
      editor.type(await editor.open(place('b.js')), 'my own\n');
      await refuses([change('a.js'), change('b.js')], /^HumanError: b\.js has unsaved changes/);
      editor.put(place('a.js'), 'other\n');
      await refuses([change('a.js')], /^HumanError: a\.js has changed since the fix was made/);
    });

    it('when a file that the fix creates is there by now', async () => {
      editor.put(place('new.js'), 'other\n');
      await refuses([change('a.js'), newFile], /^HumanError: new\.js is there by now, and the fix would create it/);
    });

    it('when a file that the fix creates is open with unsaved changes, and nowhere else', async () => {
      editor.put(place('new.js'), 'other\n');
      editor.type(await editor.open(place('new.js')), 'my own\n');
      editor.disk.delete(place('new.js').toString());
      await refuses([change('a.js'), newFile], /^HumanError: new\.js is there by now, and the fix would create it/);
    });

    it('when VS Code refuses', async () => {
      editor.edits = false;
      await refuses([change('a.js')], /^HumanError: VS Code refused the change/);
    });
  });

  it('says which file could not be saved', async () => {
    editor.saves = false;
    await assert.rejects(apply(change('a.js')), /a\.js was changed but could not be saved\. Save it yourself, or undo\./);
  });
});
