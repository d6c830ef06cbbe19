import assert from 'node:assert/strict';
import type { RolloutState } from '../../../src/core/model/rollout';
import { attentionOf, attentionTable, rolloutKey } from '../../../src/editor/delivery/attention';
import { noticesOf, takeUntold } from '../../../src/editor/delivery/breachNotice';
import { deliveryNow, makeBreach, makeDelivery, makePlan, makeRollout } from '../../support/delivery';

const named = (service: string, overrides: Partial<RolloutState> = {}) =>
  makeDelivery({ findingId: `pl-${service}`, rollout: makeRollout({ plan: makePlan({ service }), ...overrides }) });
const levels = (state: ReturnType<typeof named>, now = deliveryNow) =>
  attentionOf([state], now).map((one) => `${one.level}: ${one.text}`);

describe('attentionOf', () => {
  const cases: readonly (readonly [string, Partial<RolloutState>, number?])[] = [
    ['info: orders: step 2 of 3, 50 %, healthy', {}],
    ['info: orders: step 2 of 3, 50 %, under way', { verdicts: [] }],
    ['warning: orders: step 2 of 3, 50 %, paused, healthy', { phase: 'paused' }],
    ['warning: orders: step 2 of 3, 50 %, nobody watches this rollout', {}, 600_000],
    ['warning: orders: step 2 of 3, 50 %, inconclusive', { verdicts: [{ metric: 'error-rate', step: 1, phase: 'inconclusive', message: '' }] }],
    ['error: orders: step 2 of 3, 50 %, stuck halfway: a person must act', { phase: 'degraded' }],
    ['error: orders: step 2 of 3, 50 %, breach of Error rate', { phase: 'rolling-back', breach: { metric: 'error-rate', step: 1, phase: 'failed', message: '' } }],
  ]; // oxfmt-ignore
  for (const [words, overrides, later = 0] of cases)
    it(words, () => assert.deepEqual(levels(named('orders', overrides), deliveryNow + later), [words]));

  it('leaves out what is over, except a breach that nobody has looked at yet, for a day', () => {
    assert.deepEqual(levels(named('orders', { phase: 'completed' })), []);
    const breach = makeDelivery({ rollout: makeBreach() });
    assert.equal(attentionOf([breach], deliveryNow)[0]?.verdict, 'taken back after a breach of Error rate');
    assert.deepEqual(attentionOf([breach], deliveryNow, new Set([rolloutKey(makeBreach())])), []);
    assert.deepEqual(attentionOf([breach], deliveryNow + 2 * 86_400_000), []);
  });

  it('puts the worst first, and lists all as a table in which no name is markup', () => {
    const all = attentionOf(
      [named('calm'), named('stuck', { phase: 'degraded' }), named('a|b](command:x)', { phase: 'paused' })],
      deliveryNow,
    );
    assert.deepEqual(
      all.map((one) => one.level),
      ['error', 'warning', 'info'],
    );
    const lines = attentionTable(all).split('\n');
    assert.equal(lines.length, 5);
    assert.ok(lines[3]?.startsWith('| [a\\|b\\]\\(command\\:x\\)](command:patchline.openPanel?%5B%22pl-'), lines[3]);
  });
});

describe('the messages that are told once', () => {
  const memory = () => {
    const kept = new Map<string, unknown>();
    return {
      get: (key: string) => kept.get(key),
      update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
    };
  };

  it('tells a breach once, also after a reload, and another breach again', async () => {
    const kept = memory();
    const notices = noticesOf([makeDelivery({ rollout: makeBreach() })], deliveryNow);
    assert.deepEqual(
      notices.map((notice) => notice.message),
      ['orders (production): breach of Error rate. 24 of 200 requests failed (12.0 %), at most 5 %. The rollout was taken back.'],
    );
    assert.equal((await takeUntold(notices, kept)).length, 1);
    assert.equal((await takeUntold(noticesOf([makeDelivery({ rollout: makeBreach() })], deliveryNow), kept)).length, 0);
    const again = { ...makeBreach(), plan: makePlan({ attempt: 2 }) };
    assert.equal((await takeUntold(noticesOf([makeDelivery({ rollout: again })], deliveryNow), kept)).length, 1);
  });

  it('offers the way back while there is one to go, then the revert', () => {
    const acts = (...args: Parameters<typeof makeDelivery>) =>
      noticesOf([makeDelivery(...args)], deliveryNow)[0]?.acts.map(({ act }) => act);
    const breach = makeBreach().breach ?? assert.fail();
    assert.deepEqual(acts({ rollout: makeRollout({ breach }) }), ['panel', 'roll-back', 'post-mortem']);
    assert.deepEqual(acts({ rollout: makeBreach(), revert: { url: 'https://example.org/8', number: 8 } }), [
      'panel',
      'revert',
      'post-mortem',
    ]);
    assert.deepEqual(acts({ rollout: makeRollout({ phase: 'degraded' }) }), ['panel', 'roll-back']);
  });

  it('says nothing of a healthy rollout and of a breach of last week, and says that nobody watches', () => {
    assert.deepEqual(noticesOf([makeDelivery(), makeDelivery({ rollout: makeBreach() })], deliveryNow + 7 * 86_400_000).map((one) => one.key), ['run-1/1/orders/unwatched']); // oxfmt-ignore
    assert.deepEqual(noticesOf([makeDelivery()], deliveryNow), []);
  });
});
