import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HumanError, VendorError } from '../../core/errors';
import { parseCommitObject } from '../../core/git/ownCommit';
import type { CommitFacts } from '../../core/git/ownCommit';
import type { Task } from '../../core/ports';
import { childEnvironment, runProcess } from './process';
import type { ProcessInput, ProcessResult } from './process';

export interface GitOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
  readonly input?: ProcessInput | AsyncIterable<ProcessInput>;
  /** Added to the environment; the place for secrets, which never stand among the arguments. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds; default 120,000. */
  readonly timeoutMs?: number;
  /** Exit codes that are answers and no errors; default only 0. */
  readonly exitCodes?: readonly number[];
  /** stdout as latin1, one character per byte. */
  readonly binary?: boolean;
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
}

/**
 * What every git call carries: a repository's own configuration may name programs (fsmonitor, hooks, remote helpers), and a
 * repository that somebody only opened must not be able to run them; and git must not start housekeeping that outlives us.
 */
export const safeGitConfig: readonly string[] = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'protocol.ext.allow=never',
  'gc.auto=0',
  'maintenance.auto=false',
];

/** Variables that point git at another repository than the folder it runs in (`git rev-parse --local-env-vars`). */
const localVariables = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_CONFIG_COUNT',
  'GIT_CONFIG_PARAMETERS',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_NAMESPACE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
];

/** The environment git runs in: no prompts, no optional locks, English messages, no redirection to another repository. */
export function gitEnvironment(extra: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const env = childEnvironment();
  for (const name of localVariables) delete env[name];
  const own = { GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GIT_PAGER: 'cat', GIT_EDITOR: ':', LC_ALL: 'C', ...extra };
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/**
 * Runs git with the safe configuration above.
 *
 * @throws VendorError (vendor `git`) when it exits with another code than the allowed ones or runs out of time.
 * @throws HumanError when git is not installed, or when it refuses the folder because it belongs to somebody else.
 */
export async function runGit(args: readonly string[], options: GitOptions): Promise<ProcessResult> {
  const command = ['git', ...safeGitConfig.flatMap((entry) => ['-c', entry]), ...args];
  const result = await runProcess(command, {
    cwd: options.cwd,
    env: gitEnvironment(options.env),
    signal: options.signal,
    timeoutMs: options.timeoutMs ?? 120_000,
    maxOutputBytes: 256 * 1024 * 1024,
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.binary === undefined ? {} : { binary: options.binary }),
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
  });
  const name = `git ${args.find((arg) => !arg.startsWith('-')) ?? ''}`.trim();
  if (result.timedOut) throw new VendorError('git', `${name} did not end in time.`, { retryable: true });
  if (result.truncated) throw new VendorError('git', `${name} wrote more than can be kept.`, { retryable: false });
  if (result.exitCode !== null && (options.exitCodes ?? [0]).includes(result.exitCode)) return result;
  refuseForeign(result, options.cwd);
  throw new VendorError('git', `${name} failed: ${lastWords(result)}`, { retryable: false });
}

function refuseForeign(result: ProcessResult, dir: string): void {
  if (!result.stderr.includes('dubious ownership')) return;
  throw new HumanError(
    `git refuses ${dir} because the folder belongs to another user. If you trust it: git config --global --add safe.directory followed by the folder.`,
  );
}

