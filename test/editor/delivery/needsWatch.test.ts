import assert from 'node:assert/strict';
import type { RolloutState } from '../../../src/core/model/rollout';
import { needsWatch } from '../../../src/editor/delivery/needsWatch';
import { makePlan, makeRollout } from '../../support/delivery';

const at = (phase: RolloutState['phase'], over: Partial<RolloutState> = {}): RolloutState => makeRollout({ phase, ...over });

describe('needsWatch', () => {
  for (const [phase, expected] of Object.entries({
    planned: true,
    progressing: true,
    paused: true,
    'rolling-back': true,
    watching: true,
    completed: false,
    'rolled-back': false,
    degraded: true,
  } satisfies Record<RolloutState['phase'], boolean>)) {
    it(`${phase}: ${expected ? 'yes' : 'no'}`, () => {
      assert.equal(needsWatch({ rollout: at(phase as RolloutState['phase']) }), expected);
    });
  }

  it('yes while the command of the first step runs, which may have set the traffic already, whatever became of others', () => {
    const pending = { action: { kind: 'step', step: 0, weight: 10 }, key: 'k', since: '2026-01-10T14:00:00Z' } as const;
    assert.equal(needsWatch({ services: [at('degraded'), at('planned', { pending })] }), true);
  });

  it('no once the way back was tried as often as it is: no process can replace the person', () => {
    assert.equal(needsWatch({ rollout: at('degraded', { failedTries: 7 }) }), true);
    assert.equal(needsWatch({ rollout: at('degraded', { failedTries: 8 }) }), false);
    const stuck = at('degraded', { failedTries: 8, service: { ...makeRollout().service, after: ['db'] } });
    const db = at('rolling-back', { plan: makePlan({ service: 'db' }) });
    assert.equal(needsWatch({ rollout: stuck, services: [db, stuck] }), false, 'one waits for the other');
  });

  it('looks at every service of a patch', () => {
    assert.equal(needsWatch({ rollout: at('completed'), services: [at('completed'), at('watching')] }), true);
    assert.equal(needsWatch({ services: [at('completed'), at('planned')] }), true, 'the next one is to be begun');
    for (const back of [at('degraded', { failedTries: 8 }), at('rolled-back')])
      assert.equal(needsWatch({ services: [back, at('planned')] }), false, 'no other one is begun any more');
    assert.equal(needsWatch({}), false);
  });
});
