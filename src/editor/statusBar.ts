import * as vscode from 'vscode';
import type { RunningWork } from './progress';
import type { EditorServices } from './services';

/** Something that needs eyes now whatever is open: a rollout that turns bad, a check that failed. Broadcast, never control. */
export interface StatusAlert {
  readonly level: 'error' | 'warning';
  readonly text: string;
  readonly detail: string;
  readonly command: string;
  readonly args?: readonly unknown[];
}

/** Who raises alerts (rollout and monitoring do); the most serious is shown in the status bar. */
export interface AlertSource {
  current(): readonly StatusAlert[];
  readonly onDidChange: vscode.Event<void>;
}

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
    const alert = alerts?.current().toSorted((a, b) => a.level.localeCompare(b.level))[0];
    item.backgroundColor = alert === undefined ? undefined : new vscode.ThemeColor(`statusBarItem.${alert.level}Background`);
    const running = work.list();
    if (alert !== undefined) {
      item.text = `$(${alert.level}) ${alert.text}`;
      item.tooltip = alert.detail;
      item.command = { command: alert.command, title: alert.text, arguments: [...(alert.args ?? [])] };
    } else if (running.length > 0) {
      item.text = `$(loading~spin) ${running[0]}${running.length > 1 ? ` +${running.length - 1}` : ''}`;
      item.tooltip = running.join('\n');
      item.command = 'patchline.findings.focus';
    } else if (findings !== undefined && findings.count > 0) {
      item.text = `$(shield) ${now > 0 ? `${now} to fix now` : `${findings.count} findings`}`;
      item.tooltip = `Patchline: ${now} to fix now, ${findings.count} open in all. Select to see them.`;
      item.command = 'patchline.findings.focus';
    } else return item.hide();
    item.accessibilityInformation = { label: item.text.replace(/\$\([^)]*\)\s*/g, '') };
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
