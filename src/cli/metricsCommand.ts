import type { Metrics } from '../core/metrics/metrics';
import { metricsCsv } from '../core/metrics/metricsCsv';
import type { Patchline } from '../core/patchline';
import { durationWords } from '../core/words';
import type { CommandContext, ExitCode } from './commandLine';
import { UsageError } from './commandLine';
import { count } from './output';

/** `patchline metrics --workspace DIR [--json | --csv]`: the figures of the run log. */
export async function metricsCommand(context: CommandContext, app: Patchline): Promise<ExitCode> {
  const { json, csv } = context.options;
  if (json && csv) throw new UsageError('metrics gives --json or --csv, not both');
  const metrics = await app.delivery.metrics();
  if (json) context.json(metrics);
  else if (csv) context.print(metricsCsv(metrics));
  else for (const line of linesOf(metrics)) context.line(line);
  return 0;
}

function linesOf(metrics: Metrics): readonly string[] {
  const { ended, mttr, bottleneck, incidents, weeks } = metrics;
  if (metrics.from === null || metrics.to === null) return ['Nothing is in the run log yet.'];
  return [
    `${count(metrics.runs, 'patch run')} from ${metrics.from.slice(0, 10)} to ${metrics.to.slice(0, 10)}: ${ended.deployed} deployed, ${ended.rolledBack} rolled back, ${ended.closed} closed, ${ended.failed} failed, ${ended.active} under way`,
    `time to repair: mean ${durationWords(mttr.mean)}, median ${durationWords(mttr.median)}, of ${mttr.count} deployed`,
    ...metrics.mttrBySeverity.map((one) => `  ${one.severity.padEnd(10)} median ${durationWords(one.median)}, of ${one.count}`),
    `success rate: ${percent(metrics.successRate)}`,
    `tests that pass: ${percent(metrics.testPassRate)}`,
    `changed lines that were run: ${percent(metrics.changedLineCoverage)}`,
    `bottleneck: ${bottleneck === null ? '–' : `${bottleneck.stage}, ${percent(bottleneck.share)} of the time`}`,
    ...metrics.stages.map(
      (one) => `  ${one.stage.padEnd(10)} median ${durationWords(one.median)}, mean ${durationWords(one.mean)}, of ${one.count}`,
    ),
    ...(weeks.length === 0 ? [] : ['weeks, by their Monday:']),
    ...weeks.map(
      (week) =>
        `  ${week.monday} ${week.deployed} deployed, ${week.rolledBack} rolled back, median time to repair ${durationWords(week.mttr)}`,
    ),
    `${count(incidents.length, 'incident')}${incidents.length === 0 ? '' : ':'}`,
    ...incidents.map(({ at, findingId, what }) => `  ${at} ${findingId}: ${what}`),
  ];
}

function percent(share: number | null): string {
  return share === null ? '–' : `${Number((share * 100).toFixed(1))} %`;
}
