import * as vscode from 'vscode';
import { HumanError, isCancelled, isHumanError } from '../../core/errors';
import type { ImportSummary, Patchline } from '../../core/patchline';
import type { ReportFile, Task } from '../../core/ports';
import { offer } from '../guard';
import { cleanLine } from '../../core/findings/cleanText';
import { policyActions } from '../policyActions';
import type { RunningWork } from '../progress';
import type { EditorServices } from '../services';
import { setViewState } from '../views';
import { showInformation, showWarning } from '../messages';

/** Brings reports in: all that lie in the workspace at the first look, single ones by command, drop or when they change. */
export class ReportImport {
  private started: Promise<void> | undefined;

  constructor(
    private readonly services: EditorServices,
    private readonly work: RunningWork,
  ) {}

  /** Reads what lies in the workspace, once per engine; later calls wait for the same. Never throws. */
  first(): Promise<void> {
    this.started ??= this.quietly('read the reports', async () => {
      setViewState('loading');
      this.unread = true;
      const engine = await this.services.patchline();
      const summary = await this.work.runQuietly('Reading reports', 'patchline.findings', (task) =>
        engine.importReports(undefined, task),
      );
      this.note(summary);
      this.warnOfRejected(summary);
      this.warnOfTriage(engine);
    }).finally(() => this.updateState());
    return this.started;
  }

  /** The engine was replaced: what was imported is gone with it. */
  forget(): void {
    this.started = undefined;
  }

  /** Reads files that changed, or everything when undefined; says only what went wrong. Never throws. */
  async again(files: readonly ReportFile[] | undefined): Promise<void> {
    if (this.started === undefined) return this.first();
    await this.started;
    await this.quietly('read the changed reports', async () => {
      const engine = await this.services.patchline();
      const summary = await this.work.runQuietly('Reading reports', 'patchline.findings', (task) =>
        engine.importReports(files, task),
      );
      this.note(summary);
      this.warnOfRejected(summary);
      this.warnOfTriage(engine);
    });
    this.updateState();
  }

  /** Imports what a person chose and tells what came of it. @throws HumanError when nothing of it could be read. */
  async importFiles(files: readonly ReportFile[] | undefined): Promise<void> {
    await this.first();
    const engine = await this.services.patchline();
    const title =
      files === undefined
        ? 'Reading all reports'
        : `Importing ${files.length === 1 ? cleanLine(files[0]?.name ?? '') : `${files.length} reports`}`;
    const summary = await this.work.run(title, (task: Task) => engine.importReports(files, task));
    this.note(summary);
    this.updateState();
    this.warnOfTriage(engine);
    if (files === undefined && summary.reports.length === 0 && summary.rejected.length === 0) {
      const globs = this.services.settings().reports.join(', ');
      throw new HumanError(`No scanner report was found in the workspace. Looked for: ${globs}.`);
    }
    if (summary.rejected.length > 0) return this.warnOfRejected(summary);
    void showInformation(`Patchline: ${describe(summary)}`);
  }

  /** Which of the empty states the view is in, if any. */
  updateState(): void {
    if (this.services.root() === undefined) return setViewState('noFolder');
    const findings = this.services.opened()?.findings;
    if (findings === undefined) return setViewState(this.unread ? 'unread' : 'noReports');
    if (findings.count + findings.suppressedCount > 0) return setViewState(findings.count > 0 ? 'findings' : 'clear');
    const reports = this.services.opened()?.reportNames().length ?? 0;
    setViewState(reports > 0 ? 'clear' : this.unread ? 'unread' : 'noReports');
  }
  /** The last reading failed, or something in it could not be read: that there is no report would be untrue. */
  private unread = false;
  /** What was told last of the policy and the owners. */
  private triageProblem = '';

  private note(summary: ImportSummary): void {
    this.unread = summary.rejected.length > 0;
    this.services.log.info(describe(summary));
    for (const report of summary.reports) {
      const notes = report.notes.length === 0 ? '' : ` (${report.notes.map((note) => cleanLine(note)).join('; ')})`;
      this.services.log.info(`  ${cleanLine(report.name)}: ${report.format}, ${report.findings} findings${notes}`);
    }
    for (const one of summary.rejected) {
      this.services.log.warn(
        `  ${cleanLine(one.file)}${one.path === '' ? '' : ` at ${cleanLine(one.path)}`}: ${cleanLine(one.reason)}`,
      );
    }
  }

