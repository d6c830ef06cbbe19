import assert from 'node:assert/strict';
import { editor } from '../../support/vscodeStandIn';
import type { DeliveryState } from '../../../src/core/delivery';
import type { FeatureContext } from '../../../src/editor/commands/featureContext';
import { rolloutCommands } from '../../../src/editor/commands/rolloutCommands';
import { guard } from '../../../src/editor/guard';
import { RunningWork } from '../../../src/editor/progress';
import { makeBreach, makeDelivery } from '../../support/delivery';
import { FakePatchline } from '../../support/fakePatchline';
import { settle, standInServices } from '../../support/standInServices';

const id = makeDelivery().findingId;
const takenBack = (overrides: Partial<DeliveryState> = {}) =>
  makeDelivery({ rollout: makeBreach(), actions: ['roll-back'], ...overrides });
const revert = { number: 8, url: 'https://example.org/pull/8' };

describe('Roll Back', () => {
  let engine: FakePatchline;
  /** What the engine is asked, and how the run stands after it. */
  let asked: (readonly [string, string])[];
  let after: DeliveryState;
  const run = async (command: 'patchline.rollBack' | 'patchline.abortRollout' = 'patchline.rollBack') => {
    const services = standInServices(engine);
    const context = { services, work: new RunningWork(), panel: { active: () => undefined }, views: { patches: {} } };
    const commands = rolloutCommands(context as unknown as FeatureContext);
    await guard(services.log, 'take it back', async () => {
      await commands[command](id);
    });
    await settle();
  };
  const press = (label: string) => (editor.press = ({ buttons }) => buttons.find((button) => button === label));

  beforeEach(() => {
    editor.reset();
    engine = new FakePatchline();
    asked = [];
    engine.delivery.states = [takenBack()];
    after = takenBack({ actions: [], revert });
    engine.delivery.rollBack = async (findingId, why) => {
      asked.push([findingId, why]);
      engine.delivery.states = [after];
      return after.rollout ?? assert.fail();
    };
  });

  it('tries a revert again that could not be opened, and takes nothing back twice', async () => {
    press('Open Revert');
    await run();
    assert.deepEqual(asked, [[id, 'tried again']]);
    assert.deepEqual(editor.messages[0], {
      kind: 'warning',
      text: 'Roll Back: #7 Stop command injection in ping?',
      detail: 'The traffic is back on the old version. Its revert pull request, which could not be opened, is tried again.',
      buttons: ['Open Revert'],
    });
    assert.deepEqual(editor.progress, ['Opening the revert of #7 Stop command injection in ping']);
    assert.deepEqual(editor.inputs, [], 'why it went back is known already');
    const [, told] = editor.messages;
    assert.deepEqual(
      [told?.kind, told?.text, told?.buttons],
      ['information', 'Revert pull request #8 is open.', ['Open Revert PR #8', 'Show Panel']],
    );
  });

  it('says so when the revert could not be opened again', async () => {
    after = takenBack();
    press('Open Revert');
    await run();
    assert.deepEqual(asked, [[id, 'tried again']]);
    const [, told] = editor.messages;
    assert.equal(told?.kind, 'warning');
    assert.match(told?.text ?? '', /^The revert of #7 Stop command injection in ping could still not be opened/);
  });

  it('does nothing where the person does not say yes', async () => {
    await run();
    assert.deepEqual([asked, editor.messages.length], [[], 1]);
  });

  it('asks for nothing where the revert is open already, as by the button of an older message', async () => {
    engine.delivery.states = [after];
    for (const command of ['patchline.rollBack', 'patchline.abortRollout'] as const) {
      editor.messages.length = 0;
      press('Open Revert');
      await run(command);
      assert.deepEqual(
        editor.messages.map(({ text, buttons }) => [text, buttons]),
        [['#7 Stop command injection in ping is taken back already; its revert is pull request #8.', ['Show Panel']]],
      );
    }
    assert.deepEqual(asked, []);
  });

  it('of a rollout under way asks why, and passes it on', async () => {
    engine.delivery.states = [makeDelivery({ actions: ['abort'] })];
    press('Abort');
    editor.typed = ' it is slow ';
    await run('patchline.abortRollout');
    assert.deepEqual(asked, [[id, 'it is slow']]);
    assert.match(editor.messages[0]?.detail ?? '', /All traffic goes back to the old version by npm run rollback\. A revert/);
  });
});
