// @ts-check
// Child processes that are sure to end: every one leads a process group of its own and is remembered until it is gone.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const running = new Set();

/** npm marks its children's environment with the package they run for; a second npm in another folder must not see that. */
export function cleanEnvironment(/** @type {NodeJS.ProcessEnv} */ extra = {}) {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(package|lifecycle|config_local_prefix|command)|INIT_CWD$|NODE_OPTIONS$|VSCODE_|ELECTRON_RUN_AS_NODE$)/i.test(name),
  );
  return { ...Object.fromEntries(kept), ...extra };
}

/** Where a link leads, or the path itself. @param {string} file */
function linkTarget(file) {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

/**
 * npm's own program, to be run with a Node of our choice and without a shell (on Windows `npm` is a batch file).
 * @throws Error when there is no npm beside Node.
 */
export function npmProgram() {
  const own = process.env.npm_execpath;
  const bin = path.dirname(process.execPath);
  const candidates = [
    ...(own !== undefined && path.basename(own) === 'npm-cli.js' ? [own] : []),
    path.join(bin, '../lib/node_modules/npm/bin/npm-cli.js'),
    path.join(bin, 'node_modules/npm/bin/npm-cli.js'),
    path.join(bin, '../share/nodejs/npm/bin/npm-cli.js'),
    // `npm` on PATH is a link to the program, or lies where Windows' installer puts it.
    ...(process.env.PATH ?? '')
      .split(path.delimiter)
      .flatMap((folder) => [linkTarget(path.join(folder, 'npm')), path.join(folder, 'node_modules/npm/bin/npm-cli.js')]),
  ];
  const found = candidates.find((candidate) => path.basename(candidate) === 'npm-cli.js' && existsSync(candidate));
  if (found === undefined) throw new Error(`npm was not found beside ${process.execPath}: install Node.js with npm.`);
  return found;
}

/**
 * Starts a program in a process group of its own.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function start(program, args, options = {}) {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(),
    ...options,
    detached: process.platform !== 'win32',
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/**
 * Runs a program to its end. The promise resolves with what it printed, whatever its exit code.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, onLine?: (line: string) => void }} [options]
 * @returns {Promise<{ code: number, output: string }>} exit code (124 after a time-out, 127 when it could not be started) and
 *   both streams as they came
 */
export function run(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = start(program, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: options.env ?? cleanEnvironment(),
    });
    let output = '';
    let rest = '';
    let timedOut = false;
    const take = (/** @type {Buffer} */ data) => {
      output += String(data);
      const lines = (rest + String(data)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) options.onLine?.(line);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            void stop(child);
          }, options.timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, output: `${output}${error.message}\n` });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (rest !== '') options.onLine?.(rest);
      resolve({ code: timedOut ? 124 : (code ?? 1), output });
    });
  });
}

/**
 * Every process below the given one, whatever group it put itself into. Read before a stop, since orphans lose their parent.
 * @param {number} pid
 * @returns {number[]}
 */
export function descendants(pid) {
  if (process.platform === 'win32') return [];
  const listed = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout ?? '';
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const line of listed.split('\n')) {
    const [own, parent] = line.trim().split(/\s+/).map(Number);
    if (own === undefined || parent === undefined) continue;
    children.set(parent, [...(children.get(parent) ?? []), own]);
  }
  const all = [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const below = children.get(next) ?? [];
    all.push(...below);
    open.push(...below);
  }
  return all;
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    // Ended, and only its parent has not asked yet: the state stands behind the name in brackets.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function signalTo(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, which is what was wanted.
  }
}

/**
 * Ends a child and everything below it: asks first, so that an extension host can dispose what it holds, and insists after the
 * given time.
 * @param {ChildProcess} child
 * @param {number} [patienceMs]
 */
export async function stop(child, patienceMs = 4000) {
  const pid = child.pid;
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F']);
    return;
  }
  const below = descendants(pid);
  signalTo(-pid, 'SIGTERM');
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline && [pid, ...below].some(isAlive)) await new Promise((done) => setTimeout(done, 50));
  for (const left of [...below, ...descendants(pid)]) if (isAlive(left)) signalTo(left, 'SIGKILL');
  // The group of that number outlives its leader for as long as it has members, so this can reach nobody else.
  signalTo(-pid, 'SIGKILL');
}

/** Ends every child that was started here. */
export async function stopAll() {
  await Promise.all([...running].map((child) => stop(child)));
}
