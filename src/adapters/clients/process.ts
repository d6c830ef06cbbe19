import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { CancelledError, HumanError } from '../../core/errors';
import { OutputCollector } from './outputCollector';

export type ProcessInput = string | Uint8Array;

export interface ProcessOptions {
  readonly cwd: string;
  /** The whole environment of the child, as with Node's own spawn; default: `childEnvironment()`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the process tree is ended; default: no limit. */
  readonly timeoutMs?: number;
  /** Bytes kept of each of stdout and stderr, half from the start and half from the end; default 16 MiB. */
  readonly maxOutputBytes?: number;
  /** Written to stdin, part by part as they come, which is then closed. Without it stdin is empty. */
  readonly input?: ProcessInput | AsyncIterable<ProcessInput>;
  /** stdout as latin1, one character per byte, for output that is no text. */
  readonly binary?: boolean;
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
}

export interface ProcessResult {
  /** Null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** True when more was written than `maxOutputBytes`; the cut is marked in the text. */
  readonly truncated: boolean;
}

/** Time between the polite SIGTERM and SIGKILL. */
const killDelayMs = 1500;
/** How long output may still arrive from children that outlive the program itself. */
const drainMs = 500;

const running = new Map<ChildProcess, Promise<void>>();
let exitHookInstalled = false;
let shutdown = new AbortController();

/**
 * Runs a program with an argument array, never through a shell, in a process group of its own, so that the whole tree can be
 * ended on cancel, on time-out and when the extension stops.
 *
 * @throws CancelledError once the tree was told to end because `signal` fired.
 * @throws what `input` throws, once the tree was told to end because of it.
 * @throws HumanError when the program or the folder is not found or may not be run.
 */
export async function runProcess(command: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  const [program, ...args] = command;
  if (program === undefined || program === '') throw new HumanError('There is no command to run.');
  if (options.signal?.aborted) throw new CancelledError();
  if (command.some((part) => part.includes('\0'))) throw new HumanError(`The command ${program} holds a NUL character.`);

  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...(options.env ?? childEnvironment()) },
    shell: false,
    windowsHide: true,
    // A session of its own on POSIX gives the group whose id is the child's pid; Windows has taskkill /T for the tree.
    detached: process.platform !== 'win32',
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  return new Promise<ProcessResult>((resolve, reject) => {
    let settleRunning: () => void = () => undefined;
    running.set(child, new Promise((done) => (settleRunning = done)));
    installExitHook();

    const limit = options.maxOutputBytes ?? 16 * 1024 * 1024;
    const stdout = new OutputCollector(limit, (text) => options.onOutput?.(text, 'stdout'));
    const stderr = new OutputCollector(limit, (text) => options.onOutput?.(text, 'stderr'));
    child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));

    let timedOut = false;
    let inputFailure: { readonly error: unknown } | undefined;
    let drain: NodeJS.Timeout | undefined;
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            endTree(child);
          }, options.timeoutMs);
    const onAbort = (): void => endTree(child);
    options.signal?.addEventListener('abort', onAbort, { once: true });

    const finish = (act: () => void): void => {
      clearTimeout(timer);
      clearTimeout(drain);
      options.signal?.removeEventListener('abort', onAbort);
      running.delete(child);
      settleRunning();
      act();
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      // Node reports a failed start here; a child that did start ends through 'close'.
      if (child.pid !== undefined) return;
      finish(() => reject(startError(program, options.cwd, error)));
    });
    child.once('exit', () => {
      // Grandchildren may hold the pipes open for ever (a server that a test left behind): they are not waited for.
      drain = setTimeout(() => {
        signalTree(child, 'SIGKILL');
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, drainMs);
    });
    child.once('close', (exitCode, signal) => {
      signalTree(child, 'SIGKILL');
      finish(() => {
        if (options.signal?.aborted) return reject(new CancelledError());
        if (inputFailure !== undefined) return reject(inputFailure.error);
        const truncated = stdout.truncated || stderr.truncated;
        resolve({
          exitCode,
          signal,
          stdout: stdout.end(options.binary === true ? 'latin1' : 'utf8'),
          stderr: stderr.end(),
          timedOut,
          truncated,
        });
      });
    });
    if (child.stdin && options.input !== undefined) {
      // A program that does not read its input closes the pipe; its exit code says what that means.
      child.stdin.on('error', () => undefined);
      feed(child.stdin, options.input).catch((error: unknown) => {
        inputFailure = { error };
        endTree(child);
      });
    }
  });
}

