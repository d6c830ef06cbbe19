import type { SimpleGit } from 'simple-git';
import { CancelledError, HumanError, VendorError, messageOf } from '../../core/errors';
import type { Task } from '../../core/ports';
import { gitEnvironment, safeGitConfig } from './git';
import { shutdownSignal } from './process';

/**
 * The one file that knows `simple-git`: status, history, fetch and push. The library is loaded on first use. It refuses guarded
 * settings and variables unless each is named; the ones named here only ever switch programs off, or come from the person's own
 * environment (askpass, ssh), never from a repository.
 */
async function withGit<T>(
  what: string,
  root: string,
  options: Task & { readonly env?: Readonly<Record<string, string>>; readonly retryable?: boolean },
  act: (git: SimpleGit) => Promise<T>,
): Promise<T> {
  const ended = shutdownSignal();
  const abort = options.signal === undefined ? ended : AbortSignal.any([options.signal, ended]);
  if (abort.aborted) throw new CancelledError();
  const { simpleGit } = await import('simple-git');
  const env = gitEnvironment(options.env);
  const git = simpleGit({
    baseDir: root,
    config: [...safeGitConfig],
    abort,
    timeout: { block: 120_000 },
    allowEnvironment: Object.keys(env),
    unsafe: {
      allowUnsafeAskPass: true,
      allowUnsafeConfigEnvCount: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeEditor: true,
      allowUnsafeExec: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeGitProxy: true,
      allowUnsafeHooksPath: true,
      allowUnsafePager: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeSshCommand: true,
      allowUnsafeTemplateDir: true,
    },
  }).env(env);
  try {
    return await act(git);
  } catch (error) {
    if (abort.aborted) throw new CancelledError();
    const retryable = options.retryable ?? false;
    throw new VendorError('git', `git ${what} failed: ${firstLines(messageOf(error))}`, { retryable, cause: error });
  }
}

function firstLines(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const said = lines.filter((line) => /^(?:fatal|error|remote|!|\s!)/.test(line));
  return (said.length > 0 ? said : lines).slice(0, 4).join(' · ').slice(0, 600);
}

/** Of the given repository paths those that differ from HEAD, untracked ones included. Paths are taken literally, never as patterns. */
export async function changedPaths(root: string, paths: readonly string[], task: Task = {}): Promise<readonly string[]> {
  const status = await withGit('status', root, { ...task, env: { GIT_LITERAL_PATHSPECS: '1' } }, (git) =>
    git.status(['--untracked-files=all', '--no-renames', '--', ...paths]),
  );
  return status.files.map((file) => file.path);
}

/** simple-git appends options of its own, so `--` cannot end them: what is no option must not look like one. */
function plainArgument(text: string): string {
  if (text.startsWith('-')) throw new HumanError(`${text} is no address of a repository.`);
  return text;
}

export interface HistoryEntry {
  readonly commit: string;
  /** ISO 8601 with offset, as the author's clock had it. */
  readonly date: string;
  readonly author: string;
  readonly subject: string;
}

/** The commits that `to` has and `from` has not, newest first, at most `maxCount`. Both are full commit ids. */
export async function readHistory(
  root: string,
  range: { readonly from: string; readonly to: string; readonly maxCount: number },
  task: Task = {},
): Promise<readonly HistoryEntry[]> {
  const format = { hash: '%H', date: '%aI', author: '%an', subject: '%s' };
  const log = await withGit('log', root, task, (git) =>
    git.log({ from: range.from, to: range.to, symmetric: false, maxCount: range.maxCount, format }),
  );
  return log.all.map((line) => ({ commit: line.hash, date: line.date, author: line.author, subject: line.subject }));
}

/**
 * Fetches one branch from a URL, path or remote without storing it under any local name, or under `into`, a full ref name of
 * our own that keeps its commits from being collected. `env` carries credentials.
 */
export async function fetchBranch(
  root: string,
  remote: string,
  branch: string,
  options: Task & { readonly env?: Readonly<Record<string, string>>; readonly into?: string } = {},
): Promise<void> {
  const from = `refs/heads/${branch}`;
  const refspec = options.into === undefined ? from : `+${from}:${options.into}`;
  await withGit('fetch', root, { ...options, retryable: true }, (git) =>
    git.fetch(['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', plainArgument(remote), refspec]),
  );
}

/**
 * Pushes exactly one commit to exactly one branch. `expected` is the commit the remote branch must still be at (empty: it must
 * not exist), checked by the server in the same step. `env` carries credentials.
 *
 * @throws VendorError when the remote refuses or cannot be reached.
 */
export async function pushCommit(
  root: string,
  request: { readonly remote: string; readonly commit: string; readonly branch: string; readonly expected: string },
  options: Task & { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const ref = `refs/heads/${request.branch}`;
  await withGit('push', root, { ...options, retryable: true }, (git) =>
    git.push([
      '--no-verify',
      '--no-follow-tags',
      '--no-signed',
      '--recurse-submodules=no',
      `--force-with-lease=${ref}:${request.expected}`,
      plainArgument(request.remote),
      `${request.commit}:${ref}`,
    ]),
  );
}
