import type { Metrics } from './metrics';

type Cell = string | number | null;

/**
 * The metrics as one long table, `table,key,measure,value,unit`, one figure a line; empty where there is nothing to measure.
 * Comma separated with CR LF (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe in front, so
 * that opening the file runs nothing (OWASP: CSV injection).
 */
export function metricsCsv(metrics: Metrics): string {
  const { ended, mttr } = metrics;
  const rows: (readonly Cell[])[] = [
    ['table', 'key', 'measure', 'value', 'unit'],
    ['summary', '', 'from', metrics.from, 'UTC'],
    ['summary', '', 'to', metrics.to, 'UTC'],
    ['summary', '', 'runs', metrics.runs, 'count'],
    ['summary', '', 'deployed', ended.deployed, 'count'],
    ['summary', '', 'rolled back', ended.rolledBack, 'count'],
    ['summary', '', 'closed', ended.closed, 'count'],
    ['summary', '', 'failed', ended.failed, 'count'],
    ['summary', '', 'active', ended.active, 'count'],
    ['summary', '', 'mean time to repair', mttr.mean, 'ms'],
    ['summary', '', 'median time to repair', mttr.median, 'ms'],
    ['summary', '', 'repaired', mttr.count, 'count'],
    ['summary', '', 'success rate', metrics.successRate, 'share'],
    ['summary', '', 'test pass rate', metrics.testPassRate, 'share'],
    ['summary', '', 'changed line coverage', metrics.changedLineCoverage, 'share'],
    ['summary', '', 'bottleneck', metrics.bottleneck?.stage ?? null, 'stage'],
    ['summary', '', 'share of the bottleneck', metrics.bottleneck?.share ?? null, 'share'],
    ...metrics.mttrBySeverity.flatMap(({ severity, median, count }) => [
      ['severity', severity, 'median time to repair', median, 'ms'],
      ['severity', severity, 'repaired', count, 'count'],
    ]),
    ...metrics.stages.flatMap(({ stage, median, mean, count }) => [
      ['stage', stage, 'median', median, 'ms'],
      ['stage', stage, 'mean', mean, 'ms'],
      ['stage', stage, 'runs', count, 'count'],
    ]),
    ...metrics.weeks.flatMap((week) => [
      ['week', week.monday, 'deployed', week.deployed, 'count'],
      ['week', week.monday, 'rolled back', week.rolledBack, 'count'],
      ['week', week.monday, 'median time to repair', week.mttr, 'ms'],
    ]),
    ...metrics.incidents.flatMap(({ run, findingId, at, what }) => [
      ['incident', run, 'finding', findingId, ''],
      ['incident', run, 'at', at, 'UTC'],
      ['incident', run, 'what', what, ''],
    ]),
  ];
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const harmless = /^\s*[=+\-@|%\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
