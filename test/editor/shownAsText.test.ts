import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { editor } from '../support/vscodeStandIn';
import type { Message } from '../support/standInEditor';
import { HumanError, VendorError } from '../../src/core/errors';
import type { DeliveryState } from '../../src/core/delivery';
import type { Patch } from '../../src/core/model/patch';
import { approvalCommands } from '../../src/editor/commands/approvalCommands';
import { checkCommands } from '../../src/editor/commands/checkCommands';
import type { FeatureContext } from '../../src/editor/commands/featureContext';
import { pickDelivery } from '../../src/editor/commands/pickDelivery';
import { pickFinding } from '../../src/editor/commands/pickFinding';
import { reviewCommands } from '../../src/editor/commands/reviewCommands';
import { FindingsTree } from '../../src/editor/findings/findingsTree';
import { guard } from '../../src/editor/guard';
import { askFirst, askWhich, setStatus } from '../../src/editor/messages';
import { PatchesTree } from '../../src/editor/patches/patchesTree';
import { RunningWork } from '../../src/editor/progress';
import { createPatchReview } from '../../src/editor/review/patchReview';
import { createStatusBar } from '../../src/editor/statusBar';
import { makeDelivery, makePlan, makeRollout } from '../support/delivery';
import { FakePatchline } from '../support/fakePatchline';
import { makeTriaged } from '../support/findings';
import { place, settle, standInServices } from '../support/standInServices';

/** What VS Code makes an icon of in rows of pick lists, in the status bar and in buttons. */
const icons = /(\\)?\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/g;
const hostile = '$(verified) safe $(x~spin)';
const asText = '$ (verified) safe $ (x~spin)';

/** Titles of a foreign report and a foreign forge in everything that is shown of them. */
const findings = ['1', '2'].map((end) =>
  makeTriaged({
    id: `pl-000000000000000${end}`,
    title: hostile,
    ruleId: hostile,
    scanner: hostile,
    locations: [{ path: `src/${hostile}${end}.js`, startLine: 1 }],
  }),
);
const stateOf = (findingId: string, number: number): DeliveryState => {
  const known = makeDelivery();
  return {
    ...known,
    findingId,
    pullRequest: { ...known.pullRequest, number, title: hostile },
    ...(known.ci === undefined
      ? {}
      : { ci: { ...known.ci, checks: known.ci.checks.map((check) => ({ ...check, name: hostile })) } }),
    rollout: makeRollout({ plan: makePlan({ service: hostile }) }),
    waitsFor: hostile,
  };
};
const patchOf = (findingId: string, path: string): Patch => ({
  findingId,
  fixer: 'structural-rule',
  trust: 'rule',
  title: hostile,
  reason: hostile,
  changes: [{ path, before: 'bad\n', after: 'good\n' }],
  notes: [],
});

/** The icons of a text, apart from those at its very start, which are ours. */
const foreignIcons = (text: string | undefined): readonly string[] => (text ?? '').slice(1).match(icons) ?? [];

