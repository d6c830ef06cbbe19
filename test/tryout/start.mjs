// @ts-check
// `npm start`: from a bare clone to the sample project in a VS Code with the extension loaded. Plain Node without packages.
//   --port N      port of the VS Code served on loopback (default: a free one)
//   --keep        keep the sample project and the window's state of the last time
//   --no-browser  print the address only
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkNodeVersion } from './nodeVersion.mjs';

const began = Date.now();
const steps = 6;
let step = 0;
/** What to do at the end, after every child process is gone, the last first. @type {(() => Promise<void>)[]} */
const endings = [];
let ending = false;

/** Runs one step and says how far it is; a long one says every ten seconds that it goes on. */
async function doStep(/** @type {string} */ title, /** @type {(say: (message: string) => void) => Promise<string>} */ work) {
  step += 1;
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const say = (/** @type {string} */ message) => console.log(`[${step}/${steps}] ${title}: ${message} … (${seconds()})`);
  const pulse = setInterval(() => say('still working'), 10_000);
  try {
    const result = await work(say);
    console.log(`[${step}/${steps}] ${title}: ${result} (${seconds()})`);
  } finally {
    clearInterval(pulse);
  }
}

async function finish(/** @type {number} */ code) {
  if (ending) return;
  ending = true;
  const { stopAll } = await import('../vscode/processes.mjs');
  await stopAll();
  for (const end of endings.reverse()) await end().catch((error) => console.error(String(error)));
  process.exit(code);
}

async function readOptions() {
  const { parseArgs } = await import('node:util');
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string' }, keep: { type: 'boolean' }, 'no-browser': { type: 'boolean' } },
    });
    const port = values.port === undefined ? 0 : Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port ${values.port} is no port number.`);
    return { port, keep: values.keep === true, browser: values['no-browser'] !== true };
  } catch (error) {
    throw new Error(
      `${error instanceof Error ? error.message : String(error)} Usage: npm start -- [--port N] [--keep] [--no-browser]`,
    );
  }
}

/**
 * A folder outside of the checkout, so that the sample project finds no packages but its own. Of its own for each checkout, and
 * for each run where one goes on already.
 */
async function claimFolder(/** @type {string} */ root, /** @type {(pid: number) => boolean} */ isAlive) {
  const id = createHash('sha256').update(root).digest('hex').slice(0, 8);
  const usual = path.join(tmpdir(), `patchline-tryout-${id}`);
  const holder = Number(await readFile(path.join(usual, 'pid'), 'utf8').catch(() => '0'));
  const folder = holder > 0 && isAlive(holder) ? `${usual}-${process.pid}` : usual;
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'pid'), String(process.pid));
  return folder;
}

/** Before minutes of work, not after them. @throws Error when something listens there already. */
async function checkPort(/** @type {number} */ port) {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', () => reject(new Error(`Port ${port} is taken: choose another with --port.`)));
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  await new Promise((resolve) => server.close(resolve));
}

/** Asks the desktop to show an address; where that does not work the address stands in the terminal. */
function openBrowser(/** @type {string} */ url) {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  const child = spawn(String(program), [...args, url], { stdio: 'ignore', detached: true });
  child.once('error', () => undefined);
  child.unref();
}

async function main() {
  checkNodeVersion();
  const options = await readOptions();
  // Loaded late: an old Node must come as far as the line that says so.
  const { checkTools, ensureBuild, ensurePackages, root } = await import('./prepare.mjs');
  const { findDesktop, hasDisplay, openDesktop } = await import('./desktop.mjs');
  const { installVscode } = await import('../vscode/install.mjs');
  const { isAlive } = await import('../vscode/processes.mjs');
  const { bringDeployDown, copySample } = await import('../vscode/sample.mjs');
  const { installBuild, startServer, windowUrl } = await import('../vscode/server.mjs');

  await doStep('Tools', async () => {
    if (options.port !== 0) await checkPort(options.port);
    return checkTools();
  });
  const desktop = findDesktop();
  // The network brings VS Code while npm is busy with the packages; what goes wrong there is told in its own step.
  const fetching = desktop === undefined ? installVscode() : undefined;
  fetching?.catch(() => undefined);
  await doStep('Packages', async (say) => {
    say('npm ci where needed');
    return (await ensurePackages()) ? 'installed' : 'up to date';
  });
  await doStep('Extension', async () => ((await ensureBuild()) ? 'built' : 'up to date'));
  await doStep('VS Code', async (say) => {
    if (fetching === undefined) return `desktop, ${desktop}`;
    say('about 300 MB the first time');
    return `${(await fetching).version} from npm`;
  });

  const folder = await claimFolder(root, isAlive);
  const sample = path.join(folder, 'orders-service');
  const state = path.join(folder, 'window');
  endings.push(async () => {
    if (options.keep) await rm(path.join(folder, 'pid'), { force: true });
    else await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  // A rollout begun in the window outlives it; the sample does not outlive this.
  endings.push(() => bringDeployDown(sample));
  await doStep('Sample project', async (say) => {
    if (options.keep && existsSync(path.join(sample, '.git'))) return `${sample} as you left it`;
    await rm(state, { recursive: true, force: true });
    await copySample('orders-service', sample, { packages: true, say });
    return `a fresh copy in ${sample}`;
  });

  /** @type {Promise<string>} */
  let over = Promise.resolve('');
  await doStep('Window', async () => {
    if (desktop !== undefined) {
      const window = await openDesktop(desktop, { folder: sample, extension: root, dataDir: state });
      endings.push(window.stop);
      over = window.exited.then((code) => (code === 0 ? 'The window was closed.' : `VS Code ended with exit code ${code}.`));
      return 'opened';
    }
    const extensionsDir = path.join(state, 'extensions');
    await rm(extensionsDir, { recursive: true, force: true });
    await installBuild(root, extensionsDir);
    const server = await startServer({ dataDir: path.join(state, 'server'), extensionsDir, port: options.port, graceTime: 60 });
    over = server.exited.then(() => 'VS Code ended.');
    const url = windowUrl(server, { folder: sample });
    if (options.browser && hasDisplay()) openBrowser(url);
    return `ready at\n\n    ${url}\n`;
  });

  console.log(
    [
      `Ready after ${((Date.now() - began) / 1000).toFixed(0)} s. Try this:`,
      '  1. Click the Patchline icon in the activity bar: Findings shows what the reports in reports/ say, worst first.',
      '  2. On a finding, choose Generate Fix: the change opens as a diff, nothing is written yet. Accept or reject each hunk, then Apply.',
      '  3. Generate Regression Test, then Prove Fix: the test is red without the fix, green with it.',
      '  4. Open Pull Request: fix and test go to a branch of their own; no account is needed, a local forge keeps the request.',
      '  5. Open Patch Panel: the checks run, the artifact is built. Approve as the made-up reviewer, then Start Rollout: traffic moves 10, 50, 100 %.',
      '  6. A fix that is rolled back: the finding of src/search.js (prepared-review) brings one that tests do not see through. Breach, revert, reopened.',
      '  7. Open Dashboard for the figures; Show Run Log says who did what, and Verify Run Log checks it.',
      'Stop with Ctrl-C.',
    ].join('\n'),
  );
  const why = await over;
  if (ending) return;
  console.log(why);
  await finish(why.includes('exit code') ? 1 : 0);
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    if (ending) return;
    console.log('\nStopping …');
    void finish(0);
  });
}
main().catch((error) => {
  if (ending) return;
  console.error(`\n${error instanceof Error ? error.message : error}`);
  void finish(1);
});
