import assert from 'node:assert/strict';
import type { PatchRun, RecordedStep } from '../../../src/core/model/run';
import { currentSteps, runContext, runStanding, standing } from '../../../src/editor/patches/runWords';
import { makeDelivery } from '../../support/delivery';
import { makeTriaged } from '../../support/findings';

function step(name: string, outcome: RecordedStep['outcome'], attempt = 1): RecordedStep {
  return {
    run: 'r',
    stage: 'generation',
    name,
    attempt,
    outcome,
    summary: name,
    evidence: [],
    at: '2026-01-01T00:00:00.000Z',
    by: 'Ada',
    entry: { chain: 'c', n: 1, hash: '0' },
  };
}
const run = (steps: readonly RecordedStep[], state: PatchRun['state'] = 'active'): PatchRun => ({
  id: 'r',
  finding: makeTriaged(),
  startedAt: '2026-01-01T00:00:00.000Z',
  steps,
  stage: 'generation',
  state,
});

describe('standing', () => {
  const cases: readonly (readonly [string, PatchRun])[] = [
    ['begun', run([])],
    ['waits for you: a regression test', run([step('patch', 'successful')])],
    ['waits for you: Prove Fix', run([step('patch', 'successful'), step('test', 'successful')])],
    ['proof: failed', run([step('patch', 'successful'), step('proof', 'failed')])],
    ['proof: could not be checked', run([step('proof', 'error')])],
    ['waits for you: Open Pull Request', run([step('proof', 'failed'), step('proof', 'successful', 2)])],
    ['waits for its build and review', run([step('pull-request', 'waiting')])],
    ['waits for you: complete the test', run([step('patch', 'successful'), step('test', 'waiting')])],
    ['closed', run([step('patch', 'successful')], 'closed')],
    ['superseded', run([], 'superseded')],
  ];
  for (const [words, given] of cases) it(words, () => assert.equal(standing(given), words));
});

describe('currentSteps', () => {
  it('keeps the newest attempt of each step, in the order they were begun', () =>
    assert.deepEqual(
      currentSteps(run([step('patch', 'failed'), step('test', 'successful'), step('patch', 'successful', 2)])).map(
        (one) => `${one.name} ${one.attempt}`,
      ),
      ['patch 2', 'test 1'],
    ));
});

describe('a run behind its pull request', () => {
  const waiting = run([step('pull-request', 'waiting')], 'waiting');

  it('says its traffic and whom it waits for, and is found by its acts', () => {
    const delivery = makeDelivery({ actions: ['approve', 'roll-back'] });
    assert.equal(runStanding(waiting, delivery), '50 % · waits for bake time of step 2 until 14:10');
    assert.equal(runContext(waiting, delivery), 'run.waiting delivery approve roll-back');
    // What menus look for: a word of its own, so that one act is never taken for another.
    assert.match(runContext(waiting, delivery), / approve( |$)/);
    assert.doesNotMatch(runContext(waiting, delivery), / roll( |$)/);
  });

  it('stands as before without one', () => {
    assert.equal(runStanding(waiting, undefined), 'waits for its build and review');
    assert.equal(runContext(waiting, undefined), 'run.waiting');
    assert.equal(runStanding(run([step('patch', 'successful')], 'closed'), makeDelivery()), 'closed');
  });
});
