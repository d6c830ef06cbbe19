import assert from 'node:assert/strict';
import type { Reading } from '../../../src/core/model/analysis';
import { approvalPanel } from '../../../src/editor/panel/approvalPanel';
import { checksPanel, testsPanel } from '../../../src/editor/panel/checksPanel';
import { deliveryPanel, momentActions } from '../../../src/editor/panel/deliveryPanel';
import { metricCharts, pointsOf } from '../../../src/editor/panel/metricCharts';
import { monitoringOutcome, rolloutPanel } from '../../../src/editor/panel/rolloutPanel';
import { stagesPanel } from '../../../src/editor/panel/stagesPanel';
import { deliveryNow, makeBreach, makeDelivery, makeEvents, makePlan, makeRollout } from '../../support/delivery';

const panel = (...[overrides]: Parameters<typeof makeDelivery>) => {
  const state = makeDelivery(overrides);
  return deliveryPanel(state, stagesPanel(undefined, state), [], deliveryNow);
};

describe('deliveryPanel', () => {
  it('stands on the whole way once the rollout is under way', () => {
    const stages = stagesPanel(undefined, makeDelivery());
    assert.deepEqual(
      stages.slice(3).map((stage) => `${stage.id} ${stage.state}`),
      ['build failed', 'testing failed', 'approval waiting', 'rollout waiting', 'monitoring waiting'],
    );
  });

  it('offers the acts of the moment, the likeliest as the primary, after a breach the way back', () => {
    const titles = (...args: Parameters<typeof makeDelivery>) =>
      momentActions(makeDelivery(...args)).map((action) => `${action.title}${action.primary ? '*' : ''}`);
    assert.deepEqual(titles(), ['Re-run Failed Checks', 'Approve', 'Promote*', 'Pause', 'Abort']);
    assert.deepEqual(titles({ actions: ['promote', 'pause', 'abort'], attention: 'breach' }), ['Promote', 'Pause', 'Abort*']);
    assert.deepEqual(titles({ actions: ['rehearse'] }), ['Rehearse Rollback']);
    const { ci } = makeDelivery();
    assert.ok(ci);
    const actions = ['rerun-checks', 'approve'] as const;
    assert.deepEqual(titles({ actions, ci: { ...ci, outcome: 'waiting' } }), ['Re-run Failed Checks', 'Approve']);
    assert.deepEqual(titles({ actions, ci: { ...ci, outcome: 'failed' } }), ['Re-run Failed Checks*', 'Approve']);
    assert.deepEqual(titles({ actions, ci: { ...ci, outcome: 'successful' } }), ['Re-run Failed Checks', 'Approve*']);
  });

  it('shows every service of the patch in full, the one under way first', () => {
    const billing = makeRollout({ plan: makePlan({ service: 'billing' }) });
    const { rollout, others } = panel({ rollout: makeBreach(), services: [makeBreach(), billing] });
    assert.equal(rollout?.service, 'orders');
    assert.deepEqual(
      others.map((one) => [one.rollout.service, one.rollout.phase, one.rollout.steps.length, one.charts.length]),
      [['billing', 'under way', 3, 3]],
    );
    assert.deepEqual(panel().others, []);
  });

  it('raises a breach with its measurement, and what to read about it', () => {
    const { alert, documents, revert } = panel({
      rollout: makeBreach(),
      revert: { url: 'https://example.org/pull/8', number: 8 },
    });
    assert.deepEqual(alert, {
      level: 'error',
      text: 'Breach in orders (production): Error rate',
      detail: '24 of 200 requests failed (12.0 %), at most 5 %',
    });
    assert.deepEqual([documents[0]?.command, revert?.number], ['patchline.showPostMortem', 8]);
    assert.equal(panel().alert, undefined);
  });

  it('says of each line that is not done what is missing and where to get it', () => {
    const open = panel().checklist.filter((item) => item.state !== 'done');
    assert.deepEqual(
      open.map((item) => `${item.detail ?? ''} → ${item.link?.command ?? ''}`),
      [
        '1 test is broken by the patch → patchline.refreshDelivery',
        'licence has not reported → patchline.refreshDelivery',
        'one more person → patchline.approve',
        'no metric has a threshold → patchline.openPolicy',
      ],
    );
    const named = [
      { id: 'rollout', text: 'Planned', state: 'done', detail: 'never rehearsed', command: 'patchline.rehearseRollback' },
      { id: 'scans', text: 'Scans', state: 'no', command: 'workbench.action.quit' },
    ] as const;
    assert.deepEqual(
      panel({ checklist: named }).checklist.map((item) => item.link?.title),
      ['Rehearse Rollback', 'Refresh Patch Status'],
    );
  });

  it('announces stage, traffic and whom it waits for, and stays the same while only readings come', () => {
    const before = panel().announcement;
    assert.equal(before, 'Monitoring: waiting, 50 % of the traffic, waits for bake time of step 2 until 14:10.');
    assert.equal(panel({ rollout: makeRollout({ readings: [] }) }).announcement, before);
  });
});