function lastWords(result: ProcessResult): string {
  const lines = result.stderr.split(/\r?\n/).filter((line) => line.trim() !== '');
  const said = lines.find((line) => /^(?:fatal|error|remote: error|! \[)/.test(line.trim())) ?? lines.at(-1);
  const how = result.exitCode === null ? `ended by ${result.signal ?? 'a signal'}` : `exit code ${result.exitCode}`;
  return said === undefined ? how : `${said.trim().slice(0, 500)} (${how})`;
}

export interface GitPlace {
  /** Top folder of the work tree. */
  readonly root: string;
  /** Path of the asked folder below the root, with a slash at its end, or empty. Links on the way are resolved. */
  readonly prefix: string;
  /** The work tree's own `.git` folder, where its HEAD lies. */
  readonly gitDir: string;
  /** The `.git` folder that all work trees of the repository share. */
  readonly commonDir: string;
}

/** Where a folder lies in a repository's work tree, from one process; undefined outside of one (and in a bare repository). */
export async function gitPlace(dir: string, signal?: AbortSignal): Promise<GitPlace | undefined> {
  const args = ['rev-parse', '--show-toplevel', '--show-prefix', '--absolute-git-dir', '--git-common-dir'];
  const result = await runGit(args, { cwd: dir, signal, exitCodes: [0, 128] });
  if (result.exitCode !== 0) {
    if (/not a git repository|must be run in a work tree/.test(result.stderr)) return undefined;
    refuseForeign(result, dir);
    throw new VendorError('git', `git rev-parse failed: ${lastWords(result)}`, { retryable: false });
  }
  const [root = '', prefix = '', gitDir = '', commonDir = '', ...rest] = result.stdout.replace(/\n$/, '').split(/\r?\n/);
  if (root === '' || commonDir === '' || rest.length > 0) {
    throw new HumanError(`The repository around ${dir} lies in a folder whose name git cannot tell on one line: rename it.`);
  }
  return { root: resolve(root), prefix, gitDir: resolve(gitDir), commonDir: resolve(dir, commonDir) };
}

/** The top folder of the work tree that `dir` lies in; undefined when it is in no git repository (or in a bare one). */
export async function gitRoot(dir: string, signal?: AbortSignal): Promise<string | undefined> {
  return (await gitPlace(dir, signal))?.root;
}

/** The `.git` folder that all work trees of the repository share; undefined outside of a work tree. */
export async function gitCommonDir(dir: string, signal?: AbortSignal): Promise<string | undefined> {
  return (await gitPlace(dir, signal))?.commonDir;
}

/** @throws HumanError when there is no such commit in the repository. */
export async function readCommit(root: string, commit: string, signal?: AbortSignal): Promise<CommitFacts> {
  const result = await runGit(['cat-file', 'commit', commit], { cwd: root, signal, exitCodes: [0, 128] });
  if (result.exitCode !== 0) throw new HumanError(`The commit ${commit} is not in the repository ${root}.`);
  return parseCommitObject(result.stdout);
}

/**
 * Checks a commit out into a new, detached work tree at `dir` (absolute, not there yet or empty): the whole of it, where git by
 * itself would leave out what the person's sparse checkout leaves out (git-worktree(1)). Hooks do not run.
 *
 * @throws VendorError when git cannot, CancelledError when the task was cancelled (what was made until then is removed).
 */
export async function addWorktree(repoRoot: string, commit: string, dir: string, task: Task = {}): Promise<void> {
  try {
    await runGit(['-c', 'core.sparseCheckout=false', 'worktree', 'add', '--detach', '--quiet', '--', dir, commit], {
      cwd: repoRoot,
      signal: task.signal,
      timeoutMs: 600_000,
    });
  } catch (error) {
    await removeWorktree(repoRoot, dir);
    throw error;
  }
}

/**
 * Removes a work tree made by `addWorktree`, with whatever a test run left in it, and git's record of it; also where its folder is
 * gone already. Never by `git worktree prune`: that forgets the person's own trees too, which may lie on a disk that is not
 * plugged in, and with them their index and what only they refer to.
 */
export async function removeWorktree(repoRoot: string, dir: string): Promise<void> {
  // 128: git does not know it as a work tree (any more), or cannot remove its folder.
  const forget = (): Promise<ProcessResult> =>
    runGit(['worktree', 'remove', '--force', '--force', '--', dir], { cwd: repoRoot, exitCodes: [0, 128, 255] });
  const { exitCode } = await forget();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  // Without its folder there is nothing left to keep git from forgetting it.
  if (exitCode !== 0) await forget();
}

/** The folders of all work trees that the repository has a record of, whether they are there or not; absolute. */
export async function listWorktrees(repoRoot: string): Promise<readonly string[]> {
  const { stdout } = await runGit(['worktree', 'list', '--porcelain'], { cwd: repoRoot });
  return stdout.split('\n').flatMap((line) => (line.startsWith('worktree ') ? resolve(line.slice('worktree '.length)) : []));
}
