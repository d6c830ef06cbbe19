import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createHttp } from '../../../src/adapters/clients/http';
import { monitors } from '../../../src/adapters/registry';
import { isCancelled, isHumanError, isVendorError } from '../../../src/core/errors';
import type { MetricSource, MetricSpec, Sample } from '../../../src/core/model/analysis';
import type { Monitor } from '../../../src/core/ports';
import { startMetricsStandIn, vector } from '../../support/metricsStandIn';
import type { Fault, MetricsStandIn } from '../../support/metricsStandIn';

/** How a monitor's stand-in is told what there is to measure. */
interface Harness {
  source(kind: 'ratio' | 'value', url: string): MetricSource;
  show(
    standIn: MetricsStandIn,
    what: { readonly events: string; readonly total: string; readonly value: string } | undefined,
  ): void;
  readonly cumulative: boolean;
}

const harnesses: Readonly<Record<string, Harness>> = {
  prometheus: {
    source: (kind, url) =>
      kind === 'ratio' ? { url, events: 'events[$window]', total: 'total[$window]' } : { url, query: 'value' },
    show: (standIn, what) => {
      standIn.query = (query) => ({
        body:
          what === undefined
            ? vector()
            : vector(query.startsWith('events') ? what.events : query.startsWith('total') ? what.total : what.value),
      });
    },
    cumulative: false,
  },
  scrape: {
    source: (kind, url) =>
      kind === 'ratio' ? { url, events: 'requests{code=~"5.."}', total: 'requests' } : { url, value: 'depth' },
    show: (standIn, what) => {
      standIn.page = () => ({
        body:
          what === undefined
            ? '# nothing yet\n'
            : `requests{code="500"} ${what.events}\nrequests{code="200"} ${Number(what.total) - Number(what.events)}\ndepth ${what.value}\n`,
      });
    },
    cumulative: true,
  },
};

describe('every monitor', () => {
  it('of the registry has a harness here, and every file is registered', () => {
    const files = readdirSync(join(import.meta.dirname, '../../../src/adapters/monitors')).map((name) =>
      name.replace(/\.ts$/, ''),
    );
    assert.deepEqual(Object.keys(monitors).sort(), Object.keys(harnesses).sort());
    assert.deepEqual(files.filter((name) => name !== 'readSource').sort(), Object.keys(harnesses).sort());
  });
});

for (const [id, harness] of Object.entries(harnesses)) {
  describe(`monitor ${id}`, () => {
    let standIn: MetricsStandIn;
    let monitor: Monitor;
    const window = { from: '2026-01-02T13:37:00.000Z', to: '2026-01-02T13:38:30.000Z' };
    const metric = (kind: MetricSpec['kind']): MetricSpec => ({ name: 'errors', kind, provider: id, canary: {} });
    const sample = (kind: 'ratio' | 'value', signal?: AbortSignal): Promise<Sample | undefined> =>
      monitor.sample(metric(kind), harness.source(kind, standIn.url), window, signal === undefined ? {} : { signal });

    beforeEach(async () => {
      standIn = await startMetricsStandIn();
      const http = createHttp({ vendor: id, sleep: () => Promise.resolve() });
      monitor = monitors[id]!.create({ http, timeoutMs: 2000 });
    });
    afterEach(async () => {
      await standIn.close();
      assert.deepEqual(standIn.violations, []);
    });

    it('reads counts and values', async () => {
      harness.show(standIn, { events: '7', total: '120', value: '0.25' });
      assert.deepEqual(await sample('ratio'), { kind: 'ratio', events: 7, total: 120, cumulative: harness.cumulative });
      assert.deepEqual(await sample('value'), { kind: 'value', value: 0.25 });
    });

    it('gives nothing where there is no data, or no number', async () => {
      harness.show(standIn, undefined);
      assert.equal(await sample('ratio'), undefined);
      assert.equal(await sample('value'), undefined);
      harness.show(standIn, { events: 'NaN', total: 'NaN', value: 'NaN' });
      assert.equal(await sample('ratio'), undefined);
      assert.equal(await sample('value'), undefined);
    });

    for (const [fault, retryable] of [
      ['unavailable', true],
      ['cut', true],
      ['garbage', false],
      ['huge', false],
    ] as const satisfies readonly (readonly [Fault, boolean])[])
      it(`says what is wrong when the server is ${fault}, and measures again afterwards`, async () => {
        harness.show(standIn, { events: '7', total: '120', value: '0.25' });
        standIn.fault = fault;
        await assert.rejects(sample('value'), (error) => isVendorError(error) && error.options.retryable === retryable);
        assert.ok(standIn.requests.length <= 3, 'tried in moderation');
        standIn.fault = undefined;
        assert.deepEqual(await sample('value'), { kind: 'value', value: 0.25 });
      });

    it('gives up on a server that does not answer', async () => {
      standIn.fault = 'slow';
      monitor = monitors[id]!.create({ http: createHttp({ vendor: id, sleep: () => Promise.resolve() }), timeoutMs: 50 });
      await assert.rejects(sample('value'), (error) => isVendorError(error) && /in time/.test(error.message));
    });

    it('ends when it is cancelled', async () => {
      standIn.fault = 'slow';
      const controller = new AbortController();
      const asked = sample('value', controller.signal);
      setTimeout(() => controller.abort(), 20);
      await assert.rejects(asked, isCancelled);
    });

    it('says which field of its source is wrong', async () => {
      const source = harness.source('value', standIn.url);
      for (const [wrong, expected] of [
        [{ ...source, unit: 's' }, /“errors”.*field “unit”.*not known/],
        [{ url: standIn.url }, /field “(query|value)”.*missing/],
        [{ ...source, url: 'ftp://example.org' }, /field “url”.*http or https/],
        [{ ...source, url: 'nowhere' }, /field “url”/],
      ] as const)
        await assert.rejects(
          monitor.sample(metric('value'), wrong, window),
          (error) => isHumanError(error) && expected.test(error.message),
        );
      assert.equal(standIn.requests.length, 0);
    });

    it('repeats no password of an address', async () => {
      standIn.fault = 'unavailable';
      const url = standIn.url.replace('http://', 'http://ada:lovelace@');
      await assert.rejects(monitor.sample(metric('value'), harness.source('value', url), window), (error) => {
        assert.doesNotMatch(String(error), /lovelace/);
        return true;
      });
    });
  });
}
