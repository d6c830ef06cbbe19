import { mkdir, readdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { HumanError, isHumanError, throwIfCancelled } from '../../core/errors';
import { safePath } from '../../core/findings/safePath';
import type { Finding } from '../../core/model/finding';
import type { ReportFile, ReportReader, ReportSource, Task, Workspace } from '../../core/ports';
import { nativeSha256 } from '../clients/nativeSha256';
import { createKnownLineIds } from './knownLineIds';
import { readReports, recognise } from './readReports';

/** Where reports lie by default. Files that merely have such a name count only when their content is a report. */
export const defaultReportGlobs: readonly string[] = [
  '**/*.sarif',
  '**/*.sarif.json',
  '**/npm-audit*.json',
  '**/semgrep*.json',
  'reports/**/*.json',
];

/** Names that say themselves that this is meant to be a report: unreadable ones are told, not passed over. */
const namedAsReport = /\.sarif(?:\.json)?$|(?:^|\/)(?:npm-audit|semgrep)[^/]*\.json$/i;

/** First segment of the names of kept reports: told apart from workspace paths by the folder they are in. */
const keptPrefix = 'imported';

export interface ReportSourceOptions {
  readonly readers: readonly ReportReader[];
  readonly workspace: Workspace;
  /** Globs of reports in the workspace as they are set now. */
  readonly globs: () => readonly string[];
  /** Absolute folder for copies of reports from elsewhere; beside it, with `-ids` at the end, what is remembered of reports. Made when needed. */
  readonly keptFolder: string;
  /** Reads the whole of a finding of a large report where it lies in that report. */
  readonly detail: (finding: Finding, workspaceRoot: string) => Finding;
}

/** Reports of a workspace: found by globs, read by the first reader that recognises them, kept when they come from outside. */
export function createReportSource({ readers, workspace, globs, keptFolder, detail }: ReportSourceOptions): ReportSource {
  const lineIds = createKnownLineIds(`${keptFolder}-ids`);
  return {
    async discover(task) {
      return [...(await findReports(workspace, globs(), readers, task)), ...(await keptReports(keptFolder))];
    },
    read: (files, task) => readReports(files, { readers, workspace, lineIds, ...task }),
    detail: async (finding) => detail(finding, workspace.root),
    keep: (file) => keepReport(file, workspace.root, keptFolder),
  };
}

/**
 * Reports that the globs find in the workspace, git-ignored ones as well, sorted by path. Of files whose name promises
 * nothing (`reports/data.json`) only those that a reader recognises.
 */
export async function findReports(
  workspace: Workspace,
  globs: readonly string[],
  readers: readonly ReportReader[],
  task?: Task,
): Promise<readonly ReportFile[]> {
  task?.onProgress?.('Looking for reports');
  const paths = await workspace.list(globs, {
    ...(task?.signal === undefined ? {} : { signal: task.signal }),
    includeIgnored: true,
  });
  const reports: ReportFile[] = [];
  for (const path of paths) {
    throwIfCancelled(task?.signal);
    const file = await insideFile(workspace.root, path);
    if (file !== undefined && (namedAsReport.test(path) || (await isRecognised(file, readers)))) reports.push(file);
  }
  return reports;
}

async function isRecognised(file: ReportFile, readers: readonly ReportReader[]): Promise<boolean> {
  try {
    return (await recognise(file, readers)) !== undefined;
  } catch (error) {
    // A file that cannot be read and does not call itself a report is none of ours.
    if (isHumanError(error)) return false;
    throw error;
  }
}

/** The file with its size; undefined when it vanished since it was listed, or is a link that leads outside the workspace. */
async function insideFile(root: string, path: string): Promise<ReportFile | undefined> {
  try {
    const realRoot = await realpath(root);
    const fsPath = await realpath(join(root, path));
    const info = await stat(fsPath);
    return info.isFile() && 'path' in safePath(fsPath, realRoot) ? { name: path, fsPath, size: info.size } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A report from the workspace as it is, under its workspace path; of one from elsewhere, or dropped as bytes, a copy under
 * `imported/<digest of where it came from>/<name>`, so that the same file imported again replaces the older copy.
 * @throws HumanError when it cannot be read or kept.
 */
async function keepReport(file: ReportFile, root: string, keptFolder: string): Promise<ReportFile> {
  const fsPath = file.fsPath === undefined ? undefined : resolve(file.fsPath);
  if (fsPath !== undefined) {
    const inside = safePath(fsPath, resolve(root));
    if ('path' in inside) return { ...file, name: inside.path };
    if (fsPath.startsWith(join(keptFolder, '/'))) return { ...file, name: keptName(keptFolder, fsPath) };
  }
  const name =
    basename(file.name.replaceAll('\\', '/'))
      .replace(/[^\w.-]/g, '_')
      .slice(-100) || 'report';
  const target = join(keptFolder, nativeSha256(fsPath ?? file.name).slice(0, 8), /^\.+$/.test(name) ? 'report' : name);
  try {
    const bytes = file.bytes ?? (fsPath === undefined ? undefined : await readFile(fsPath));
    if (bytes === undefined) throw new HumanError(`${file.name} was given without content.`);
    await mkdir(join(target, '..'), { recursive: true });
    // Written beside and renamed: a crash in between leaves the older copy, never half of the new one.
    await writeFile(`${target}.part`, bytes);
    await rename(`${target}.part`, target);
    return { name: keptName(keptFolder, target), fsPath: target, size: bytes.byteLength };
  } catch (error) {
    if (isHumanError(error)) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new HumanError(`${file.name} could not be kept for later (${code}). Copy it into the workspace and import it there.`);
  }
}

async function keptReports(keptFolder: string): Promise<readonly ReportFile[]> {
  const entries = await readdir(keptFolder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // Nothing has been kept yet.
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.part'))
      .map(async (entry): Promise<ReportFile> => {
        const fsPath = join(entry.parentPath, entry.name);
        return { name: keptName(keptFolder, fsPath), fsPath, size: (await stat(fsPath)).size };
      }),
  );
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function keptName(keptFolder: string, fsPath: string): string {
  return `${keptPrefix}/${relative(keptFolder, fsPath).replaceAll('\\', '/')}`;
}
