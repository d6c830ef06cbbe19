import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPrometheus } from '../../../src/adapters/monitors/prometheus';
import { createScrape } from '../../../src/adapters/monitors/scrape';
import { isVendorError } from '../../../src/core/errors';
import type { MetricSource, MetricSpec, Sample } from '../../../src/core/model/analysis';

/** The Debian package; elsewhere the tests say that they did not run. */
const version = spawnSync('prometheus', ['--version'], { encoding: 'utf8' });
const installed = version.status === 0;
const name = installed
  ? `prometheus, the real server (${/version (\S+)/.exec(version.stdout + version.stderr)?.[1] ?? 'unknown version'})`
  : 'prometheus, the real server: NOT RUN, since there is no program `prometheus` (Debian package prometheus)';

describe(name, function () {
  this.timeout(90_000);
  let folder: string;
  let service: Server;
  let server: ChildProcess | undefined;
  let url = '';
  let target = '';
  const counts = { good: 0, bad: 0 };
  const page = (): string =>
    [
      '# HELP http_requests_total Requests.',
      '# TYPE http_requests_total counter',
      `http_requests_total{version="new",status="200"} ${counts.good}`,
      `http_requests_total{version="new",status="500"} ${counts.bad}`,
      '# TYPE latency_seconds gauge',
      'latency_seconds{version="new"} 0.25',
      'latency_seconds{version="old"} NaN',
      '',
    ].join('\n');

  before(async function () {
    if (!installed) this.skip();
    folder = mkdtempSync(join(tmpdir(), 'patchline-prometheus-'));
    service = createServer((_, response) => {
      // One request in ten fails.
      counts.good += 9;
      counts.bad += 1;
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(page());
    });
    target = await listen(service);
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs: [{ job_name: orders, static_configs: [{ targets: ["${target}"] }] }]\n`,
    );
    // A port that was free a moment ago; another process may be quicker, then a new one is tried.
    for (let attempt = 0; attempt < 3 && url === ''; attempt++) {
      const probe = createServer();
      const address = await listen(probe);
      await new Promise((resolve) => probe.close(resolve));
      const child = spawn(
        'prometheus',
        [
          `--config.file=${join(folder, 'prometheus.yml')}`,
          `--storage.tsdb.path=${join(folder, `data-${attempt}`)}`,
          `--web.listen-address=${address}`,
        ],
        { stdio: 'ignore' },
      );
      server = child;
      for (let turn = 0; turn < 150 && url === '' && child.exitCode === null; turn++) {
        const ready = await fetch(`http://${address}/-/ready`).catch(() => undefined);
        if (ready?.status === 200) url = `http://${address}`;
        else await sleep(100);
      }
    }
    assert.notEqual(url, '', 'the server became ready');
    // The first scrape comes some seconds after the start; a rate needs a few.
    for (let turn = 0; turn < 300; turn++) {
      const seen = await ask('value', { query: 'count_over_time(http_requests_total{status="500"}[1m])' });
      if (seen?.kind === 'value' && seen.value >= 5) return;
      await sleep(100);
    }
    assert.fail('nothing was scraped');
  });

  after(async () => {
    if (server !== undefined && server.exitCode === null) {
      const ended = new Promise((resolve) => server?.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
    }
    service?.closeAllConnections();
    service?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const ask = (kind: MetricSpec['kind'], fields: Omit<MetricSource, 'url'>): Promise<Sample | undefined> => {
    const now = Date.now();
    const window = { from: new Date(now - 30_000).toISOString(), to: new Date(now).toISOString() };
    return createPrometheus().sample({ name: 'errors', kind, provider: 'prometheus', canary: {} }, { url, ...fields }, window);
  };
  const refused = (work: Promise<unknown>, expected: RegExp): Promise<void> =>
    assert.rejects(work, (error) => {
      assert.ok(isVendorError(error), String(error));
      assert.match(error.message, expected);
      return true;
    });
  const of = (selector: string): string => `sum(increase(http_requests_total${selector}[$window]))`;

  it('counts what happened in the window', async () => {
    const sample = await ask('ratio', { events: of('{version="new",status=~"5.."}'), total: of('{version="new"}') });
    assert.ok(sample?.kind === 'ratio' && sample.total > 0 && !sample.cumulative);
    assert.ok(Math.abs(sample.events / sample.total - 0.1) < 0.02, JSON.stringify(sample));
  });

  it('gives values, also to queries that do not fit into an address', async () => {
    assert.deepEqual(await ask('value', { query: 'latency_seconds{version="new"}' }), { kind: 'value', value: 0.25 });
    const long = `latency_seconds{version="new",route!~"${'x|'.repeat(2000)}y"}`;
    assert.deepEqual(await ask('value', { query: long }), { kind: 'value', value: 0.25 });
    assert.deepEqual(await ask('value', { query: 'scalar(latency_seconds{version="new"}) * 2' }), { kind: 'value', value: 0.5 });
  });

  it('gives nothing where there is nothing, or no number', async () => {
    assert.equal(await ask('value', { query: 'latency_seconds{version="gone"}' }), undefined);
    assert.equal(await ask('value', { query: 'latency_seconds{version="old"}' }), undefined);
    assert.equal(await ask('ratio', { events: of('{version="gone"}'), total: of('{version="gone"}') }), undefined);
  });

  it('says what is wrong with a query', async () => {
    await refused(ask('value', { query: 'sum(' }), /refused: .*parse error.*bad_data/);
    await refused(ask('value', { query: 'http_requests_total' }), /gave 2 series/);
    await refused(ask('value', { query: 'up[1m]' }), /gave a matrix/);
    await refused(ask('ratio', { events: of('{status="404"}'), total: of('') }), /or vector\(0\)/);
    const none = await ask('ratio', { events: `${of('{status="404"}')} or vector(0)`, total: of('') });
    assert.ok(none?.kind === 'ratio' && none.events === 0 && none.total > 0);
  });

  it('agrees with reading the page directly', async () => {
    const metric: MetricSpec = { name: 'errors', kind: 'ratio', provider: 'scrape', canary: {} };
    const fields = { events: 'http_requests_total{status=~"5.."}', total: 'http_requests_total' };
    const sample = await createScrape().sample(metric, { url: `http://${target}/metrics`, ...fields }, { from: '', to: '' });
    assert.ok(sample?.kind === 'ratio' && sample.events * 10 === sample.total);
    const own = await createScrape().sample(
      { ...metric, kind: 'value' },
      { url: `${url}/metrics`, value: 'prometheus_build_info' },
      { from: '', to: '' },
    );
    assert.deepEqual(own, { kind: 'value', value: 1 }, "Prometheus' own page is read");
  });
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
