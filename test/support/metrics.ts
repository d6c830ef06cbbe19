import type { Metrics } from '../../src/core/metrics/metrics';
import { stages } from '../../src/core/model/stage';

const hour = 3_600_000;

export const emptyMetrics: Metrics = {
  from: null,
  to: null,
  runs: 0,
  ended: { deployed: 0, rolledBack: 0, closed: 0, failed: 0, active: 0 },
  mttr: { mean: null, median: null, count: 0 },
  mttrBySeverity: [],
  successRate: null,
  stages: [],
  bottleneck: null,
  testPassRate: null,
  changedLineCoverage: null,
  incidents: [],
  weeks: [],
};

/** Fourteen patches in three weeks, with approval as the bottleneck. */
export function makeMetrics(): Metrics {
  const medians = [0.1, 0.5, 2, 1, 0.7, 21, 5, 1.5];
  return {
    from: '2025-12-15T08:00:00.000Z',
    to: '2026-01-10T14:00:00.000Z',
    runs: 14,
    ended: { deployed: 9, rolledBack: 2, closed: 1, failed: 0, active: 2 },
    mttr: { mean: 52 * hour, median: 40 * hour, count: 9 },
    mttrBySeverity: [
      { severity: 'critical', median: 9 * hour, count: 2 },
      { severity: 'high', median: 40 * hour, count: 7 },
    ],
    successRate: 9 / 11,
    stages: stages.map((stage, index) => ({ stage, median: (medians[index] ?? 0) * hour, mean: hour, count: 12 })),
    bottleneck: { stage: 'approval', share: 0.61 },
    testPassRate: 0.985,
    changedLineCoverage: null,
    incidents: [{ run: 'run-1', findingId: 'pl-1', at: '2026-01-08T10:00:00.000Z', what: 'error-rate breached at 25 %' }],
    weeks: [
      { monday: '2025-12-15', deployed: 3, rolledBack: 0, mttr: 66 * hour },
      { monday: '2025-12-22', deployed: 0, rolledBack: 1, mttr: null },
      { monday: '2025-12-29', deployed: 6, rolledBack: 1, mttr: 30 * hour },
    ],
  };
}
