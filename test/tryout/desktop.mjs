// @ts-check
// The desktop VS Code, where there is one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cleanEnvironment, isAlive, start } from '../vscode/processes.mjs';
import { quietSettings } from '../vscode/server.mjs';

/** True where a window can come up. */
export function hasDisplay() {
  if (process.platform !== 'linux') return true;
  return (process.env.DISPLAY ?? '') !== '' || (process.env.WAYLAND_DISPLAY ?? '') !== '';
}

/**
 * `PATCHLINE_VSCODE`, else `code` on PATH where a window can come up.
 * @returns {string | undefined}
 * @throws Error when PATCHLINE_VSCODE names something that does not exist.
 */
export function findDesktop() {
  const named = process.env.PATCHLINE_VSCODE;
  const names = process.platform === 'win32' ? ['code.cmd', 'code.exe'] : ['code'];
  const onPath = (/** @type {string} */ name) =>
    (process.env.PATH ?? '')
      .split(path.delimiter)
      .map((folder) => path.join(folder, name))
      .find((file) => existsSync(file));
  if (named !== undefined && named !== '') {
    const found = existsSync(named) ? named : onPath(named);
    if (found === undefined) throw new Error(`PATCHLINE_VSCODE names ${named}, which does not exist.`);
    return found;
  }
  // In a terminal of a remote window `code` only speaks to that window: it cannot load an extension under development.
  if (!hasDisplay() || process.env.VSCODE_IPC_HOOK_CLI !== undefined) return undefined;
  return names.map(onPath).find((file) => file !== undefined);
}

/**
 * Opens the folder in a desktop window of its own, apart from the person's windows, settings and extensions.
 * @param {string} program @param {{ folder: string, extension: string, dataDir: string }} what
 * @returns {Promise<{ exited: Promise<number>, stop: () => Promise<void> }>} `exited` resolves with the exit code when the window is closed
 */
export async function openDesktop(program, what) {
  const settings = path.join(what.dataDir, 'User/settings.json');
  await mkdir(path.dirname(settings), { recursive: true });
  await writeFile(settings, JSON.stringify(quietSettings, null, 2));
  const args = [
    `--extensionDevelopmentPath=${what.extension}`,
    `--user-data-dir=${what.dataDir}`,
    `--extensions-dir=${path.join(what.dataDir, 'extensions')}`,
    '--disable-workspace-trust',
    ...(process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--new-window',
    '--wait',
    what.folder,
  ];
  // On Windows `code` is a batch file, which only a shell starts; every argument is a path made here.
  const child =
    process.platform === 'win32' && /\.cmd$/i.test(program)
      ? start(
          `"${program}"`,
          args.map((argument) => `"${argument}"`),
          { shell: true, stdio: 'inherit' },
        )
      : start(program, args, { stdio: 'inherit', env: cleanEnvironment() });
  const exited = new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${program} did not start: ${error.message}`)));
    child.once('exit', (code) => resolve(code ?? 0));
  });
  return { exited, stop: () => stopOwnWindows(what.dataDir) };
}

/**
 * The command line tool leaves the window's own processes to themselves; they are known by their data folder, which is ours alone.
 * @param {string} dataDir
 */
async function stopOwnWindows(dataDir) {
  if (process.platform === 'win32') return;
  const own = () =>
    (spawnSync('ps', ['-A', '-o', 'pid=,command='], { encoding: 'utf8' }).stdout ?? '')
      .split('\n')
      .filter((line) => line.includes(`--user-data-dir=${dataDir}`))
      .map((line) => Number.parseInt(line, 10))
      .filter((pid) => pid !== process.pid);
  for (const [signal, patience] of /** @type {const} */ ([
    ['SIGTERM', 3000],
    ['SIGKILL', 500],
  ])) {
    const pids = own();
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, signal);
    const deadline = Date.now() + patience;
    while (Date.now() < deadline && pids.some(isAlive)) await new Promise((done) => setTimeout(done, 50));
  }
}