async function feed(stdin: Writable, input: ProcessInput | AsyncIterable<ProcessInput>): Promise<void> {
  if (typeof input === 'string' || input instanceof Uint8Array) return void stdin.end(input);
  for await (const part of input) stdin.write(part);
  stdin.end();
}

/**
 * Starts a program that is to outlive this process: in a session of its own, without pipes, not ended by `killAllProcesses`.
 * Resolves once it runs. @throws HumanError when it could not be started.
 */
export async function startDetached(
  command: readonly string[],
  options: Required<Pick<ProcessOptions, 'cwd' | 'env'>>,
): Promise<{ readonly pid: number }> {
  const [program, ...args] = command;
  if (program === undefined || program === '') throw new HumanError('There is no command to run.');
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.env },
    shell: false,
    windowsHide: true,
    detached: true,
    stdio: 'ignore',
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(startError(program, options.cwd, error)));
    child.once('spawn', () => {
      child.unref();
      resolve({ pid: child.pid ?? -1 });
    });
  });
}

/** Ends every process tree started here and resolves when all are gone: `deactivate` awaits it, so that nothing outlives the extension. */
export async function killAllProcesses(): Promise<void> {
  shutdown.abort();
  shutdown = new AbortController();
  const all = [...running];
  for (const [child] of all) endTree(child);
  await Promise.all(all.map(([, done]) => done));
}

/** Fires at the next `killAllProcesses`: for libraries that start processes of their own and take a signal. */
export function shutdownSignal(): AbortSignal {
  return shutdown.signal;
}

/**
 * The environment for children: this process's own without what belongs to the editor (a debugger's NODE_OPTIONS, Electron's
 * run-as-node switch, VSCODE_*), which would change how a project's programs behave.
 */
export function childEnvironment(extra: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...process.env, ...extra })) {
    if (value === undefined) continue;
    const editorOwn =
      name === 'NODE_OPTIONS' ||
      name === 'ELECTRON_RUN_AS_NODE' ||
      // Git's askpass helper of VS Code reads its own VSCODE_GIT_* variables: they stay.
      (name.startsWith('VSCODE_') && !name.startsWith('VSCODE_GIT_'));
    if (!editorOwn || name in extra) env[name] = value;
  }
  return env;
}

/** SIGTERM to the tree, SIGKILL when it is still there after the delay. */
function endTree(child: ChildProcess): void {
  if (!running.has(child)) return;
  signalTree(child, 'SIGTERM');
  setTimeout(() => {
    if (running.has(child)) signalTree(child, 'SIGKILL');
  }, killDelayMs).unref();
}

function signalTree(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    if (child.exitCode !== null) return;
    spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' }).on('error', () => {
      child.kill(signal);
    });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the group is gone, which is what was wanted. EPERM: what is left of it is a zombie or changed its user.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** When this process ends without `killAllProcesses`, at least SIGKILL reaches what it started. */
function installExitHook(): void {
  if (exitHookInstalled) return;
  exitHookInstalled = true;
  process.once('exit', () => {
    for (const child of running.keys()) signalTree(child, 'SIGKILL');
  });
}

function startError(program: string, cwd: string, error: NodeJS.ErrnoException): Error {
  if (!isFolder(cwd)) return new HumanError(`${program} cannot be run in ${cwd}: there is no such folder.`);
  if (error.code === 'ENOENT')
    return new HumanError(`${program} was not found. Install it, or put the folder it lies in on PATH.`);
  if (error.code === 'EACCES') return new HumanError(`${program} may not be run: it is not executable for this user.`);
  return new HumanError(`${program} could not be started: ${error.message}`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
