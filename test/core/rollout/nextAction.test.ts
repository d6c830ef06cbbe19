import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MetricPhase, MetricSpec } from '../../../src/core/model/analysis';
import type { ReadEntry } from '../../../src/core/model/logEntry';
import type { RolloutAction, RolloutEvent, RolloutPlan, RolloutState } from '../../../src/core/model/rollout';
import { foldRollouts, rolloutRecorded } from '../../../src/core/rollout/foldRollout';
import { VendorError } from '../../../src/core/errors';
import { driveRollout } from '../../../src/core/stages/rollout';
import { makePlan } from '../../support/delivery';

const errors: MetricSpec = { name: 'errors', kind: 'ratio', provider: 'scrape', canary: { url: 'a' }, baseline: { url: 'b' } };

/** Three steps of a minute each, looked at every ten seconds. */
function plan(over: Partial<RolloutPlan> = {}): RolloutPlan {
  const steps = makePlan().steps.map((step) => ({ ...step, bakeSeconds: 60, pause: false }));
  return makePlan({ run: 'pl-1-1', steps, metrics: [errors], lookSeconds: 10, warmUpSeconds: 0, watchSeconds: 30, ...over });
}

/** A service whose traffic is a number, a log in memory, a clock that only moves when told. */
class Stage {
  entries: ReadEntry[] = [];
  now = Date.parse('2026-01-05T10:00:00Z');
  weight = 0;
  readonly acts: string[] = [];
  /** What the metric says at a weight. */
  verdict: (weight: number) => MetricPhase = () => 'successful';
  /** Throws instead of acting while true. */
  broken: (action: RolloutAction) => boolean = () => false;
  /** How long the monitor takes to answer. */
  answerMs = 0;
  /** Dies after the act and before its end is in the log. */
  crash = false;
  allowed: { allowed: true } | { allowed: false; why: string; until?: number } = { allowed: true };

  constructor(readonly planned: RolloutPlan = plan()) {
    this.append({
      event: 'planned',
      plan: planned,
      policy: { name: 'orders', provider: 'command', strategy: { kind: 'rolling', batches: 1, bakeSeconds: 0 }, metrics: [] },
    });
  }

  append(event: RolloutEvent): void {
    const n = this.entries.length + 1;
    this.entries.push({
      v: 1,
      chain: 'c',
      n,
      prev: '',
      hash: String(n),
      time: new Date(this.now).toISOString(),
      actor: { kind: 'system', source: 'patchline', digest: '' },
      kind: rolloutRecorded,
      body: { run: this.planned.run, attempt: 1, service: 'orders', ...event },
    });
  }

  state(): RolloutState {
    return foldRollouts(this.entries)[0] ?? assert.fail('no rollout');
  }

  situation() {
    return {
      now: this.now,
      calendar: this.allowed,
      judge: (state: RolloutState) => {
        const seen = state.readings.some((reading) => reading.step === state.step);
        const phase: MetricPhase = seen ? this.verdict(state.weight) : 'waiting';
        return { verdicts: [{ metric: 'errors', step: state.step, phase, message: `${phase} at ${state.weight}` }], phase };
      },
    };
  }

  drive() {
    return driveRollout({
      state: () => this.state(),
      record: (event) => {
        if (this.crash && event.event === 'done') throw new Error('crashed');
        this.append(event);
        return Promise.resolve();
      },
      monitor: () => ({
        id: 'm',
        displayName: 'm',
        url: '',
        capabilities: [],
        sample: () => {
          this.now += this.answerMs;
          return Promise.resolve({ kind: 'ratio', events: 0, total: 100, cumulative: false });
        },
      }),
      provider: {
        id: 'p',
        displayName: 'p',
        url: '',
        capabilities: [],
        problems: () => Promise.resolve([]),
        observe: () => Promise.resolve(undefined),
        act: (_plan, _service, action, { key, retry }) => {
          if (this.broken(action)) return Promise.reject(new VendorError('p', 'refused', { retryable: true }));
          this.acts.push(`${key}${retry ? ' again' : ''}`);
          this.weight = action.kind === 'step' ? action.weight : action.kind === 'promote' ? 100 : 0;
          return Promise.resolve({ summary: 'done' });
        },
      },
      situation: () => this.situation(),
    });
  }

  /** Lets time pass as the controller asks, until it rests or `until` is reached. */
  async run(limit = 500): Promise<void> {
    for (let turns = 0; turns < limit; turns++) {
      const { until } = await this.drive();
      if (until === undefined) return;
      assert.ok(until > this.now, 'it asks for an instant that has passed');
      this.now = until;
    }
    assert.fail('it never ends');
  }
}

