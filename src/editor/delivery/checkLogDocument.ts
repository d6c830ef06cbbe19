import { stripVTControlCharacters } from 'node:util';
import * as vscode from 'vscode';
import { cleanText } from '../../core/findings/cleanText';
import type { EditorServices } from '../services';

const scheme = 'patchline-check-log';

/** Between two readings of the log of a check that runs and is looked at. */
const againMs = 3000;
/** UTF-16 code units that are shown: the end of a log is what tells. */
const longest = 2_000_000;

interface Address {
  readonly findingId: string;
  readonly checkId: string;
}

/** Logs of checks as read-only documents that go on while the check runs and the document is seen. */
export function registerCheckLogs(services: EditorServices): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const timers = new Map<string, NodeJS.Timeout>();
  /** Logs that were not complete when they were last read. */
  const running = new Set<string>();
  const again = (uri: vscode.Uri): void => {
    clearTimeout(timers.get(uri.toString()));
    timers.set(
      uri.toString(),
      setTimeout(() => {
        timers.delete(uri.toString());
        const seen = vscode.window.visibleTextEditors.some((editor) => editor.document.uri.toString() === uri.toString());
        if (seen) changed.fire(uri);
      }, againMs),
    );
  };
  return vscode.Disposable.from(
    changed,
    vscode.window.onDidChangeVisibleTextEditors((editors) => {
      for (const { document } of editors)
        if (running.has(document.uri.toString()) && !timers.has(document.uri.toString())) changed.fire(document.uri);
    }),
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: async (uri) => {
        const { findingId, checkId } = JSON.parse(uri.query) as Address;
        const { delivery } = await services.patchline();
        const check = delivery.state(findingId)?.ci?.checks.find((one) => one.id === checkId);
        const text = await delivery.checkLog(findingId, checkId);
        const runs = check?.state === 'running' || check?.state === 'queued';
        if (runs) {
          running.add(uri.toString());
          again(uri);
        } else running.delete(uri.toString());
        if (text === undefined) return runs ? 'Nothing is printed yet.\n' : 'This check has no log here.\n';
        return `${showLog(services.log.clean(text))}${runs ? '\n… still running\n' : ''}`;
      },
    }),
    { dispose: () => timers.forEach((timer) => clearTimeout(timer)) },
  );
}

/** Opens the log of a check beside the panel. */
export async function openCheckLog(findingId: string, checkId: string, name: string): Promise<void> {
  const path = `/${name.replaceAll(/[^\w .()-]+/g, '-').slice(0, 80) || 'check'}.log`;
  const uri = vscode.Uri.from({ scheme, path, query: JSON.stringify({ findingId, checkId } satisfies Address) });
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true, preserveFocus: false });
}

/** What a program printed, without its colours and cursor movements; the end of it where it is long. */
function showLog(text: string): string {
  const end =
    text.length > longest ? `… ${text.length - longest} characters before this are left out\n${text.slice(-longest)}` : text;
  return cleanText(stripVTControlCharacters(end), end.length + 1);
}
