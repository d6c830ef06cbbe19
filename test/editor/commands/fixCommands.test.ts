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
});
