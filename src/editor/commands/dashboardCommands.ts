import * as vscode from 'vscode';
import { CancelledError } from '../../core/errors';
import type { Metrics } from '../../core/metrics/metrics';
import { metricsCsv } from '../../core/metrics/metricsCsv';
import type { CommandHandlers } from '../commandTable';
import type { FeatureContext } from './featureContext';
import { showInformation } from '../messages';

type Ids = 'patchline.openDashboard' | 'patchline.exportMetricsCsv' | 'patchline.exportMetricsJson';

/** The figures of all runs: shown, and given away as a file. */
export function dashboardCommands(context: FeatureContext): Pick<CommandHandlers, Ids> {
  const { services, work, dashboard } = context;

  async function save(extension: 'csv' | 'json', label: string, write: (metrics: Metrics) => string): Promise<void> {
    const engine = await services.patchline();
    const root = services.root();
    const uri = await vscode.window.showSaveDialog({
      title: `Export metrics as ${label}`,
      filters: { [label]: [extension] },
      ...(root === undefined ? {} : { defaultUri: vscode.Uri.joinPath(root.uri, `patchline-metrics.${extension}`) }),
    });
    if (uri === undefined) throw new CancelledError();
    const metrics = await work.runToEnd('Reading the metrics', () => engine.delivery.metrics());
    await vscode.workspace.fs.writeFile(uri, Buffer.from(write(metrics), 'utf8'));
    const open = 'Open';
    const name = uri.path.split('/').at(-1) ?? '';
    // Not awaited: the command is over when the file is written.
    void services.guard('open the export', async () => {
      if ((await showInformation(`The metrics are in ${name}.`, open)) === open) await vscode.window.showTextDocument(uri);
    });
  }

  return {
    'patchline.openDashboard': () => dashboard.show(),
    'patchline.exportMetricsCsv': () => save('csv', 'CSV', metricsCsv),
    'patchline.exportMetricsJson': () => save('json', 'JSON', (metrics) => `${JSON.stringify(metrics, null, 2)}\n`),
  };
}
