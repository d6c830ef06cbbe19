import assert from 'node:assert/strict';
import type { PatchRun, RecordedStep } from '../../../src/core/model/run';
import { currentSteps, standing } from '../../../src/editor/patches/runWords';
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
