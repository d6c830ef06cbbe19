'use strict';

const buckets = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];
const recentRequests = 100;

/** Counts requests, errors and durations by route, and writes them in Prometheus' text format 0.0.4. */
function createMetrics() {
  const routes = new Map();
  let recent = [];

  function observe(route, status, seconds) {
    recent = [...recent.slice(1 - recentRequests), seconds];
    const seen = routes.get(route) ?? { statuses: new Map(), counts: buckets.map(() => 0), sum: 0, total: 0 };
    seen.statuses.set(status, (seen.statuses.get(status) ?? 0) + 1);
    buckets.forEach((limit, index) => {
      if (seconds <= limit) seen.counts[index] += 1;
    });
    seen.sum += seconds;
    seen.total += 1;
    routes.set(route, seen);
  }

  function render() {
    const requests = [];
    const errors = [];
    const durations = [];
    for (const [route, seen] of routes) {
      let failed = 0;
      for (const [status, count] of seen.statuses) {
        requests.push(`http_requests_total{route="${route}",status="${status}"} ${count}`);
        if (status >= 500) failed += count;
      }
      errors.push(`http_request_errors_total{route="${route}"} ${failed}`);
      buckets.forEach((limit, index) => {
        durations.push(`http_request_duration_seconds_bucket{route="${route}",le="${limit}"} ${seen.counts[index]}`);
      });
      durations.push(`http_request_duration_seconds_bucket{route="${route}",le="+Inf"} ${seen.total}`);
      durations.push(`http_request_duration_seconds_sum{route="${route}"} ${seen.sum}`);
      durations.push(`http_request_duration_seconds_count{route="${route}"} ${seen.total}`);
    }
    return [
      '# HELP http_requests_total Requests answered, by route and status.',
      '# TYPE http_requests_total counter',
      ...requests,
      '# HELP http_request_errors_total Requests answered with a server error, by route.',
      '# TYPE http_request_errors_total counter',
      ...errors,
      '# HELP http_request_duration_seconds Time until the answer was sent.',
      '# TYPE http_request_duration_seconds histogram',
      ...durations,
      '# HELP http_request_duration_recent_seconds Mean over the last hundred requests.',
      '# TYPE http_request_duration_recent_seconds gauge',
      `http_request_duration_recent_seconds ${recent.reduce((sum, seconds) => sum + seconds, 0) / Math.max(1, recent.length)}`,
      '',
    ].join('\n');
  }

  return { observe, render };
}

module.exports = { createMetrics };
