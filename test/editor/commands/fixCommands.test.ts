import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { editor } from '../../support/vscodeStandIn';
import type { Patch } from '../../../src/core/model/patch';
import type { RegressionTest } from '../../../src/core/model/regressionTest';
import type { FeatureContext } from '../../../src/editor/commands/featureContext';
import { fixCommands } from '../../../src/editor/commands/fixCommands';
import { guard } from '../../../src/editor/guard';
import { RunningWork } from '../../../src/editor/progress';
import { createPatchReview } from '../../../src/editor/review/patchReview';
import type { PatchReview } from '../../../src/editor/reviewPort';
import { FakePatchline } from '../../support/fakePatchline';
import { makeTriaged } from '../../support/findings';
import { place, standInServices } from '../../support/standInServices';

const finding = makeTriaged();
const patch: Patch = {
  findingId: finding.id,
  fixer: 'structural-rule',
  trust: 'rule',
  title: 'A fix',
  reason: 'because',
  changes: [{ path: 'src/ping.js', before: 'bad\n', after: 'good\n' }],
  notes: [],
};
const test: RegressionTest = {
  findingId: finding.id,
  framework: 'node-test',
  path: 'test/ping.test.js',
  text: '// a test\n',
  command: ['node', '--test'],
  strength: 'behaviour',
  expectedFailure: 'x',
  claim: 'A shell is not reached.',
};

describe('generating', () => {
  let engine: FakePatchline;
  let review: PatchReview;
  let commands: ReturnType<typeof fixCommands>;
  /** A command as VS Code runs it: what goes wrong is told. */
  const run = (id: keyof typeof commands) =>
    guard(standInServices(engine).log, 'do that', async () => {
      await commands[id](finding.id);
    });

  beforeEach(async () => {
    editor.reset();
    editor.put(place('src/ping.js'), 'bad\n');
    engine = new FakePatchline({ findings: [finding], patch: () => patch, test: () => test });
    await engine.importReports(undefined);
    const services = standInServices(engine);
    review = createPatchReview({ storageUri: place('.storage') } as unknown as vscode.ExtensionContext, services);
    const context = { services, review, work: new RunningWork(), imports: { first: async () => undefined } };
    commands = fixCommands(context as unknown as FeatureContext);
  });

  describe('a fix', () => {
    it('opens one review where it is asked for twice at once, and says why to who asks again', async () => {
      await Promise.all([run('patchline.generateFix'), run('patchline.generateFix')]);
      assert.deepEqual(
        engine.calls.filter((call) => call.startsWith('fix')),
        [`fix ${finding.id}`],
      );
      assert.equal(editor.tabs.length, 1);
      assert.deepEqual(
        editor.messages.map(({ kind, text }) => ({ kind, text })),
        [
          {
            kind: 'warning',
            text: 'A fix for security/detect-child-process in src/ping.js is being generated already: its progress shows how far it is.',
          },
        ],
      );
    });

    it('can be asked for again when the first is there, or failed', async () => {
      await run('patchline.generateFix');
      await run('patchline.generateFix');
      assert.deepEqual([editor.tabs.length, editor.messages], [1, []]);
      editor.put(place('src/ping.js'), 'other\n');
      await run('patchline.generateFix');
      editor.put(place('src/ping.js'), 'bad\n');
      await run('patchline.generateFix');
      assert.match(editor.messages.map(({ text }) => text).join('\n'), /^[^\n]*src\/ping\.js[^\n]*$/);
    });
  });

  describe('a regression test', () => {
    const accepted = () => engine.calls.filter((call) => call.startsWith('acceptTest'));

    it('is recorded, and told, when it is saved', async () => {
      await run('patchline.generateTest');
      assert.equal(editor.textOf(place(test.path)), test.text);
      assert.deepEqual(accepted(), [`acceptTest ${finding.id}`]);
      assert.match(editor.messages[0]?.text ?? '', /^Regression test written to test\/ping\.test\.js\. A shell is not reached\./);
    });

    it('is written once where it is asked for twice at once', async () => {
      await Promise.all([run('patchline.generateTest'), run('patchline.generateTest')]);
      assert.deepEqual(accepted(), [`acceptTest ${finding.id}`]);
      const told = editor.messages.map(({ text }) => text.slice(0, 40));
      assert.deepEqual(told, ['A regression test for security/detect-ch', 'Regression test written to test/ping.tes']);
    });

    it('is not recorded when it replaced an older one and could not be saved, which is told', async () => {
      editor.put(place(test.path), '// an older test\n');
      editor.press = ({ buttons }) => buttons.find((button) => button === 'Replace');
      editor.saves = false;
      await run('patchline.generateTest');
      assert.deepEqual(accepted(), []);
      assert.deepEqual(
        editor.messages.map(({ kind, text }) => ({ kind, text })),
        [
          { kind: 'warning', text: 'Replace the regression test?' },
          {
            kind: 'warning',
            text: 'The test stands in test/ping.test.js, but could not be saved. Is the file writable? Save it yourself.',
          },
        ],
      );
      assert.equal((await editor.open(place(test.path))).text, test.text);
      assert.equal(editor.textOf(place(test.path)), '// an older test\n');
    });

    it('is not recorded when VS Code refuses to write it, which is told', async () => {
      editor.edits = false;
      await run('patchline.generateTest');
      assert.deepEqual(accepted(), []);
      assert.match(editor.messages[0]?.text ?? '', /^The test could not be written to test\/ping\.test\.js/);
      assert.equal(editor.messages.length, 1);
    });

    it('asks before it takes the place of unsaved text whose file was deleted', async () => {
      editor.put(place(test.path), '// an older test\n');
      editor.type(await editor.open(place(test.path)), '// my own\n');
      editor.disk.delete(place(test.path).toString());
      await run('patchline.generateTest');
      assert.equal(editor.messages[0]?.text, 'Replace the regression test?');
      assert.equal((await editor.open(place(test.path))).text, '// my own\n');
      assert.deepEqual(accepted(), []);
    });
  });
});
