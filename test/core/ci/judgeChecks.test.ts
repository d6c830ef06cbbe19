import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judgeChecks } from '../../../src/core/ci/judgeChecks';
import type { CheckState, CiCheck } from '../../../src/core/model/ci';

const check = (name: string, state: CheckState, more: Partial<CiCheck> = {}): CiCheck => ({
  id: name,
  name,
  kind: 'job',
  state,
  attempt: 1,
  hasLog: false,
  ...more,
});
const states: readonly CheckState[] = [
  'queued',
  'running',
  'successful',
  'failed',
  'timed-out',
  'cancelled',
  'action-required',
  'stale',
  'neutral',
  'skipped',
];

describe('what the checks of a commit say together', () => {
  const alone: Readonly<Record<CheckState, string>> = {
    queued: 'waiting',
    running: 'waiting',
    successful: 'successful',
    failed: 'failed',
    'timed-out': 'failed',
    cancelled: 'error',
    'action-required': 'waiting',
    stale: 'error',
    neutral: 'successful',
    skipped: 'successful',
  };
  for (const state of states) {
    it(`one that is ${state}: ${alone[state]}`, () => {
      assert.deepEqual(judgeChecks([check('test', state)], []), { missing: [], outcome: alone[state] });
      assert.equal(judgeChecks([check('test', state), check('lint', 'successful')], ['test']).outcome, alone[state]);
    });
  }

  it('is never green without any check, nor while a required one is not there', () => {
    assert.deepEqual(judgeChecks([], []), { missing: [], outcome: 'error' });
    assert.deepEqual(judgeChecks([], ['test']), { missing: ['test'], outcome: 'waiting' });
    assert.deepEqual(judgeChecks([check('lint', 'successful')], ['test', 'lint', 'test']), {
      missing: ['test'],
      outcome: 'waiting',
    });
    assert.equal(judgeChecks([check('lint', 'failed')], ['test']).outcome, 'failed', 'a failure is said at once');
  });

  it('takes both of one name, and leaves out what need not pass', () => {
    const both = [check('test', 'successful', { kind: 'check-run' }), check('test', 'failed', { kind: 'status' })];
    assert.equal(judgeChecks(both, ['test']).outcome, 'failed');
    const optional = check('coverage', 'failed', { required: false });
    assert.equal(judgeChecks([check('test', 'successful'), optional], ['test']).outcome, 'successful');
    assert.equal(judgeChecks([check('test', 'successful'), optional], ['test', 'coverage']).outcome, 'failed');
    assert.equal(judgeChecks([optional], []).outcome, 'error', 'none decides');
  });

  it('does not depend on the order, and one more check never makes red green', () => {
    const checks = fc.array(
      fc
        .record({ name: fc.constantFrom('a', 'b', 'c'), state: fc.constantFrom(...states) })
        .map(({ name, state }) => check(name, state)),
    );
    fc.assert(
      fc.property(checks, fc.constantFrom(...states), (list, state) => {
        const before = judgeChecks(list, ['a']).outcome;
        assert.equal(judgeChecks([...list].reverse(), ['a']).outcome, before);
        const after = judgeChecks([...list, check('d', state)], ['a']).outcome;
        assert.ok(!(before !== 'successful' && list.length > 0 && after === 'successful'));
      }),
    );
  });
});