  private warnOfRejected(summary: ImportSummary): void {
    const [first, ...rest] = summary.rejected;
    if (first === undefined) return;
    const others = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
    const place = first.path === '' ? '' : ` at ${cleanLine(first.path, 80)}`;
    const text = `Patchline: ${describe(summary)} Not read: ${cleanLine(first.file, 120)}${place}: ${cleanLine(first.reason)}${others}`;
    void offer(showWarning, text, [{ title: 'Show Log', command: 'patchline.showOutput' }]);
  }

  /** Once for each problem: every change of a report sorts the findings anew. */
  private warnOfTriage(engine: Patchline): void {
    const problem = engine.triageProblems().join(' ');
    if (problem === this.triageProblem) return;
    this.triageProblem = problem;
    if (problem === '') return;
    this.services.log.warn(`findings are sorted without the team’s policy or owners: ${cleanLine(problem)}`);
    const file = problem.includes('.patchline.json') ? 'policy, and what goes by it is refused until it is mended' : 'owners';
    const text = `${cleanLine(problem, 300)} The findings are shown, but sorted without the team’s ${file}.`;
    void offer(showWarning, text, policyActions(problem));
  }

  private async quietly(could: string, work: () => Promise<void>): Promise<void> {
    await this.services.guard(could, async () => {
      try {
        await work();
      } catch (error) {
        if (!isCancelled(error)) throw error;
        this.services.log.info('The reading of reports was stopped: nothing of it was taken over.');
        void offer(showWarning, 'Patchline: Reading the reports was stopped, so nothing new is shown.', [
          { title: 'Read Again', command: 'patchline.refreshFindings' },
        ]);
      }
    });
  }
}

/** `12 new, 0 closed, 30 unchanged (42 findings) from 2 reports.` */
export function describe(summary: ImportSummary): string {
  const reports = summary.reports.length === 1 ? '1 report' : `${summary.reports.length} reports`;
  return `${summary.added} new, ${summary.closed} closed, ${summary.unchanged} unchanged from ${reports}; ${summary.total} open in all.`;
}

/**
 * Imports those of the files that can be looked at, then says why the others cannot: one of them takes nothing from the rest.
 * @throws HumanError naming each that cannot be looked at
 */
export async function importEach(
  uris: readonly vscode.Uri[],
  root: vscode.WorkspaceFolder | undefined,
  imports: Pick<ReportImport, 'importFiles'>,
  more: readonly ReportFile[] = [],
): Promise<void> {
  const reports = [...more];
  const refused: string[] = [];
  for (const uri of new Map(uris.map((one) => [one.toString(), one])).values()) {
    try {
      reports.push(await reportOf(uri, root));
    } catch (error) {
      if (!isHumanError(error)) throw error;
      refused.push(error.message);
    }
  }
  if (reports.length > 0) await imports.importFiles(reports);
  if (refused.length > 0) throw new HumanError(cleanLine(refused.join(' '), 600));
}

/** A report file as the engine takes it. @throws HumanError when it cannot be looked at. */
async function reportOf(uri: vscode.Uri, root: vscode.WorkspaceFolder | undefined): Promise<ReportFile> {
  const inside = root !== undefined && uri.path.startsWith(`${root.uri.path.replace(/\/$/, '')}/`);
  const name = inside ? uri.path.slice(root.uri.path.replace(/\/$/, '').length + 1) : uri.fsPath;
  try {
    const { size, type } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.Directory) !== 0)
      throw new HumanError(`${name} is a folder. Import the report files themselves.`);
    return { name, size, fsPath: uri.fsPath };
  } catch (error) {
    if (error instanceof vscode.FileSystemError) throw new HumanError(`${name} cannot be read: it is not there or not readable.`);
    throw error;
  }
}
