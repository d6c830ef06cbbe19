import * as vscode from 'vscode';
import { plainMessage } from './plainMessage';
import type { RunningWork } from './progress';
import type { EditorServices } from './services';

/** Something that needs eyes now whatever is open: a rollout that turns bad, a check that failed. Broadcast, never control. */
export interface StatusAlert {
  /** `info` goes on as it should: shown, without a background. */
  readonly level: 'error' | 'warning' | 'info';
  readonly text: string;
  /** Markdown of ours, in which nothing from outside is markup. */
  readonly detail: string;
  readonly command: string;
  readonly args?: readonly unknown[];
}

/** Who raises alerts (rollout and monitoring do); the most serious is shown in the status bar. */
export interface AlertSource {
  current(): readonly StatusAlert[];
  readonly onDidChange: vscode.Event<void>;
}

const alertLooks = {
  error: { icon: 'error', rank: 0 },
  warning: { icon: 'warning', rank: 1 },
  info: { icon: 'rocket', rank: 2 },
} as const;

/** The status bar item and the badge: how many findings want fixing now, and what is running. */
export function createStatusBar(
  services: EditorServices,
  work: RunningWork,
  findingsView: vscode.TreeView<unknown>,
  alerts: AlertSource | undefined,
): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('patchline.status', vscode.StatusBarAlignment.Left, 10);
  item.name = 'Patchline';
  const draw = (): void => {
    const findings = services.opened()?.findings;
    const now = findings?.groups().find((group) => group.band === 'now')?.count ?? 0;
    findingsView.badge =
      now === 0 ? undefined : { value: now, tooltip: `${now} ${now === 1 ? 'finding' : 'findings'} to fix now` };
    const raised = alerts?.current().toSorted((a, b) => alertLooks[a.level].rank - alertLooks[b.level].rank) ?? [];
    const running = work.list();
    // What goes on as it should gives way to what the person just asked for.
    const alert = raised[0]?.level === 'info' && running.length > 0 ? undefined : raised[0];
    // Only these two backgrounds exist.
    item.backgroundColor =
      alert === undefined || alert.level === 'info' ? undefined : new vscode.ThemeColor(`statusBarItem.${alert.level}Background`);
    if (alert !== undefined) {
      item.text = `$(${alertLooks[alert.level].icon}) ${plainMessage(alert.text)}${raised.length > 1 ? ` +${raised.length - 1}` : ''}`;
      const tooltip = new vscode.MarkdownString(alert.detail);
      tooltip.isTrusted = { enabledCommands: [alert.command] };
      item.tooltip = tooltip;
      item.command = { command: alert.command, title: alert.text, arguments: [...(alert.args ?? [])] };
    } else if (running.length > 0) {
      item.text = `$(loading~spin) ${plainMessage(running[0] ?? '')}${running.length > 1 ? ` +${running.length - 1}` : ''}`;
      item.tooltip = running.join('\n');
      item.command = 'patchline.findings.focus';
    } else if (findings !== undefined && findings.count > 0) {
      item.text = `$(shield) ${now > 0 ? `${now} to fix now` : `${findings.count} findings`}`;
      item.tooltip = `Patchline: ${now} to fix now, ${findings.count} open in all. Select to see them.`;
      item.command = 'patchline.findings.focus';
    } else return item.hide();
    const spoken = item.text.replace(/\$\([^)]*\)\s*/g, '');
    item.accessibilityInformation = { label: alert === undefined ? spoken : `Patchline ${alert.level}: ${spoken}` };
    item.show();
  };
  let unsubscribe: (() => void) | undefined;
  const follow = (): void => {
    unsubscribe?.();
    unsubscribe = services.opened()?.findings.onDidChange(draw);
    draw();
  };
  follow();
  const listening = [
    services.onDidChangePatchline(follow),
    work.onDidChange(draw),
    ...(alerts === undefined ? [] : [alerts.onDidChange(draw)]),
  ];
  return vscode.Disposable.from(item, ...listening, { dispose: () => unsubscribe?.() });
}
