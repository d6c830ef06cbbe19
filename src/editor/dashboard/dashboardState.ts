import { cleanLine } from '../../core/findings/cleanText';
import type { Metrics } from '../../core/metrics/metrics';
import type { DashboardBar, DashboardState, DashboardTile, PanelChart } from '../../webview/protocol';
import { durationWords } from '../../core/words';
import { percentWords } from '../delivery/deliveryWords';
import { stageTitles } from '../patches/runWords';

/** Newest incidents that are listed; the export has all of them. */
const mostIncidents = 100;

/** What the dashboard shows of the metrics, in words. `titleOf` names a finding for people; undefined where nothing knows it. */
export function dashboardState(metrics: Metrics, titleOf: (findingId: string) => string | undefined): DashboardState {
  const { ended, mttr, bottleneck } = metrics;
  const day = (iso: string | null) => iso?.slice(0, 10) ?? '';
  return {
    runs: metrics.runs,
    period: metrics.from === null ? '' : `${day(metrics.from)} to ${day(metrics.to)}`,
    tiles: [
      tile(
        'Mean time to repair',
        durationWords(mttr.mean),
        mttr.count === 0 ? 'nothing is deployed yet' : `median ${durationWords(mttr.median)}, of ${mttr.count} deployed`,
      ),
      tile('Patch success rate', shareWords(metrics.successRate), `${ended.deployed} deployed, ${ended.rolledBack} rolled back`),
      tile(
        'Test pass rate',
        shareWords(metrics.testPassRate),
        metrics.testPassRate === null ? 'no test report was read yet' : 'of all tests reported',
      ),
      tile(
        'Coverage of changed lines',
        shareWords(metrics.changedLineCoverage),
        metrics.changedLineCoverage === null ? 'no coverage was reported' : 'of the changed lines that were measured',
      ),
      tile('Under way', String(ended.active), `${ended.closed} closed, ${ended.failed} failed, ${metrics.runs} in all`),
      tile(
        'Incidents after a patch',
        String(metrics.incidents.length),
        metrics.incidents.length === 0 ? 'none is recorded' : 'listed below',
      ),
    ],
    stages: barsOf(metrics.stages.map((one) => ({ title: stageTitles[one.stage], value: one.median, note: counted(one.count) }))),
    ...(bottleneck === null
      ? {}
      : {
          bottleneck: `${stageTitles[bottleneck.stage]} is the bottleneck: ${percentWords(bottleneck.share)} of all the time goes there.`,
        }),
    severities: barsOf(
      metrics.mttrBySeverity.map((one) => ({ title: cleanLine(one.severity, 40), value: one.median, note: counted(one.count) })),
    ),
    charts: weeklyCharts(metrics),
    incidents: metrics.incidents
      .toSorted((a, b) => b.at.localeCompare(a.at))
      .slice(0, mostIncidents)
      .map(({ findingId, at, what }) => ({
        findingId,
        at,
        what: cleanLine(what, 300),
        title: cleanLine(titleOf(findingId) ?? findingId, 200),
      })),
    cut: Math.max(0, metrics.incidents.length - mostIncidents),
  };
}

function tile(title: string, value: string, detail: string): DashboardTile {
  return { title, value, detail };
}

function counted(count: number): string {
  return `${count} ${count === 1 ? 'patch' : 'patches'}`;
}

/** Bars beside one another: the longest fills the room; what was never measured has no bar and says so. */
function barsOf(
  rows: readonly { readonly title: string; readonly value: number | null; readonly note: string }[],
): readonly DashboardBar[] {
  const longest = Math.max(0, ...rows.map((row) => row.value ?? 0));
  return rows.map(({ title, value, note }) => ({
    title,
    share: value === null || longest === 0 ? 0 : value / longest,
    words: value === null ? 'not measured' : `${durationWords(value)} · ${note}`,
  }));
}

function weeklyCharts({ weeks }: Metrics): readonly PanelChart[] {
  const at = (monday: string) => Date.parse(`${monday.slice(0, 10)}T00:00:00Z`);
  const repaired = weeks.flatMap((week) => (week.mttr === null ? [] : [[at(week.monday), week.mttr] as const]));
  const last = repaired.at(-1)?.[1];
  const deployed = weeks.map((week) => [at(week.monday), week.deployed] as const);
  const back = weeks.map((week) => [at(week.monday), week.rolledBack] as const);
  const sum = (points: readonly (readonly [number, number])[]) => points.reduce((total, [, value]) => total + value, 0);
  return [
    {
      id: 'mttr',
      title: 'Median time to repair by week',
      unit: 'duration',
      weekly: true,
      lines: repaired.length === 0 ? [] : [{ name: 'time to repair', look: 'main', points: repaired }],
      limits: [],
      last: last === undefined ? [] : [`last week with a repair: ${durationWords(last)}`],
      summary: `Median time to repair by week: ${repaired.map(([, value]) => durationWords(value)).join(', ') || 'nothing yet'}.`,
    },
    {
      id: 'ended',
      title: 'Deployed and rolled back by week',
      unit: 'number',
      weekly: true,
      lines:
        weeks.length === 0
          ? []
          : [
              { name: 'deployed', look: 'main', points: deployed },
              { name: 'rolled back', look: 'beside', points: back },
            ],
      limits: [],
      last: [`deployed ${sum(deployed)} in all`, `rolled back ${sum(back)} in all`],
      summary: `Patches by week: ${weeks.map((week) => `${week.monday.slice(0, 10)} ${week.deployed} deployed, ${week.rolledBack} rolled back`).join('; ') || 'nothing yet'}.`,
    },
  ];
}

function shareWords(share: number | null): string {
  return share === null ? '–' : percentWords(share);
}
