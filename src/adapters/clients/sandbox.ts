import { platform } from 'node:process';
import type { Task } from '../../core/ports';
import { runProcess } from './process';
import type { ProcessResult } from './process';

/**
 * The variables that programs of the project get: what a program needs to find its way, and nothing that could be a secret.
 * An allow-list, since secrets have no common name.
 */
const allowed =
  /^(?:PATH|PATHEXT|HOME|USERPROFILE|HOMEDRIVE|HOMEPATH|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|SystemRoot|windir|ComSpec|ProgramData|ProgramFiles(?:\(x86\))?|APPDATA|LOCALAPPDATA|NUMBER_OF_PROCESSORS|PROCESSOR_ARCHITECTURE|OS)$/i;

/** What a package manager needs beside it to reach its registry: proxies, certificates, its own settings. */
const allowedForInstall = /^(?:https?_proxy|no_proxy|all_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|npm_config_\w+)$/i;

export interface SandboxOptions extends Task {
  readonly cwd: string;
  /** Folder for temporary files; removed with the work trees. */
  readonly temporary: string;
  readonly timeoutMs: number;
  /** A package manager's run: it may use the network. Everything else runs without it where the system allows. */
  readonly install?: boolean;
  /** Added to the program's environment; NODE_OPTIONS are joined to what stands there. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onOutput?: (text: string) => void;
}

export interface SandboxRun extends ProcessResult {
  /** Whether the network was off. */
  readonly isolated: boolean;
}

/** The environment of a sandboxed program. */
export function sandboxEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  temporary: string,
  install: boolean,
): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && (allowed.test(name) || (install && allowedForInstall.test(name)))) env[name] = value;
  }
  // Colours off, so that outputs compare; a heap limit, so that a runaway test ends as a failure and not as a stalled machine.
  return {
    ...env,
    TMPDIR: temporary,
    TMP: temporary,
    TEMP: temporary,
    CI: 'true',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    NODE_OPTIONS: '--max-old-space-size=2048',
    npm_config_update_notifier: 'false',
  };
}

/**
 * A fixed script that brings loopback up in the new network namespace and becomes the program; program and arguments are
 * positional parameters, so nothing of them is read as script.
 */
const loopbackScript = '(ip link set lo up || ifconfig lo up) >/dev/null 2>&1 || exit 125; exec "$@"';

let isolation: Promise<boolean> | undefined;

/** Whether this system lets a plain user make a network namespace with a loopback device of its own (Linux, user namespaces). */
export function canIsolate(): Promise<boolean> {
  isolation ??= probe();
  return isolation;
}

async function probe(): Promise<boolean> {
  if (platform !== 'linux') return false;
  try {
    const result = await runProcess(isolated(['true']), { cwd: '/', timeoutMs: 10_000, maxOutputBytes: 4096 });
    return result.exitCode === 0;
  } catch {
    // No unshare on this system.
    return false;
  }
}

function isolated(command: readonly string[]): readonly string[] {
  return ['unshare', '--user', '--map-root-user', '--net', '--', 'sh', '-c', loopbackScript, 'patchline', ...command];
}

/** Runs a program of the project with limits on time, memory and output, without secrets, and without network where possible. */
export async function runSandboxed(command: readonly string[], options: SandboxOptions): Promise<SandboxRun> {
  const isolate = options.install !== true && (await canIsolate());
  const env = sandboxEnvironment(process.env, options.temporary, options.install === true);
  const result = await runProcess(isolate ? isolated(command) : command, {
    cwd: options.cwd,
    env: { ...env, ...options.env, NODE_OPTIONS: [env['NODE_OPTIONS'], options.env?.['NODE_OPTIONS']].filter(Boolean).join(' ') },
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    maxOutputBytes: 32 * 1024 * 1024,
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
  });
  return { ...result, isolated: isolate };
}
