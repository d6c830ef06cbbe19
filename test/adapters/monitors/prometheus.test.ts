import assert from 'node:assert/strict';
import { createPrometheus } from '../../../src/adapters/monitors/prometheus';
import { isHumanError, isVendorError } from '../../../src/core/errors';
import type { MetricSpec, Sample } from '../../../src/core/model/analysis';
import { startMetricsStandIn, vector } from '../../support/metricsStandIn';
import type { MetricsStandIn } from '../../support/metricsStandIn';

describe('prometheus', () => {
  let standIn: MetricsStandIn;
  const window = { from: '2026-01-02T13:37:00.000Z', to: '2026-01-02T13:38:30.000Z' };
  const metric = (kind: MetricSpec['kind']): MetricSpec => ({ name: 'errors', kind, provider: 'prometheus', canary: {} });
  const value = (query = 'up', more: Parameters<typeof createPrometheus>[0] = {}): Promise<Sample | undefined> =>
    createPrometheus(more).sample(metric('value'), { url: `${standIn.url}/`, query }, window);
  const answers = (body: unknown, status = 200): void => {
    standIn.query = () => ({ body, status });
  };
  const refusal = async (work: Promise<unknown>, expected: RegExp): Promise<void> =>
    assert.rejects(work, (error) => {
      assert.ok(isVendorError(error) || isHumanError(error), String(error));
      assert.match(error.message, expected);
      return true;
    });

  beforeEach(async () => {
    standIn = await startMetricsStandIn();
  });
  afterEach(async () => {
    await standIn.close();
    assert.deepEqual(standIn.violations, []);
  });

  it('is asked at the end of the window, with its length in the query', async () => {
    answers(vector('3'));
    await value('sum(increase(x[$window])) / $window');
    const [{ method, path, fields } = assert.fail()] = standIn.requests;
    assert.deepEqual(
      [method, path, fields.get('query'), fields.get('time'), fields.get('timeout')],
      ['GET', '/api/v1/query', 'sum(increase(x[90s])) / 90s', window.to, '10s'],
    );
    console.log(
      standIn.described
        ? "      (requests and answers are checked against Prometheus' own description)"
        : "      (Prometheus' own description is not beside the repository: requests and answers are unchecked)",
    );
  });

  it('takes long queries as a form', async () => {
    answers(vector('3'));
    const long = `sum(x{route!~"${'a|'.repeat(1000)}"})`;
    assert.deepEqual(await value(long), { kind: 'value', value: 3 });
    assert.deepEqual([standIn.requests[0]?.method, standIn.requests[0]?.fields.get('query')], ['POST', long]);
  });

  it('is not asked where there is no window yet, and refuses what it cannot measure', async () => {
    const monitor = createPrometheus();
    const at = { from: window.to, to: window.to };
    assert.equal(await monitor.sample(metric('value'), { url: standIn.url, query: 'up' }, at), undefined);
    await refusal(monitor.sample(metric('probe'), { url: standIn.url }, window), /cannot probe.*scrape/);
    assert.equal(standIn.requests.length, 0);
  });

  it('tells events that are none from a query that fits nothing', async () => {
    const ratio = () => createPrometheus().sample(metric('ratio'), { url: standIn.url, events: 'bad', total: 'all' }, window);
    const counts = (events: unknown, total: unknown): void => {
      standIn.query = (query) => ({ body: query === 'bad' ? events : total });
    };
    counts(vector('0'), vector('12.5'));
    assert.deepEqual(await ratio(), { kind: 'ratio', events: 0, total: 12.5, cumulative: false });
    counts(vector(), vector('12'));
    await refusal(ratio(), /no series for the events.*or vector\(0\)/);
    counts(vector(), vector('0'));
    assert.deepEqual(await ratio(), { kind: 'ratio', events: 0, total: 0, cumulative: false });
    counts(vector('3'), vector());
    assert.equal(await ratio(), undefined);
  });

  it('reads scalars and what is infinite', async () => {
    answers({ status: 'success', data: { resultType: 'scalar', result: [1767436620, '42'] } });
    assert.deepEqual(await value(), { kind: 'value', value: 42 });
    answers(vector('+Inf'));
    assert.deepEqual(await value(), { kind: 'value', value: Infinity });
  });

  const series = { metric: { job: 'a' }, values: [[1767436320, '1']] };
  const histogram = { count: '1', sum: '1', buckets: [] };
  for (const [name, body, status, expected] of [
    ['several series', vector('1', '2'), 200, /gave 2 series where one is needed/],
    ['a range', { status: 'success', data: { resultType: 'matrix', result: [series] } }, 200, /gave a matrix/],
    ['a text', { status: 'success', data: { resultType: 'string', result: ['1', 'x'] } }, 200, /gave a string/],
    [
      'a histogram',
      { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, histogram: [1767436620, histogram] }] } },
      200,
      /gave a histogram/,
    ],
    ['a warning', { ...(vector('1') as object), warnings: ['store \u202e gone'] }, 200, /may not be whole: store gone/],
    ['an error', { status: 'error', errorType: 'bad_data', error: 'parse error' }, 400, /refused: parse error \(bad_data\)/],
    ['an error with status 200', { status: 'error', errorType: 'execution', error: 'too many' }, 200, /refused: too many/],
    ['no number', vector('12 apples'), 200, /no number/],
  ] as const)
    it(`says so when it gets ${name}`, async () => {
      answers(body, status);
      // The description knows no error with status 200; some proxies do.
      await refusal(value(), expected);
      if (name === 'an error with status 200') (standIn.violations as string[]).length = 0;
    });

  it('says so when it gets something that is none of its API', async () => {
    for (const body of [{}, { status: 'success' }, [], null, { status: 'success', data: { resultType: 'vector', result: 3 } }]) {
      answers(body);
      await refusal(value(), /none of its API/);
    }
    (standIn.violations as string[]).length = 0;
  });

  it('sends a token only to the server it was stored for', async () => {
    answers(vector('1'));
    const asked: string[] = [];
    const secret = async (name: string): Promise<string | undefined> => {
      asked.push(name);
      return name === `prometheus:${standIn.url}` ? 'sesame' : undefined;
    };
    await value('up', { secret });
    assert.deepEqual([asked, standIn.requests[0]?.authorization], [[`prometheus:${standIn.url}`], 'Bearer sesame']);
    await value('up', { secret: async () => undefined });
    assert.equal(standIn.requests[1]?.authorization, undefined);
    await refusal(value('up', { secret: async () => 'with space' }), /holds characters/);
    const plain = createPrometheus({ secret: async () => 'sesame' });
    await refusal(plain.sample(metric('value'), { url: 'http://metrics.example', query: 'up' }, window), /unencrypted/);
  });
});