describe('the controller of a rollout', () => {
  it('goes through every step, makes the new version the only one, watches it and ends', async () => {
    const stage = new Stage();
    await stage.run();
    assert.equal(stage.state().phase, 'completed');
    assert.deepEqual(stage.acts, [0, 1, 2].map((step) => `pl-1-1/1/orders/step/${step}`).concat('pl-1-1/1/orders/promote'));
    const looks = stage.state().readings.filter((reading) => reading.step === 0);
    assert.equal(looks.length, 7, 'one look at the beginning and six in a minute');
  });

  it('comes through as many steps at once as a plan may have', async () => {
    const steps = Array.from({ length: 100 }, (_, index) => ({
      index,
      name: `batch ${index + 1} of 100`,
      weight: index + 1,
      bakeSeconds: 0,
      pause: false,
    }));
    const stage = new Stage(plan({ steps }));
    await stage.run();
    assert.equal(stage.state().phase, 'completed');
    assert.equal(stage.acts.length, 101);
  });

  it('leaves no time between two looks unseen, however long the answer takes', async () => {
    const stage = new Stage();
    stage.answerMs = 4000;
    for (let turn = 0; turn < 8; turn++) stage.now = (await stage.drive()).until ?? stage.now;
    const seen = stage.state().readings.filter(({ step }) => step === 0);
    assert.ok(seen.length > 3);
    for (const [index, { from }] of seen.entries()) if (index > 0) assert.equal(from, seen[index - 1]?.at);
  });

  it('takes it back on a breach, with the measurement in the log before the act', async () => {
    const stage = new Stage();
    stage.verdict = (weight) => (weight >= 50 ? 'failed' : 'successful');
    await stage.run();
    assert.equal(stage.state().phase, 'rolled-back');
    assert.equal(stage.weight, 0);
    assert.equal(stage.state().breach?.message, 'failed at 50');
    const events = stage.state().events.map(({ what }) => what.event);
    assert.deepEqual(events.slice(-4), ['breached', 'aborted', 'intent', 'done']);
  });

  it('takes it back when the metric turns bad after 100 %', async () => {
    const stage = new Stage();
    stage.verdict = () => (stage.state().phase === 'watching' ? 'failed' : 'successful');
    await stage.run();
    assert.equal(stage.state().phase, 'rolled-back');
  });

  it('pauses where nothing can be said, and goes on only when a person says so', async () => {
    const stage = new Stage();
    stage.verdict = () => 'inconclusive';
    for (let turn = 0; turn < 20 && stage.state().phase !== 'paused'; turn++)
      stage.now = (await stage.drive()).until ?? stage.now;
    assert.equal(stage.state().step, 0);
    assert.match(stage.state().paused?.why ?? '', /canary 10 % ended inconclusive/);
    for (let turn = 0; turn < 5; turn++) stage.now = (await stage.drive()).until ?? assert.fail('it stopped looking');
    assert.equal(stage.state().step, 0);
    stage.append({ event: 'promoted', step: 0, skipsAnalysis: true });
    await stage.drive();
    assert.equal(stage.state().step, 1);
  });

  it('asks a person at each step where no metric watches', async () => {
    const stage = new Stage(plan({ metrics: [] }));
    for (let turn = 0; turn < 10; turn++) {
      const { until } = await stage.drive();
      if (until === undefined) break;
      stage.now = until;
    }
    assert.match(stage.state().paused?.why ?? '', /no metric watches this rollout/);
    assert.equal(stage.weight, 10);
  });

  it('asks for the person whom the plan names also where somebody paused and went on before the step was over', async () => {
    const steps = plan().steps.map((step) => ({ ...step, pause: step.index === 0 }));
    const stage = new Stage(plan({ steps }));
    stage.now = (await stage.drive()).until ?? assert.fail('it stopped');
    stage.append({ event: 'paused', why: 'lunch', byPerson: true });
    stage.append({ event: 'resumed' });
    for (let turn = 0; turn < 30 && stage.state().phase === 'progressing'; turn++)
      stage.now = (await stage.drive()).until ?? assert.fail('it stopped');
    assert.equal(stage.weight, 10);
    assert.match(stage.state().paused?.why ?? '', /the plan asks a person to go on/);
    stage.append({ event: 'resumed' });
    await stage.run();
    assert.equal(stage.state().phase, 'completed');
  });

  it('waits for its window, and finishes what was begun outside of it', async () => {
    const stage = new Stage();
    const opens = stage.now + 3_600_000;
    stage.allowed = { allowed: false, why: 'freeze until 11:00', until: opens };
    assert.deepEqual(await stage.drive(), { until: opens, why: 'freeze until 11:00' });
    assert.deepEqual(stage.acts, []);
    stage.verdict = () => 'failed';
    stage.allowed = { allowed: true };
    stage.now = opens;
    await stage.drive();
    stage.allowed = { allowed: false, why: 'closed' };
    await stage.run();
    assert.equal(stage.state().phase, 'rolled-back', 'the way back needs no window');
  });

  it('looks on at what serves already while it waits for its window, also where a person promoted it', async () => {
    for (const promoted of [false, true]) {
      const stage = new Stage();
      await stage.drive();
      const opens = stage.now + 3 * 86_400_000;
      stage.allowed = { allowed: false, why: 'weekend', until: opens };
      if (promoted) stage.append({ event: 'promoted', step: 0, skipsAnalysis: true });
      for (let turn = 0; turn < 20; turn++) stage.now = (await stage.drive()).until ?? assert.fail('it stopped looking');
      assert.ok(stage.now < opens);
      assert.equal(stage.weight, 10);
      assert.equal((await stage.drive()).why, 'weekend');
      stage.verdict = () => 'failed';
      for (let turn = 0; turn < 3 && stage.state().phase !== 'rolled-back'; turn++)
        stage.now = (await stage.drive()).until ?? stage.now;
      assert.equal(stage.state().phase, 'rolled-back');
    }
  });

  it('looks on at a step without a bake time as long as it waits there, for its window or for another try', async () => {
    const steps = plan().steps.map((step) => ({ ...step, bakeSeconds: 0 }));
    for (const wait of ['window', 'try', 'promoted'] as const) {
      const stage = new Stage(plan({ steps }));
      const begun = stage.now;
      // What sets the first step finds the window open; the next does not.
      stage.broken = ({ kind, ...action }) => {
        if (wait === 'try') return kind === 'step' && 'step' in action && action.step === 1;
        stage.allowed = { allowed: false, why: 'weekend' };
        return false;
      };
      const first = await stage.drive();
      assert.equal(stage.weight, 10, wait);
      assert.equal(stage.state().readings.length, 1, wait);
      if (wait === 'promoted') stage.append({ event: 'promoted', step: 0, skipsAnalysis: true });
      if (wait !== 'try') {
        stage.now = first.until ?? assert.fail('it stopped looking');
        for (let turn = 0; turn < 5; turn++) stage.now = (await stage.drive()).until ?? assert.fail('it stopped looking');
        assert.equal((await stage.drive()).why, 'weekend');
        assert.equal(stage.state().readings.length, 7);
      }
      stage.verdict = () => 'failed';
      for (let turn = 0; turn < 3 && stage.state().phase !== 'rolled-back'; turn++)
        stage.now = (await stage.drive()).until ?? stage.now;
      assert.equal(stage.state().phase, 'rolled-back', wait);
      assert.match(stage.state().breach?.message ?? '', /failed at 10/, wait);
      assert.ok(stage.now - begun < 90_000, wait);
    }
  });

  it('pauses a step without a bake time that waits for its window and cannot be watched', async () => {
    const steps = plan().steps.map((step) => ({ ...step, bakeSeconds: 0 }));
    const stage = new Stage(plan({ steps }));
    stage.broken = () => {
      stage.allowed = { allowed: false, why: 'weekend' };
      return false;
    };
    stage.verdict = () => 'error';
    await stage.drive();
    assert.match(stage.state().paused?.why ?? '', /canary 10 % cannot be watched/);
  });

  it('tries a provider that fails again, slower each time, then takes it back; a failing way back needs a person', async () => {
    const stage = new Stage();
    stage.broken = (action) => action.kind === 'step' && action.weight === 50;
    await stage.run();
    assert.equal(stage.state().phase, 'rolled-back');
    assert.match(stage.state().reason ?? '', /failed 4 times to set 50 %: refused/);
    const lost = new Stage();
    lost.broken = ({ kind }) => kind === 'roll-back';
    lost.verdict = () => 'failed';
    await lost.run();
    assert.equal(lost.state().phase, 'degraded');
    assert.equal(lost.weight, 10, 'what serves is known');
    lost.broken = () => false;
    lost.append({ event: 'aborted', why: 'by hand', byPerson: true });
    await lost.run();
    assert.equal(lost.state().phase, 'rolled-back');
  });

  it('is called off by nothing that was decided before an abort and stands behind it in the log', async () => {
    const late: readonly RolloutEvent[] = [
      { event: 'paused', why: 'it ended inconclusive', byPerson: false },
      { event: 'resumed' },
      { event: 'promoted', step: 0, skipsAnalysis: true },
      { event: 'done', action: { kind: 'promote' }, key: 'k', summary: 'done' },
      { event: 'completed' },
    ];
    for (const event of late) {
      const stage = new Stage();
      await stage.drive();
      stage.append({ event: 'aborted', why: 'customers call', byPerson: true });
      stage.append(event);
      assert.equal(stage.state().phase, 'rolling-back', event.event);
      await stage.run();
      assert.equal(stage.weight, 0, event.event);
      for (const again of [event, { event: 'aborted', why: 'twice', byPerson: true } as const]) stage.append(again);
      if (event.event !== 'done') assert.equal(stage.state().phase, 'rolled-back', event.event);
    }
  });

  it('survives a crash between any act and its entry: the same keys, the same end, nothing told twice under another key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 4, maxLength: 12 }), async (crashes) => {
        const stage = new Stage();
        for (let turn = 0; turn < 400 && stage.state().phase !== 'completed'; turn++) {
          stage.crash = crashes[turn] ?? false;
          const { until } = await stage.drive().catch(() => ({ until: stage.now + 1000 }));
          stage.now = until ?? stage.now;
        }
        assert.equal(stage.state().phase, 'completed');
        const told = [...new Set(stage.acts.map((act) => act.replace(' again', '')))];
        assert.equal(told.length, 4);
        for (const key of told) assert.equal(stage.acts.filter((act) => act === key).length, 1, 'the first telling only once');
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });
});
