import * as vscode from 'vscode';
import { hasRunLog } from './adapters/dataFolder';
import { needsWatch } from './editor/delivery/needsWatch';
import { EngineHost } from './editor/engineHost';
import type { Features } from './editor/features';
import { watchReports, hasReports } from './editor/reports/reportWatcher';
import { dashboardView, patchView } from './editor/pageTypes';
import { restoresReview } from './editor/reviewPort';
import { registerCommands } from './editor/runCommand';
import { SafeLog } from './editor/safeLog';
import { createSecretReader, githubToken } from './editor/secrets';
import { createLazyTree, setViewState } from './editor/views';
import { showError } from './editor/messages';

let host: EngineHost | undefined;

/**
 * Registers what Patchline offers; everything heavier is loaded on first use.
 * VS Code shows nothing when an extension fails to start, so it is told here, and thrown on.
 */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  try {
    await start(context);
  } catch (error) {
    void showError(`Patchline could not start: ${error instanceof Error ? error.message : String(error)}`);
    throw error;
  }
}

let handOver: (() => Promise<void>) | undefined;

/**
 * Hands the watch of an active rollout to a process of its own, then ends the engine and with it every process it started:
 * VS Code would leave them running.
 */
export async function deactivate(): Promise<void> {
  const closing = host;
  await closing?.guard('hand over the watch of the rollout', async () => handOver?.());
  await closing?.close();
}

async function start(context: vscode.ExtensionContext): Promise<void> {
  const log = new SafeLog(vscode.window.createOutputChannel('Patchline', { log: true }));
  const readSecret = createSecretReader(context.secrets, log);
  let lastToken: string | undefined;
  const secret = async (name: string): Promise<string | undefined> => {
    const found = await readSecret(name);
    if (name === githubToken) lastToken = found;
    return found;
  };
  const services = new EngineHost(log, context.workspaceState, async (folder, settings) => {
    const { openPatchline } = await import('./adapters/engine');
    return openPatchline({ root: folder.uri.fsPath, settings, secret, log: (level, message) => log[level](message) });
  });
  host = services;
  const forgetting = context.secrets.onDidChange(({ key }) => {
    if (key !== githubToken || lastToken === undefined) return;
    // What was cleared or replaced is handed to nobody any more, also when the next reading fails.
    lastToken = undefined;
    void services.guard('read the changed token', async () => void (await secret(githubToken)));
  });
  handOver = async () => {
    const root = services.root();
    if (root === undefined || !vscode.workspace.isTrusted || !(services.opened()?.delivery.active().some(needsWatch) ?? false))
      return;
    const { handOverWatch } = await import('./adapters/engine');
    const { forge, github } = services.settings();
    await handOverWatch({
      root: root.uri.fsPath,
      cli: context.asAbsolutePath('dist/cli.js'),
      forge,
      apiUrl: github.apiUrl,
      // The window that keeps the secrets is gone when this is asked for: what was read last is what there is.
      token: lastToken,
    });
  };

  let loading: Promise<Features> | undefined;
  const features = (): Promise<Features> =>
    (loading ??= import('./editor/features').then(({ createFeatures }) =>
      createFeatures(context, services, { findings: findings.view, patches: patches.view }),
    ));
  const restorePages = (type: string, could: string, restore: (tab: vscode.WebviewPanel, memory: unknown) => Promise<void>) =>
    vscode.window.registerWebviewPanelSerializer(type, {
      deserializeWebviewPanel: (tab, memory: unknown) => services.guard(could, () => restore(tab, memory)),
    });
  const findings = createLazyTree('patchline.findings', async () => (await features()).findings, {
    canSelectMany: true,
    showCollapseAll: true,
    drop: ['files', 'text/uri-list'],
  });
  const patches = createLazyTree('patchline.patches', async () => (await features()).patches, { showCollapseAll: true });

  context.subscriptions.push(
    log.channel,
    services.watch(),
    forgetting,
    findings.disposable,
    patches.disposable,
    ...registerCommands(services, async () => (await features()).commands),
    restorePages(patchView, 'restore the patch panel', async (tab, memory) => {
      const { imports, panel } = await features();
      // The panel would say that its finding is gone as long as the reports are not read.
      await imports.first();
      await panel.restore(tab, memory);
    }),
    restorePages(dashboardView, 'restore the dashboard', async (tab) => (await features()).dashboard.restore(tab)),
    watchReports(services, (files) => void features().then(({ imports }) => imports.again(files))),
  );

  setViewState(services.root() === undefined ? 'noFolder' : 'noReports');
  // A diff that VS Code is restoring asks for its text as soon as this returns; the review must be there by then.
  if (restoresReview(vscode.window.tabGroups.all.flatMap((group) => group.tabs))) await features();
  // Not awaited: looking for reports is no part of starting.
  void services.guard('look for reports', async () => {
    if (await hasReports(services)) await (await features()).imports.first();
  });
  // A rollout that was under way when the window closed is watched again; without a log there was none.
  void services.guard('look for rollouts under way', async () => {
    const root = services.root();
    if (root === undefined || !(await hasRunLog(root.uri.fsPath))) return;
    (await features()).watch.resume();
    // For the hand-over, which cannot ask any more.
    if (services.settings().forge !== 'local') await secret(githubToken);
  });
}
