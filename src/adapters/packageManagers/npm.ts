import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { HumanError, isHumanError } from '../../core/errors';
import type { LockManager, LockProject, ManagerAnswer } from '../../core/dependencies/ports';
import type { Provider, Task } from '../../core/ports';
import { findOnPath } from '../clients/findProgram';
import { childEnvironment, runProcess } from '../clients/process';
import type { ProcessResult } from '../clients/process';

export const npmProvider: Provider = {
  id: 'npm',
  displayName: 'npm',
  url: 'https://docs.npmjs.com/cli',
  capabilities: ['package-lock.json', 'npm-shrinkwrap.json', 'lockfileVersion 1', 'lockfileVersion 2', 'lockfileVersion 3'],
};

export interface NpmOptions {
  /** Program to run; empty: `npm` from PATH. */
  readonly path: string;
  /** False in Restricted Mode: then npm is not started. */
  readonly mayRun: () => boolean;
  /** Further variables for npm's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds for one run; default 120,000. */
  readonly timeoutMs?: number;
}

/**
 * The project's own npm, run in a temporary folder that holds only manifests, the lock and the settings that decide how it
 * resolves: no scripts run, nothing is installed, and the person's folder is never written. Treated as running code on
 * untrusted input all the same: only in a trusted workspace, with `git` fixed, with a time limit, as a process tree that is
 * ended on cancel.
 */
export function createNpm(options: NpmOptions): LockManager {
  async function run<T>(
    project: LockProject,
    lock: string,
    args: readonly string[],
    done: (folder: string) => Promise<T>,
    task: Task | undefined,
  ): Promise<ManagerAnswer<T>> {
    if (!options.mayRun()) return { kind: 'unavailable', because: 'the workspace is not trusted, so npm is not run in it' };
    const command = npmCommand(options.path);
    if (command === undefined) return { kind: 'unavailable', because: 'npm was not found on PATH' };
    const folder = await mkdtemp(join(tmpdir(), 'patchline-npm-'));
    try {
      for (const [path, content] of project.files) await place(folder, path, content);
      await place(folder, project.lockName, lock);
      const result = await start([...command, ...args, ...commonArguments(project)], folder, task);
      // With --loglevel=info npm names itself: "npm info using npm@10.8.2".
      const version = /using npm@(\S+)/.exec(result.stderr)?.[1];
      const client = version === undefined ? 'npm' : `npm ${version}`;
      if (result.exitCode === 0) return { kind: 'done', value: await done(folder), client };
      if (result.timedOut) return { kind: 'unavailable', because: 'npm did not finish in time' };
      return judge(`${result.stderr}\n${result.stdout}`, folder, client);
    } catch (error) {
      if (isHumanError(error)) return { kind: 'unavailable', because: lowerFirst(error.message) };
      throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  function start(command: readonly string[], cwd: string, task: Task | undefined): Promise<ProcessResult> {
    return runProcess(command, {
      cwd,
      env: npmEnvironment(options.env ?? {}),
      signal: task?.signal,
      timeoutMs: options.timeoutMs ?? 120_000,
      maxOutputBytes: 1024 * 1024,
    });
  }

  return {
    writeLock: (project, lock, task) =>
      run(project, lock, ['install', '--package-lock-only'], (folder) => readFile(join(folder, project.lockName), 'utf8'), task),
    acceptLock: (project, lock, task) => run(project, lock, ['ci', '--dry-run'], () => Promise.resolve(true as const), task),
  };
}

/** Given last, so that neither the project's .npmrc nor the person's decides them. */
function commonArguments(project: LockProject): readonly string[] {
  return [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--no-progress',
    '--package-lock=true',
    '--global=false',
    '--git=git',
    '--loglevel=info',
    `--lockfile-version=${project.lockfileVersion}`,
    `--omit-lockfile-registry-resolved=${project.omitResolved}`,
  ];
}

/** What an npm that started us exports about itself and its project must not reach the npm we start. */
function npmEnvironment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const env = Object.entries(childEnvironment(extra)).filter(
    ([name]) =>
      !/^npm_(?:package_|lifecycle_|command$|execpath$|node_execpath$|config_(?:local_)?prefix$|config_(?:dry_run|package_lock_only|workspaces?|global)$)/i.test(
        name,
      ),
  );
  return { ...Object.fromEntries(env), ...extra, NO_COLOR: '1' };
}

/**
 * How npm is started without a shell: on Windows `npm.cmd` cannot be spawned directly, so the script behind it is run by the
 * node beside it.
 */
export function npmCommand(path: string, platform: NodeJS.Platform = process.platform): readonly string[] | undefined {
  const program = path === '' ? findOnPath(platform === 'win32' ? 'npm.cmd' : 'npm') : path;
  if (program === undefined) return undefined;
  if (program.endsWith('.js')) return [nodeProgram(dirname(program), platform), program];
  if (platform !== 'win32' || !/\.cmd$/i.test(program)) return [program];
  const script = join(dirname(program), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  return existsSync(script) ? [nodeProgram(dirname(program), platform), script] : undefined;
}

/** Inside an editor the running program is Electron; Node is then looked for beside npm and on PATH. */
function nodeProgram(beside: string, platform: NodeJS.Platform): string {
  if (process.versions['electron'] === undefined) return process.execPath;
  const name = platform === 'win32' ? 'node.exe' : 'node';
  return existsSync(join(beside, name)) ? join(beside, name) : (findOnPath(name) ?? name);
}

/** @throws HumanError when the path would leave the temporary folder. */
async function place(folder: string, path: string, content: string | Uint8Array): Promise<void> {
  const target = join(folder, ...path.split('/'));
  const inside = relative(folder, target);
  if (inside === '' || inside.startsWith(`..${sep}`) || inside === '..')
    throw new HumanError(`${path} lies outside the project.`);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
}

/** Codes of a network that does not answer; everything else is npm's own verdict on the project. */
const unreachable =
  /\b(?:ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT|E50[0-9]|FETCH_ERROR|UNABLE_TO_[A-Z_]+|SELF_SIGNED_[A-Z_]+|CERT_[A-Z_]+)\b/;

function judge<T>(output: string, folder: string, client: string): ManagerAnswer<T> {
  const lines = output
    .split(/\r?\n/)
    .flatMap((line) => /^npm (?:error|ERR!) ?(.*)$/.exec(line)?.[1] ?? [])
    .map((line) => line.replaceAll(folder, '.').trim())
    .filter((line) => line !== '' && !/complete log of this run|npm help|^-|^aliases:|eresolve-report/i.test(line));
  const code = /^code (\S+)$/.exec(lines.find((line) => line.startsWith('code ')) ?? '')?.[1];
  const sentence = lines
    .filter((line) => !line.startsWith('code '))
    .slice(0, 4)
    .join(' ');
  const because = `${code ?? 'error'}: ${sentence === '' ? 'npm gave no reason' : sentence.slice(0, 500)}`;
  return unreachable.test(code ?? output)
    ? { kind: 'unavailable', because: `npm could not reach its registry (${because})` }
    : { kind: 'refused', because, client };
}

function lowerFirst(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}
