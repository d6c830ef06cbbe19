import assert from 'node:assert/strict';
import { createScrape } from '../../../src/adapters/monitors/scrape';
import { isHumanError, isVendorError } from '../../../src/core/errors';
import type { MetricSource, MetricSpec, Sample } from '../../../src/core/model/analysis';
import { startMetricsStandIn } from '../../support/metricsStandIn';
import type { MetricsStandIn } from '../../support/metricsStandIn';

describe('scrape', () => {
  let standIn: MetricsStandIn;
  const window = { from: '2026-01-02T13:37:00.000Z', to: '2026-01-02T13:38:30.000Z' };
  const sample = (kind: MetricSpec['kind'], source: MetricSource, timeoutMs = 2000): Promise<Sample | undefined> =>
    createScrape({ timeoutMs }).sample(
      { name: 'm', kind, provider: 'scrape', canary: {} },
      { url: `${standIn.url}/metrics`, ...source },
      window,
    );

  beforeEach(async () => {
    standIn = await startMetricsStandIn();
    standIn.page = () => ({
      body: '# TYPE r counter\nr_total{code="200",route="/a"} 90\nr_total{code="500",route="/a"} 4\nr_total{code="503",route="/x"} 6\n',
    });
  });
  afterEach(() => standIn.close());

  it('sums the series that a selector names, with one request', async () => {
    assert.deepEqual(await sample('ratio', { events: 'r_total{code=~"5..",route!="/x"}', total: 'r_total' }), {
      kind: 'ratio',
      events: 4,
      total: 100,
      cumulative: true,
    });
    assert.equal(standIn.requests.length, 1);
  });

  it('takes labels that are not there yet for none, and a metric that is not there for no data', async () => {
    assert.deepEqual(await sample('ratio', { events: 'r_total{code="504"}', total: 'r_total' }), {
      kind: 'ratio',
      events: 0,
      total: 100,
      cumulative: true,
    });
    assert.equal(await sample('ratio', { events: 'errors_total', total: 'r_total' }), undefined);
    assert.equal(await sample('ratio', { events: 'r_total', total: 'all' }), undefined);
  });

  it('probes', async () => {
    standIn.page = () => ({ body: '{"status":"up"}' });
    assert.deepEqual(await sample('probe', {}), { kind: 'probe', ok: true });
    assert.deepEqual(await sample('probe', { contains: '"up"' }), { kind: 'probe', ok: true });
    assert.deepEqual(await sample('probe', { contains: 'ready' }), {
      kind: 'probe',
      ok: false,
      detail: 'the answer does not hold “ready”',
    });
    standIn.page = () => ({ status: 500, body: '' });
    assert.deepEqual(await sample('probe', {}), { kind: 'probe', ok: false, detail: 'HTTP 500' });
    const before = standIn.requests.length;
    standIn.fault = 'slow';
    const late = await sample('probe', {}, 50);
    assert.ok(late?.kind === 'probe' && !late.ok && /in time/.test(late.detail ?? ''));
    assert.equal(standIn.requests.length, before + 1, 'a probe is not repeated until it is well');
  });

  it('says what is wrong with a page and with a selector', async () => {
    for (const [body, status, expected] of [
      ['r_total 1 2 3 4', 200, /shows no metrics\. Line 1/],
      ['', 404, /answered 404/],
    ] as const) {
      standIn.page = () => ({ body, status });
      await assert.rejects(
        sample('value', { value: 'r_total' }),
        (error) => isVendorError(error) && expected.test(error.message),
      );
    }
    await assert.rejects(sample('value', { value: 'r_total{' }), isHumanError);
  });
});
