import * as v from 'valibot';
import { VendorError, isHumanError, isVendorError } from '../../core/errors';
import type { MetricSource, MetricSpec, Sample } from '../../core/model/analysis';
import type { MetricSeries } from '../../core/metricsText/parseMetricsText';
import { parseMetricsText } from '../../core/metricsText/parseMetricsText';
import type { SeriesSelector } from '../../core/metricsText/seriesSelector';
import { parseSelector, sumSeries } from '../../core/metricsText/seriesSelector';
import type { Monitor, Provider, Task } from '../../core/ports';
import type { Http, HttpResponse } from '../clients/http';
import { createHttp } from '../clients/http';
import { readSource, sourceText, sourceUrl } from './readSource';

export const scrapeProvider: Provider = {
  id: 'scrape',
  displayName: 'Metrics endpoint',
  url: 'https://prometheus.io/docs/instrumenting/exposition_formats/',
  capabilities: ['ratio', 'value', 'probe', 'baseline'],
};

export interface ScrapeOptions {
  readonly http?: Http;
  /** Of one request; default 5,000. */
  readonly timeoutMs?: number;
}

const ratioSource = v.strictObject({ url: sourceUrl, events: sourceText, total: sourceText });
const valueSource = v.strictObject({ url: sourceUrl, value: sourceText });
const probeSource = v.strictObject({ url: sourceUrl, contains: v.optional(sourceText) });

const maxBytes = 8 * 1024 * 1024;

/**
 * Reads a service's own `/metrics` address in Prometheus' text format or OpenMetrics, and probes a health address. For services
 * without a monitoring system; one address should be one process, for counters of several would not go down together.
 *
 * Source fields: `url`; for a ratio `events` and `total`, for a value `value`, each a selector such as
 * `http_requests_total{status=~"5..",route!="/health"}` whose series are summed; for a probe `contains`, a text that the answer
 * must hold. A probe answers well with a status of 2xx; that it did not answer at all is a bad answer, not a failure to
 * measure, for that is what it asks.
 *
 * Ratios are counters since the process began (`cumulative`). Events without a matching series are 0 where the page has that
 * metric with other labels; where it has not, there is no data, since a misspelt name must not look healthy.
 */
export function createScrape(options: ScrapeOptions = {}): Monitor {
  const http = options.http ?? createHttp({ vendor: scrapeProvider.displayName, maxWaitMs: 2000 });
  const get = (url: string, retries: number, task: Task): Promise<HttpResponse> =>
    http.send({
      url,
      headers: { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.9,*/*;q=0.1' },
      timeoutMs: options.timeoutMs ?? 5000,
      retries,
      maxBytes,
      signal: task.signal,
    });

  async function scrape(url: string, task: Task): Promise<readonly MetricSeries[]> {
    const { status, body } = await get(url, 1, task);
    const place = new URL(url);
    const fail = (what: string, retryable: boolean): VendorError =>
      new VendorError('scrape', `${place.origin}${place.pathname} ${what}`, { status, retryable });
    if (status !== 200) throw fail(`answered ${status}`, status >= 500);
    try {
      return parseMetricsText(new TextDecoder('utf-8', { fatal: true }).decode(body));
    } catch (error) {
      throw fail(isHumanError(error) ? `shows no metrics. ${error.message}` : 'shows no UTF-8 text', false);
    }
  }

  async function probe(url: string, contains: string | undefined, task: Task): Promise<Sample> {
    let response: HttpResponse;
    try {
      response = await get(url, 0, task);
    } catch (error) {
      if (!isVendorError(error)) throw error;
      return { kind: 'probe', ok: false, detail: error.message };
    }
    if (response.status < 200 || response.status > 299) return { kind: 'probe', ok: false, detail: `HTTP ${response.status}` };
    if (contains !== undefined && !new TextDecoder().decode(response.body).includes(contains))
      return { kind: 'probe', ok: false, detail: `the answer does not hold “${contains}”` };
    return { kind: 'probe', ok: true };
  }

  return {
    ...scrapeProvider,
    async sample(
      metric: MetricSpec,
      source: MetricSource,
      _window: { readonly from: string; readonly to: string },
      task: Task = {},
    ): Promise<Sample | undefined> {
      switch (metric.kind) {
        case 'probe': {
          const { url, contains } = readSource(probeSource, metric, source);
          return probe(url, contains, task);
        }
        case 'value': {
          const { url, value: selector } = readSource(valueSource, metric, source);
          const selected = parseSelector(selector);
          const value = sumSeries(await scrape(url, task), selected);
          return value === undefined ? undefined : { kind: 'value', value };
        }
        case 'ratio': {
          const fields = readSource(ratioSource, metric, source);
          const selectors = { events: parseSelector(fields.events), total: parseSelector(fields.total) };
          const series = await scrape(fields.url, task);
          const total = sumSeries(series, selectors.total);
          const events = sumSeries(series, selectors.events) ?? noneOf(series, selectors.events);
          return events === undefined || total === undefined ? undefined : { kind: 'ratio', events, total, cumulative: true };
        }
      }
    },
  };
}

/** 0 where the metric is there and only these labels are not yet. */
function noneOf(series: readonly MetricSeries[], selector: SeriesSelector): number | undefined {
  const named = series.filter(({ name }) => name === selector.name);
  return named.length > 0 && !named.some((each) => selector.matches(each)) ? 0 : undefined;
}
