import assert from 'node:assert/strict';
import type { ServicePolicy } from '../../../src/core/model/policy';
import { describeStart, describeStrategy } from '../../../src/editor/delivery/startWords';
import { makeDelivery, makePlan } from '../../support/delivery';

const service: ServicePolicy = {
  name: 'orders',
  provider: 'command',
  strategy: { kind: 'canary', steps: [{ weight: 10, bakeSeconds: 600 }, { weight: 50, bakeSeconds: 90, pause: true }] },
  commands: { step: ['npm', 'run', 'step'], rollback: ['npm', 'run', 'rollback'] },
  metrics: makePlan().metrics,
}; // oxfmt-ignore

describe('what is said before a rollout starts', () => {
  it('names merge, artifact, steps, metrics and way back', () => {
    const { pullRequest, artifact } = makeDelivery();
    assert.ok(artifact);
    assert.equal(
      describeStart({ pullRequest: { ...pullRequest, state: 'open' }, artifact }, [service]),
      [
        'Pull request #7 is merged into main first. That is not undone by a way back; a revert pull request is opened for it.',
        'Artifact orders-service 1.0.1, SHA-256 aaaaaaaaaaaaaaaa….',
        '',
        'orders → production, by command',
        '  Steps: 10 % for 10 min, 50 % for 90 s, then a person goes on, 100 %',
        '  Metrics: error-rate, Latency p95 (s), Health',
        '  Way back: npm run rollback',
        '',
        'This window watches it; when it closes, a process of its own goes on watching.',
      ].join('\n'),
    );
    assert.match(describeStart({ pullRequest }, []), /is merged already[\s\S]*No artifact is built yet[\s\S]*names no service/);
  });

  it('knows every strategy', () => {
    assert.equal(describeStrategy({ kind: 'blue-green', bakeSeconds: 300 }), 'green beside blue for 5 min, then all traffic');
    assert.equal(describeStrategy({ kind: 'rolling', batches: 4, bakeSeconds: 60 }), '4 batches, 60 s each');
    assert.equal(
      describeStrategy({ kind: 'flag', flag: 'safe', steps: [{ weight: 100, bakeSeconds: 60 }] }),
      'flag safe: 100 % for 60 s',
    );
  });

  it('says what to mind', () => {
    assert.match(
      describeStart(makeDelivery(), [service], ['nothing watches\nit']),
      /\n\nMind: nothing watches it\n\nThis window/,
    );
  });
});
