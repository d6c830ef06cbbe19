import assert from 'node:assert/strict';
import { createPatchline } from '../../../src/core/createPatchline';
import { panelState } from '../../../src/editor/panel/panelState';
import type { PanelState } from '../../../src/webview/protocol';
import { makeFinding } from '../../support/findings';
import { memoryWorld } from '../../support/memoryPorts';

const id = 'pl-0000000000000001';

async function stateAfter(steps: number, title?: string): Promise<PanelState> {
  const world = memoryWorld();
  world.findings = [makeFinding(title === undefined ? {} : { title })];
  const app = createPatchline(world.ports);
  await app.importReports();
  for (let i = 0; i < steps; i++) await app.advance(id);
  const [patch, test, proof] = await Promise.all([app.currentPatch(id), app.currentTest(id), app.currentProof(id)]);
  const finding = app.findings.get(id) ?? assert.fail('no finding');
  return panelState({ finding, run: app.runs.forFinding(id), patch, test, proof, problems: [], now: 0 });
}

const stageLine = (state: PanelState) => state.stages.map((stage) => `${stage.title}: ${stage.state}`).join(', ');
const primary = (state: PanelState) => state.actions.filter((action) => action.primary).map((action) => action.title);

describe('panelState', () => {
  it('shows eight stages and offers the fix before anything happened', async () => {
    const state = await stateAfter(0);
    assert.equal(state.stages.length, 8);
    assert.ok(state.stages.every((stage) => stage.state === 'not-reached' && stage.hint !== ''));
    assert.deepEqual(primary(state), ['Generate Fix']);
    assert.equal(state.patch, undefined);
  });

  it('offers one next step after each step', async () => {
    const offered = [];
    for (const steps of [1, 2, 3, 4]) offered.push(primary(await stateAfter(steps)));
    assert.deepEqual(offered, [['Generate Regression Test'], ['Prove Fix'], ['Open Pull Request'], []]);
  });

  it('shows fix, test, proof and pull request with their evidence at the end', async () => {
    const state = await stateAfter(4);
    assert.equal(
      stageLine(state),
      'Detection: successful, Triage: successful, Generation: successful, Build: waiting, Testing: not-reached, Approval: not-reached, Rollout: not-reached, Monitoring: not-reached',
    );
    assert.deepEqual(state.patch?.diff, [
      { kind: 'file', text: 'src/ping.js' },
      { kind: 'hunk', text: '@@ -1 +1 @@' },
      { kind: 'removed', text: '-bad();' },
      { kind: 'added', text: '+good();' },
    ]);
    assert.deepEqual([state.proof?.outcome, state.proof?.current, state.pullRequest?.number], ['successful', true, 1]);
    const generation = state.stages.find((stage) => stage.id === 'generation');
    assert.deepEqual(
      generation?.parts.map((part) => [part.title, part.evidence.map((evidence) => evidence.name)]),
      [
        ['Fix accepted', ['patch.diff', 'patch.json']],
        ['Regression test', ['test/ping.test.js', 'test.json']],
        ['Proof', ['proof.json']],
      ],
    );
  });

  it('lets no control character of a report through', async () => {
    const state = await stateAfter(0, 'evil\u0000\u202etitle\u001b[31m');
    assert.doesNotMatch(state.title, /[\u0000-\u001f\u202e]/);
  });

  it('says that the log is damaged', async () => {
    const world = memoryWorld();
    const finding = makeFinding();
    world.findings = [finding];
    const app = createPatchline(world.ports);
    await app.importReports();
    const triaged = app.findings.get(id) ?? assert.fail('no finding');
    const problems = [{ kind: 'altered', chain: 'c', line: 3, n: 3, why: 'entry 3 is not what was written' } as const];
    const state = panelState({
      finding: triaged,
      run: undefined,
      patch: undefined,
      test: undefined,
      proof: undefined,
      problems,
      now: 0,
    });
    assert.equal(state.logProblem, 'The run log is damaged: entry 3 is not what was written.');
  });
});
