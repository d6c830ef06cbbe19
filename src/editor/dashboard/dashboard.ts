import * as vscode from 'vscode';
import type { DashboardState } from '../../webview/protocol';
import { isFromPanel } from '../../webview/protocol';
import { dashboardView } from '../pageTypes';
import { createPage } from '../panel/createPage';
import type { EditorServices } from '../services';
import { dashboardState } from './dashboardState';

/** The dashboard as the commands see it. */
export interface Dashboard extends vscode.Disposable {
  show(): Promise<void>;
  /** Fills a tab that VS Code brought back after a reload. */
  restore(tab: vscode.WebviewPanel): Promise<void>;
}

/** What its page may ask for. */
const offered = ['patchline.openPanel', 'patchline.exportMetricsCsv', 'patchline.exportMetricsJson'];
/** The log may grow quickly; the figures are folded anew at most this often. */
const calmMs = 1000;

/** One webview with the metrics of all runs; it follows the log while it is seen. */
export function createDashboard(extension: vscode.ExtensionContext, services: EditorServices): Dashboard {
  let panel: vscode.WebviewPanel | undefined;
  let unsubscribe: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  function drawSoon(): void {
    if (panel?.visible !== true || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      draw();
    }, calmMs);
  }

  function follow(): void {
    unsubscribe?.();
    unsubscribe = panel === undefined ? undefined : services.opened()?.runs.onDidChange(drawSoon);
    drawSoon();
  }

  function draw(): void {
    void services.guard('draw the dashboard', async () => {
      if (panel === undefined) return;
      const engine = await services.patchline();
      const titleOf = (id: string) => (engine.findings.get(id) ?? engine.runs.forFinding(id)?.finding)?.title;
      const state: DashboardState = dashboardState(await engine.delivery.metrics(), titleOf);
      await panel?.webview.postMessage({ kind: 'state', state });
    });
  }

  function create(restored?: vscode.WebviewPanel): vscode.WebviewPanel {
    const created = createPage(
      extension,
      { viewType: dashboardView, title: 'Patchline Dashboard', bundle: 'dashboard' },
      restored,
    );
    created.webview.onDidReceiveMessage((message: unknown) => {
      if (!isFromPanel(message)) return;
      if (message.kind === 'ready') draw();
      else if (message.kind === 'failed') services.log.error(`The dashboard failed: ${message.message}`);
      else if (message.kind === 'command' && offered.includes(message.command))
        void vscode.commands.executeCommand(message.command, ...(message.findingId === '' ? [] : [message.findingId]));
    });
    created.onDidChangeViewState(() => drawSoon());
    created.onDidDispose(() => {
      panel = undefined;
      unsubscribe?.();
    });
    return created;
  }

  const engineChanges = services.onDidChangePatchline(follow);
  return {
    async show() {
      await services.patchline();
      if (panel === undefined) {
        panel = create();
        follow();
      } else panel.reveal();
    },
    async restore(tab) {
      if (panel !== undefined) return tab.dispose();
      panel = create(tab);
      await services.patchline();
      follow();
    },
    dispose() {
      clearTimeout(timer);
      unsubscribe?.();
      engineChanges.dispose();
      panel?.dispose();
    },
  };
}
