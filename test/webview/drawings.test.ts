import assert from 'node:assert/strict';
import { dashboardState } from '../../src/editor/dashboard/dashboardState';
import { deliveryPanel, momentActions } from '../../src/editor/panel/deliveryPanel';
import { stagesPanel } from '../../src/editor/panel/stagesPanel';
import { drawChart } from '../../src/webview/drawChart';
import { drawDashboard } from '../../src/webview/drawDashboard';
import { drawPanel } from '../../src/webview/drawPanel';
import type { PanelState } from '../../src/webview/protocol';
import { deliveryNow, makeBreach, makeDelivery, makeRollout } from '../support/delivery';
import { emptyMetrics, makeMetrics } from '../support/metrics';
import { templateMarkup, templateText } from '../support/templateText';

const send = () => undefined;

function stateOf(delivery = makeDelivery()): PanelState {
  const stages = stagesPanel(undefined, delivery);
  return {
    findingId: delivery.findingId,
    title: 'Command <b>injection</b>',
    severity: 'high',
    where: 'src/ping.js:7',
    rule: 'detect-child-process',
    scanner: 'ESLint',
    aliases: [],
    cwe: [],
    priority: 50,
    band: 'next',
    reasons: [],
    owners: [],
    references: [],
    stages,
    actions: momentActions(delivery),
    delivery: deliveryPanel(delivery, stages, [], deliveryNow),
  };
}
const textOf = (delivery = makeDelivery()) => templateText(drawPanel(stateOf(delivery), send, deliveryNow));

describe('the panel behind the pull request, as it is read', () => {
  it('shows every part of a rollout that is under way', () => {
    const text = textOf();
    for (const words of [
      'Rollout of orders to production',
      'canary 50 % 50 %\nnow · bakes 10 min, then a person goes on',
      'Bake time of canary 50 %\n5 min left, until 14:10 UTC',
      'healthy: 11 of 200 requests failed (5.5 %), baseline 2 of 200 (1.0 %)',
      'at most 5.0 %',
      'test\nfailed · required · attempt 2 · 2 min',
      'licence\nrequired, not reported yet',
      'Broken by the patch (1)',
      'Not reproducible: a second build gave other bytes.',
      'Does not count: the author cannot approve their own patch',
      'Ready to deploy: 4 of 8',
    ])
      assert.ok(text.includes(words), words);
  });

  it('says of what is not reached what will stand there', () => {
    const { ci: _, artifact: _a, tests: _t, approval: _p, rollout: _r, ...early } = makeDelivery();
    const text = textOf(early);
    for (const words of ['were not read yet', 'No artifact is built yet', 'No test report was read yet', 'Who must approve is worked out', 'No rollout has begun', 'from the first step of the rollout on'])
      assert.ok(text.includes(words), words); // oxfmt-ignore
    // What is missing comes before anything else then.
    assert.ok(text.indexOf('Ready to deploy') < text.indexOf('No rollout has begun'));
  });

  it('raises a breach as an alert with its links', () => {
    const delivery = makeDelivery({ rollout: makeBreach(), revert: { url: 'https://example.org/pull/8', number: 8 } });
    const markup = templateMarkup(drawPanel(stateOf(delivery), send, deliveryNow));
    assert.match(markup, /role="alert"[\s\S]*24 of 200 requests failed[\s\S]*Revert pull request #8[\s\S]*Post-mortem/);
    assert.match(textOf(delivery), /taken back here/);
  });

  it('shows the other services of the patch, open where one went wrong', () => {
    const billing = makeBreach();
    const services = [makeRollout(), { ...billing, plan: { ...billing.plan, service: 'billing' } }];
    const delivery = makeDelivery({ services });
    const markup = templateMarkup(drawPanel(stateOf(delivery), send, deliveryNow));
    assert.match(markup, /Other services of this patch/);
    assert.match(textOf(delivery), /billing to production: taken back, 0 %[\s\S]*taken back here/);
    assert.doesNotMatch(textOf(), /Other services/);
  });

  it('has a spoken line, named buttons, and no text from outside as markup', () => {
    const markup = templateMarkup(drawPanel(stateOf(), send, deliveryNow));
    assert.match(markup, /role="status">\s*Monitoring: waiting, 50 % of the traffic/);
    assert.match(markup, /aria-label="Log of test"/);
    assert.doesNotMatch(markup, /<b>injection/);
  });
});

describe('drawChart', () => {
  const [chart] = stateOf().delivery?.charts ?? [];

  it('names the picture by its summary, and has the numbers as a table', () => {
    assert.ok(chart);
    const markup = templateMarkup(drawChart(chart));
    assert.match(markup, /role="img" aria-label=Error rate: canary between 1.0 %/);
    assert.equal(markup.match(/<th scope="row">/g)?.length, 10);
    // Canary through, baseline dashed, the limit as a line of its own.
    assert.deepEqual(['class="line main"', 'class="line beside"', 'class="limit"'].map((look) => markup.includes(look)), [true, true, true]); // oxfmt-ignore
    assert.doesNotMatch(markup, /NaN|Infinity/);
  });

  it('draws one point, a flat line and nothing at all without a number that is none', () => {
    assert.ok(chart);
    for (const points of [
      [[0, 0]],
      [
        [0, 5],
        [1, 5],
      ],
      [
        [0, -3],
        [9, -1],
      ],
    ] as const) {
      const markup = templateMarkup(drawChart({ ...chart, limits: [], lines: [{ name: 'canary', look: 'main', points }] }));
      assert.doesNotMatch(markup, /NaN|Infinity/); // oxfmt-ignore
    }
    assert.match(templateText(drawChart({ ...chart, lines: [], last: [] })), /Nothing was measured yet/);
  });
});

describe('drawDashboard', () => {
  it('reads as a page of figures, or says that there are none yet', () => {
    const text = templateText(
      drawDashboard(
        dashboardState(makeMetrics(), () => 'Command injection'),
        send,
      ),
    );
    for (const words of ['Mean time to repair', '2.2 days', 'Approval is the bottleneck', 'Export as CSV…', 'error-rate breached at 25 %'])
      assert.ok(text.includes(words), words); // oxfmt-ignore
    assert.match(
      templateText(
        drawDashboard(
          dashboardState(emptyMetrics, () => undefined),
          send,
        ),
      ),
      /Nothing to measure yet/,
    );
  });
});