describe('words from outside that look like icons', () => {
  let engine: FakePatchline;
  let context: FeatureContext;
  let run: (could: string, work: () => unknown) => Promise<void>;

  beforeEach(async () => {
    editor.reset();
    engine = new FakePatchline({ findings });
    await engine.importReports(undefined);
    engine.delivery.states = findings.map(({ id }, index) => stateOf(id, index + 7));
    engine.delivery.approvers = async () => [
      { kind: 'person', source: hostile, by: hostile },
      { kind: 'person', source: hostile, by: hostile, refused: hostile },
    ];
    const services = standInServices(engine);
    run = (could, work) => guard(services.log, could, async () => void (await work()));
    const review = createPatchReview({ storageUri: place('.storage') } as unknown as vscode.ExtensionContext, services);
    context = {
      services,
      review,
      work: new RunningWork(),
      imports: { first: async () => undefined },
      panel: { active: () => undefined, show: async () => undefined },
      views: { findings: {}, patches: {} },
      diagnostics: { atCursor: () => undefined },
      look: { inEditor: () => false },
    } as unknown as FeatureContext;
  });

  const lists: Readonly<Record<string, () => Promise<unknown>>> = {
    findings: () => pickFinding([], context, 'Which?'),
    reviews: async () => {
      for (const [index, { id }] of findings.entries()) {
        editor.put(place(`${hostile}${index}.js`), 'bad\n');
        await context.review.open(patchOf(id, `${hostile}${index}.js`));
      }
      editor.activeTab = undefined;
      await reviewCommands(context)['patchline.applyReview']();
    },
    patches: () => pickDelivery([], context, 'Which?', 'promote'),
    checks: () => checkCommands(context)['patchline.showCheckLog'](findings[0]?.id),
    approvers: () => approvalCommands(context)['patchline.approve'](findings[0]?.id),
  };
  for (const [name, pick] of Object.entries(lists))
    it(`are words in the list of ${name}`, async () => {
      await run('pick', pick);
      const [rows] = editor.picks;
      assert.ok(rows !== undefined && rows.length >= 2, `no list: ${editor.messages.map(({ text }) => text).join()}`);
      const texts = rows.flatMap(({ label, description, detail }) => [label, description ?? '', detail ?? '']);
      assert.deepEqual(texts.flatMap(foreignIcons), []);
      assert.ok(texts.some((text) => text.includes(asText)));
      // An icon at the start is ours: it tells the severity, or whether somebody may approve.
      assert.deepEqual(
        rows.filter(({ label }) => label.startsWith('$(verified')),
        [],
      );
    });

  it('are words in the status bar, of a rollout and of what runs', async () => {
    const alerts = {
      current: () => [{ level: 'error' as const, text: hostile, detail: '', command: 'x' }],
      onDidChange: () => ({ dispose: () => undefined }),
    };
    for (const [source, icon] of [
      [alerts, '$(error)'],
      [undefined, '$(loading~spin)'],
    ] as const) {
      const work = new RunningWork();
      createStatusBar(context.services, work, context.views.findings, source);
      await work.runToEnd(hostile, async () => assert.equal(editor.statusItem['text'], `${icon} ${asText}`));
    }
    setStatus(hostile, 1);
    assert.deepEqual(editor.statusMessages, [asText]);
  });

  it('are words in progress', async () => {
    await new RunningWork().run(hostile, async ({ onProgress }) => onProgress?.(hostile));
    assert.deepEqual(editor.progress, [asText, asText]);
  });

  it('are words in notifications and dialogs', async () => {
    await run('do that', () => Promise.reject(new HumanError(hostile)));
    await run('do that', () => Promise.reject(new VendorError(hostile, hostile)));
    await run('do that', () => Promise.reject(new Error(hostile)));
    await askFirst(hostile, hostile, 'Yes', 'plain');
    await askWhich(hostile, hostile, 'One');
    await settle();
    assert.equal(editor.messages.length, 5);
    const texts = editor.messages.flatMap(({ text, detail }: Message) => [text, ...(detail === undefined ? [] : [detail])]);
    for (const text of texts) assert.ok(text.includes(asText) && text.match(icons) === null, text);
  });

  it('stand as they are in the trees, where VS Code makes no icons', async () => {
    await engine.acceptPatch(patchOf(findings[0]?.id ?? '', 'a.js'));
    const tree = new FindingsTree(context.services, context.imports);
    const [group] = await tree.getChildren();
    const [row] = await tree.getChildren(group);
    assert.equal(tree.getTreeItem(row ?? assert.fail()).label, hostile);
    const patches = new PatchesTree(context.services);
    const [stage] = await patches.getChildren();
    const [patch] = await patches.getChildren(stage);
    assert.equal(patches.getTreeItem(patch ?? assert.fail()).label, hostile);
  });
});
