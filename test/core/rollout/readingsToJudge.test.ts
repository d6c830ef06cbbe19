import assert from 'node:assert/strict';
import type { MetricPhase, MetricSpec, MetricVerdict, Reading } from '../../../src/core/model/analysis';
import type { RecordedRolloutEvent, RolloutEvent, RolloutState } from '../../../src/core/model/rollout';
import { breachesLetPass, readingsToJudge } from '../../../src/core/rollout/readingsToJudge';
import { makePlan, makeRollout } from '../../support/delivery';

const time = (minute: number): string => new Date(Date.UTC(2026, 0, 10, 14, minute)).toISOString();
const metric = (name: string, onBreach?: 'rollback' | 'pause' | 'warn'): MetricSpec => ({
  name,
  kind: 'probe',
  provider: 'scrape',
  canary: {},
  ...(onBreach === undefined ? {} : { onBreach }),
});
const verdict = (name: string, step: number, phase: MetricPhase): MetricVerdict => ({ metric: name, step, phase, message: '' });
const read = (name: string, step: number, minute: number): Reading => ({
  metric: name,
  step,
  at: time(minute),
  from: time(minute - 1),
});

/** A rollout in its second step with a reading of each metric every minute, and these events. */
function rolloutWith(...events: readonly (readonly [number, RolloutEvent])[]): RolloutState {
  const metrics = [metric('errors'), metric('latency', 'pause'), metric('health', 'warn')];
  const recorded = events.map(([minute, what], n): RecordedRolloutEvent => ({
    at: time(minute),
    by: '',
    entry: { chain: 'c', n, hash: '' },
    what,
  }));
  const readings = [1, 2, 3, 4].flatMap((minute) => metrics.map(({ name }) => read(name, minute < 3 ? 0 : 1, minute)));
  return makeRollout({ plan: makePlan({ metrics }), readings, events: recorded });
}

const looked = (step: number, phases: Readonly<Record<string, MetricPhase>>): RolloutEvent => ({
  event: 'looked',
  readings: [],
  verdicts: Object.entries(phases).map(([name, phase]) => verdict(name, step, phase)),
});
const kept = (state: RolloutState) => readingsToJudge(state).map(({ metric: name, at }) => `${name} ${at.slice(15, 16)}`);
const all = kept(rolloutWith());

describe('the readings that are judged', () => {
  it('are only the later ones of a metric that asks a person, once that person went on although it had failed', () => {
    const bad = { errors: 'failed', latency: 'failed', health: 'failed' } as const;
    const resumed = rolloutWith([3, looked(1, bad)], [3, { event: 'resumed' }]);
    assert.deepEqual(
      kept(resumed),
      all.filter((each) => !/latency [123]/.test(each)),
    );
    const promoted = rolloutWith([2, looked(0, bad)], [2, { event: 'promoted', step: 0, skipsAnalysis: true }]);
    assert.deepEqual(
      kept(promoted),
      all.filter((each) => !/latency [12]/.test(each)),
    );
    assert.deepEqual([...breachesLetPass(promoted)], [['latency', Date.parse(time(2))]]);
  });

  it('are all of them where no breach was let pass', () => {
    const good = rolloutWith([3, looked(1, { latency: 'inconclusive' })], [3, { event: 'resumed' }]);
    assert.deepEqual(kept(good), all);
    const late = rolloutWith([2, looked(0, { latency: 'failed' })], [3, { event: 'promoted', step: 1, skipsAnalysis: true }]);
    assert.deepEqual(kept(late), all, 'a word about another step');
    const done = { event: 'done', action: { kind: 'step', step: 1, weight: 50 }, key: 'k', summary: '' } as const;
    const earlier = rolloutWith([2, looked(0, { latency: 'failed' })], [2, done], [3, { event: 'resumed' }]);
    assert.deepEqual(kept(earlier), all, 'a verdict of another step');
  });
});
