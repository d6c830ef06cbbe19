import * as v from 'valibot';
import { HumanError, VendorError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { MetricSource, MetricSpec, Sample } from '../../core/model/analysis';
import type { Monitor, Provider, Task } from '../../core/ports';
import type { Http, HttpRequest } from '../clients/http';
import { createHttp } from '../clients/http';
import { readSource, secondsOf, sourceText, sourceUrl } from './readSource';

export const prometheusProvider: Provider = {
  id: 'prometheus',
  displayName: 'Prometheus',
  url: 'https://prometheus.io/docs/prometheus/latest/querying/api/',
  capabilities: ['ratio', 'value', 'baseline'],
};

export interface PrometheusOptions {
  /**
   * A bearer token by the name `prometheus:ORIGIN` (`prometheus:https://metrics.example`); undefined where there is none. The name
   * holds the server, so that an address that a policy brings along never gets the token of another.
   */
  readonly secret?: (name: string) => Promise<string | undefined>;
  readonly http?: Http;
  /** Of one query; default 10,000. */
  readonly timeoutMs?: number;
}

const ratioSource = v.strictObject({ url: sourceUrl, events: sourceText, total: sourceText });
const valueSource = v.strictObject({ url: sourceUrl, query: sourceText });

const numberText = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
const sampleValue = v.tuple([v.unknown(), numberText]);
const answer = v.variant('status', [
  v.object({
    status: v.literal('success'),
    data: v.variant('resultType', [
      v.object({ resultType: v.literal('vector'), result: v.array(v.object({ value: v.optional(sampleValue) })) }),
      v.object({ resultType: v.literal('scalar'), result: sampleValue }),
      v.object({ resultType: v.literal('matrix') }),
      v.object({ resultType: v.literal('string') }),
    ]),
    warnings: v.optional(v.array(v.string())),
  }),
  v.object({ status: v.literal('error'), errorType: v.string(), error: v.string() }),
]);

/** Queries that do not fit into an address are sent as a form. */
const longestAddress = 1500;
const maxBytes = 4 * 1024 * 1024;
/** Statuses after which the same request may succeed. */
const passing = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Instant queries to a Prometheus server, or what speaks its API (Thanos, Mimir, VictoriaMetrics), evaluated at the window's end.
 *
 * Source fields: `url`, the server; for a ratio `events` and `total`, for a value `query`: PromQL that gives one series, in which
 * `$window` stands for the window's length (`sum(increase(http_requests_total{status=~"5.."}[$window])) or vector(0)`). A window
 * should hold at least four scrapes, so lookSeconds should be four times the scrape interval or more.
 *
 * No data is undefined: an empty vector, or NaN. Without series for `events` although there is traffic, it says so: that may
 * be a healthy version whose errors have no series yet, or a misspelt label, and only `or vector(0)` tells them apart.
 * An answer with warnings may be in part, and so is none.
 */
export function createPrometheus(options: PrometheusOptions = {}): Monitor {
  const http = options.http ?? createHttp({ vendor: prometheusProvider.displayName, maxWaitMs: 2000 });

  async function query(url: string, text: string, window: Window, task: Task): Promise<number | undefined> {
    const seconds = secondsOf(window);
    const fields = new URLSearchParams({
      query: text.replaceAll('$window', `${Math.round(seconds)}s`),
      time: window.to,
      timeout: `${Math.ceil((options.timeoutMs ?? 10_000) / 1000)}s`,
    }).toString();
    const address = `${url.replace(/\/+$/, '')}/api/v1/query`;
    const token = await tokenFor(options, url);
    const long = fields.length > longestAddress;
    const request: HttpRequest = {
      url: long ? address : `${address}?${fields}`,
      method: long ? 'POST' : 'GET',
      headers: {
        accept: 'application/json',
        ...(long ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(long ? { body: fields } : {}),
      // A query changes nothing, whatever its method.
      retries: 2,
      timeoutMs: options.timeoutMs ?? 10_000,
      maxBytes,
      signal: task.signal,
    };
    const { status, body } = await http.send(request);
    return readAnswer(status, new TextDecoder().decode(body), text);
  }

  return {
    ...prometheusProvider,
    async sample(metric: MetricSpec, source: MetricSource, window: Window, task: Task = {}): Promise<Sample | undefined> {
      if (metric.kind === 'probe')
        throw new HumanError(`Metric “${metric.name}”: Prometheus cannot probe an address; use the provider scrape for it.`);
      const fields = metric.kind === 'ratio' ? readSource(ratioSource, metric, source) : readSource(valueSource, metric, source);
      // The first look of a step has no window yet.
      if (!(secondsOf(window) >= 1)) return undefined;
      if ('query' in fields) {
        const value = await query(fields.url, fields.query, window, task);
        return value === undefined ? undefined : { kind: 'value', value };
      }
      const [events, total] = await Promise.all([
        query(fields.url, fields.events, window, task),
        query(fields.url, fields.total, window, task),
      ]);
      if (total === undefined) return undefined;
      if (events !== undefined) return { kind: 'ratio', events, total, cumulative: false };
      if (total === 0) return { kind: 'ratio', events: 0, total: 0, cumulative: false };
      throw new VendorError(
        'prometheus',
        `Prometheus has no series for the events of “${metric.name}”, though there is traffic. Where that means none, end the query with: or vector(0)`,
        { retryable: false },
      );
    },
  };
}

type Window = { readonly from: string; readonly to: string };

async function tokenFor({ secret }: PrometheusOptions, url: string): Promise<string | undefined> {
  const { origin, protocol, hostname } = new URL(url);
  const token = await secret?.(`prometheus:${origin}`);
  if (token === undefined || token === '') return undefined;
  if (/[^\x21-\x7e]/.test(token)) throw new HumanError('The Prometheus token holds characters that no token has: copy it anew.');
  if (protocol !== 'https:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname))
    throw new HumanError(`A token for ${origin} would be sent unencrypted: use an https address.`);
  return token;
}

/** @throws VendorError for everything but one number or none */
function readAnswer(status: number, text: string, query: string): number | undefined {
  const fail = (what: string, retryable = false): VendorError =>
    new VendorError('prometheus', `Prometheus ${what} (query ${JSON.stringify(cleanLine(query, 120))})`, { status, retryable });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw fail(status === 200 ? 'did not answer with JSON' : `answered ${status}`, passing.has(status));
  }
  const parsed = v.safeParse(answer, json);
  if (!parsed.success)
    throw fail(status === 200 ? 'gave an answer that is none of its API' : `answered ${status}`, passing.has(status));
  const output = parsed.output;
  if (output.status === 'error')
    throw fail(`refused: ${cleanLine(output.error, 300)} (${cleanLine(output.errorType, 50)})`, passing.has(status));
  if (status !== 200) throw fail(`answered ${status}`, passing.has(status));
  const [warning] = output.warnings ?? [];
  if (warning !== undefined) throw fail(`warns that its answer may not be whole: ${cleanLine(warning, 300)}`);
  const { data } = output;
  switch (data.resultType) {
    case 'scalar':
      return readNumber(data.result[1], fail);
    case 'vector': {
      const [first, second] = data.result;
      if (first === undefined) return undefined;
      if (second !== undefined) throw fail(`gave ${data.result.length} series where one is needed: take the sum of them`);
      if (first.value === undefined) throw fail('gave a histogram where a number is needed');
      return readNumber(first.value[1], fail);
    }
    case 'matrix':
    case 'string':
      throw fail(`gave a ${data.resultType} where a number is needed`);
  }
}

function readNumber(text: string, fail: (what: string) => VendorError): number | undefined {
  if (/^nan$/i.test(text)) return undefined;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  const value = infinite === null ? Number(text) : infinite[1] === '-' ? -Infinity : Infinity;
  if (text.trim() === '' || Number.isNaN(value)) throw fail('gave a value that is no number');
  return value;
}
