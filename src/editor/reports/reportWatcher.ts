import * as vscode from 'vscode';
import type { ReportFile } from '../../core/ports';
import type { EditorServices } from '../services';
import { reportsBelow } from './reportsBelow';

/** What decides over findings beside the reports: the policy and the owners. A change of them sorts everything anew. */
const deciding = '{.patchline.json,CODEOWNERS,.github/CODEOWNERS,docs/CODEOWNERS}';

/** What becomes of a change: the files that were written, or `undefined` for "look at everything" (one was deleted). */
export type OnReports = (files: readonly ReportFile[] | undefined) => void;

const settle = 500;

/** Of more new files at once no one is looked at: a build or a checkout, whose reports are told one by one. */
const mostBorn = 100;

/** A package's own reports and what Patchline keeps are none of this project's reports. */
const unsearched = '**/{node_modules,.git,.patchline}/**';
const foreign = /\/(node_modules|\.git|\.patchline)\//;

/**
 * Watches the report globs of the folder and calls once the writing has settled (500 ms): scanners write in many small steps,
 * and often several reports. Light: this is part of what activation loads.
 */
export function watchReports(services: EditorServices, onReports: OnReports): vscode.Disposable {
  let watchers: vscode.Disposable[] = [];
  const written = new Map<string, vscode.Uri>();
  /** What came into being, files or folders. */
  const born = new Map<string, vscode.Uri>();
  let everything = false;
  let timer: NodeJS.Timeout | undefined;

  const flush = async (): Promise<void> => {
    const uris = [...written.values()];
    const root = services.root();
    const came = [...born.values()].filter((uri) => !written.has(uri.toString()));
    const told = everything;
    written.clear();
    born.clear();
    everything = false;
    const all = told || (root !== undefined && (await bringReports(came, root, services.settings().reports)));
    if (all) return onReports(undefined);
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
    // A folder that comes, goes or is moved is told as one event, which the globs of its files do not see.
    const folders = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(root, '**/*'), false, true, false);
    const wentWith = (uri: vscode.Uri): void => {
      if (reportsBelow(services.opened()?.reportNames() ?? [], relative(uri, root)).length > 0) changed();
    };
    const came = (uri: vscode.Uri): void => {
      if (foreign.test(`${uri.path}/`) || born.size >= mostBorn) return;
      born.set(uri.toString(), uri);
      soon();
    };
    watchers.push(folders, folders.onDidCreate(came), folders.onDidDelete(wentWith));
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

/** True when one of the paths is a folder in which files lie that the globs name. */
async function bringReports(
  paths: readonly vscode.Uri[],
  root: vscode.WorkspaceFolder,
  globs: readonly string[],
): Promise<boolean> {
  for (const uri of paths) {
    const stat = await vscode.workspace.fs.stat(uri).then(
      (found) => found,
      () => undefined,
    );
    if (stat?.type !== vscode.FileType.Directory) continue;
    for (const glob of globs) {
      const found = await vscode.workspace.findFiles(new vscode.RelativePattern(root, glob), unsearched);
      if (found.some((file) => file.path.startsWith(`${uri.path}/`))) return true;
    }
  }
  return false;
}

/** True when at least one report lies in the folder; stops at the first. */
export async function hasReports(services: EditorServices): Promise<boolean> {
  const root = services.root();
  if (root === undefined) return false;
  for (const glob of services.settings().reports) {
    const found = await vscode.workspace.findFiles(new vscode.RelativePattern(root, glob), unsearched, 1);
    if (found.length > 0) return true;
  }
  return false;
}

function relative(uri: vscode.Uri, root: vscode.WorkspaceFolder | undefined): string {
  const base = root?.uri.path.replace(/\/$/, '');
  return base !== undefined && uri.path.startsWith(`${base}/`) ? uri.path.slice(base.length + 1) : uri.fsPath;
}
