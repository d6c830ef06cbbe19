import assert from 'node:assert/strict';
import type { RolloutState } from '../../../src/core/model/rollout';
import { needsWatch } from '../../../src/editor/delivery/needsWatch';
import { makeRollout } from '../../support/delivery';

const at = (phase: RolloutState['phase'], over: Partial<RolloutState> = {}): RolloutState => makeRollout({ phase, ...over });

describe('needsWatch', () => {
  for (const [phase, expected] of Object.entries({
    planned: false,
    progressing: true,
    paused: true,
    'rolling-back': true,
    watching: true,
    completed: false,
    'rolled-back': false,
    degraded: false,
  } satisfies Record<RolloutState['phase'], boolean>)) {
    it(`${phase}: ${expected ? 'yes' : 'no'}`, () => {
      assert.equal(needsWatch({ rollout: at(phase as RolloutState['phase']) }), expected);
    });
  }

  it('yes while the command of the first step runs, which may have set the traffic already', () => {
    const pending = { action: { kind: 'step', step: 0, weight: 10 }, key: 'k', since: '2026-01-10T14:00:00Z' } as const;
    assert.equal(needsWatch({ rollout: at('planned', { pending }) }), true);
  });

  it('looks at every service of a patch', () => {
    assert.equal(needsWatch({ rollout: at('completed'), services: [at('completed'), at('watching')] }), true);
    assert.equal(needsWatch({}), false);
  });
});