describe('the parts of the delivery panel', () => {
  it('counts a check that nobody reported, and puts what stands in the way first', () => {
    const { ci } = makeDelivery();
    assert.ok(ci);
    const drawn = checksPanel(ci, true);
    assert.equal(drawn.summary, '1 of 4 passed, 1 did not pass, 1 running, 1 not reported yet.');
    assert.deepEqual(
      drawn.checks.map((check) => `${check.name} ${check.outcome} ${check.duration ?? '-'}`),
      ['test failed 120000', 'scan waiting -', 'lint successful 60000'],
    );
    const [odd] = checksPanel(
      { ...ci, checks: ci.checks.map((check) => ({ ...check, state: 'stale', url: 'javascript:x' })) },
      false,
    ).checks;
    assert.deepEqual([odd?.outcome, odd?.url], ['error', undefined]);
  });

  it('lists at most so many tests, and says how many more there are', () => {
    const { tests } = makeDelivery();
    assert.ok(tests);
    const broken = Array.from({ length: 60 }, (_, n) => `test ${n}`);
    const [first] = testsPanel({ ...tests, broken }).lists;
    assert.deepEqual([first?.title, first?.bad, first?.names.length, first?.cut], ['Broken by the patch (60)', true, 50, 10]);
  });

  it('labels what is not somebody else’s approval', () => {
    const { approval } = makeDelivery();
    assert.ok(approval);
    const drawn = approvalPanel(approval);
    assert.equal(drawn.needs, '2 people beside the author must approve, of @acme/security.');
    assert.deepEqual(
      drawn.reviews.map((review) => [review.label, review.passedOver]),
      [
        ['demo identity, not a real person', undefined],
        ['solo: the author alone', 'the author cannot approve their own patch'],
      ],
    );
  });

  it('tells steps, clock and notes of a rollout', () => {
    const drawn = rolloutPanel(makeRollout(), deliveryNow);
    assert.equal(drawn.summary, 'Step 2 of 3, 50 % of the traffic.');
    assert.deepEqual(drawn.steps.map((step) => step.state), ['over', 'current', 'ahead']); // oxfmt-ignore
    assert.deepEqual([drawn.clock?.from, drawn.clock?.to], ['2026-01-10T14:00:00.000Z', '2026-01-10T14:10:00.000Z']);
    assert.deepEqual(drawn.notes, []);
    const back = rolloutPanel(makeBreach(), deliveryNow);
    assert.deepEqual(back.steps.map((step) => step.state), ['over', 'back', 'ahead']); // oxfmt-ignore
    assert.deepEqual([back.verdicts[0]?.outcome, back.verdicts.length, back.clock], ['failed', 1, undefined]);
    const step = { action: { kind: 'step', step: 1, weight: 50 }, key: 'k', since: new Date(deliveryNow).toISOString() } as const;
    const theirs = { ...step, underWay: { ref: '9', summary: 'Deployment 9: waiting for a workflow', since: step.since } };
    assert.deepEqual(rolloutPanel(makeRollout({ pending: theirs }), deliveryNow).notes, [
      'Step 2, weight 50 % is under way: Deployment 9: waiting for a workflow',
    ]);
    const alone = rolloutPanel(makeRollout(), deliveryNow + 600_000);
    assert.match(alone.notes.join(), /^Nobody watches this rollout/);
  });

  it('never calls monitoring successful before its watch said so', () => {
    assert.equal(monitoringOutcome(makeRollout({ phase: 'completed' })), 'waiting');
    const events = makeEvents({ event: 'watched', outcome: 'successful', summary: 'quiet for 30 min' });
    assert.equal(monitoringOutcome(makeRollout({ phase: 'completed', events })), 'successful');
    assert.equal(monitoringOutcome(makeBreach()), 'failed');
    assert.equal(monitoringOutcome(makeRollout({ step: -1, verdicts: [] })), 'not-reached');
  });
});

describe('metricCharts', () => {
  it('draws canary, baseline and threshold, and says all of it in words', () => {
    const [errors, latency, health] = metricCharts(makeRollout());
    assert.deepEqual(errors?.lines.map((line) => `${line.name} ${line.points.length}`), ['canary 10', 'baseline 10']); // oxfmt-ignore
    assert.deepEqual(errors?.limits, [{ value: 0.05, label: 'at most 5.0 %' }]);
    assert.equal(
      errors?.summary,
      'Error rate: canary between 1.0 % and 5.5 %, last 5.5 %; baseline between 1.0 % and 2.0 %, last 1.0 %. allowed at most 5.0 %. 11 of 200 requests failed (5.5 %), baseline 2 of 200 (1.0 %).',
    );
    assert.deepEqual([latency?.unit, latency?.last], ['number', ['canary 0.48']]);
    assert.deepEqual([health?.unit, health?.last], ['health', ['canary healthy']]);
    assert.deepEqual(metricCharts(makeBreach())[0]?.verdict?.outcome, 'failed');
    assert.equal(
      metricCharts(makeRollout({ readings: [], verdicts: [] }))[1]?.summary,
      'Latency p95 (s): nothing was measured yet. allowed at most 0.8.',
    );
  });

  it('takes differences of counters, begins anew where a process did, and leaves out looks without traffic', () => {
    const counts: readonly (readonly [number, number])[] = [[10, 100], [12, 200], [12, 200], [1, 50], [6, 100]]; // oxfmt-ignore
    const readings = counts.map(([events, total], minute): Reading => {
      const at = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
      return { metric: 'm', step: 0, at, from: at, canary: { kind: 'ratio', events, total, cumulative: true } };
    });
    assert.deepEqual(
      pointsOf(readings.toReversed(), 'canary').map(([, share]) => share),
      [0.02, 0.02, 0.1],
    );
  });
});
