import * as vscode from 'vscode';
import type { ReportFile } from '../../core/ports';
import type { EditorServices } from '../services';

/** What decides over findings beside the reports: the policy and the owners. A change of them sorts everything anew. */
const deciding = '{.patchline.json,CODEOWNERS,.github/CODEOWNERS,docs/CODEOWNERS}';

/** What becomes of a change: the files that were written, or `undefined` for "look at everything" (one was deleted). */
export type OnReports = (files: readonly ReportFile[] | undefined) => void;

const settle = 500;

/** A package's own reports and what Patchline keeps are none of this project's reports. */
const foreign = /\/(node_modules|\.git|\.patchline)\//;

/**
 * Watches the report globs of the folder and calls once the writing has settled (500 ms): scanners write in many small steps,
 * and often several reports. Light: this is part of what activation loads.
 */
export function watchReports(services: EditorServices, onReports: OnReports): vscode.Disposable {
  let watchers: vscode.Disposable[] = [];
  const written = new Map<string, vscode.Uri>();
  let everything = false;
  let timer: NodeJS.Timeout | undefined;

  const flush = async (): Promise<void> => {
    const uris = [...written.values()];
    const all = everything;
    written.clear();
    everything = false;
    if (all) return onReports(undefined);
    const root = services.root();
    const files: ReportFile[] = [];
    for (const uri of uris) {
      const stat = await vscode.workspace.fs.stat(uri).then(
        (found) => found,
        // Gone again before it was looked at: the deletion is reported by itself.
        () => undefined,
      );
      if (stat === undefined || (stat.type & vscode.FileType.File) === 0) continue;
      files.push({ name: relative(uri, root), size: stat.size, fsPath: uri.fsPath });
    }
    if (files.length > 0) onReports(files);
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void services.guard('look at changed reports', flush), settle);
  };
  const start = (): void => {
    vscode.Disposable.from(...watchers).dispose();
    watchers = [];
    const root = services.root();
    const settings = services.settings();
    if (root === undefined || !settings.watchReports) return;
    const decides = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(root, deciding));
    const changed = (): void => {
      everything = true;
      soon();
    };
    watchers.push(decides, decides.onDidCreate(changed), decides.onDidChange(changed), decides.onDidDelete(changed));
    for (const glob of settings.reports) {
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(root, glob));
      const wrote = (uri: vscode.Uri): void => {
        if (foreign.test(uri.path)) return;
        written.set(uri.toString(), uri);
        soon();
      };
      const gone = (uri: vscode.Uri): void => {
        if (foreign.test(uri.path)) return;
        written.delete(uri.toString());
        everything = true;
        soon();
      };
      watchers.push(watcher, watcher.onDidCreate(wrote), watcher.onDidChange(wrote), watcher.onDidDelete(gone));
    }
  };
  start();
  return vscode.Disposable.from(
    services.onDidChangePatchline((engine) => {
      if (engine === undefined) start();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('patchline.reports')) start();
    }),
    { dispose: () => (clearTimeout(timer), vscode.Disposable.from(...watchers).dispose()) },
  );
}

/** True when at least one report lies in the folder; stops at the first. */
export async function hasReports(services: EditorServices): Promise<boolean> {
  const root = services.root();
  if (root === undefined) return false;
  for (const glob of services.settings().reports) {
    const found = await vscode.workspace.findFiles(
      new vscode.RelativePattern(root, glob),
      '**/{node_modules,.git,.patchline}/**',
      1,
    );
    if (found.length > 0) return true;
  }
  return false;
}

function relative(uri: vscode.Uri, root: vscode.WorkspaceFolder | undefined): string {
  const base = root?.uri.path.replace(/\/$/, '');
  return base !== undefined && uri.path.startsWith(`${base}/`) ? uri.path.slice(base.length + 1) : uri.fsPath;
}
