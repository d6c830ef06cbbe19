// @ts-check
// Makes a copy of a project under test/workspaces: in a folder outside of the checkout, as a git repository of its own.
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { cleanEnvironment, isAlive, npmProgram, run } from './processes.mjs';

const root = path.join(import.meta.dirname, '../..');

/**
 * @param {string} project folder below test/workspaces, or an absolute path
 * @param {string} target absolute; replaced when it exists
 * @param {{ packages?: boolean, deployPort?: number, say?: (message: string) => void }} [options] `packages`: also `npm ci`, from
 *   a cache the second time; `deployPort`: where its rollout listens (default: a free port, so that several copies do not meet)
 * @throws Error when the project does not exist or git is missing.
 */
export async function copySample(project, target, options = {}) {
  const source = path.resolve(root, 'test/workspaces', project);
  if (!existsSync(source)) throw new Error(`There is no sample project at ${source}.`);
  await rm(target, { recursive: true, force: true });
  await mkdir(path.dirname(target), { recursive: true });
  // What a person's own runs left in the sample inside the checkout is not part of it.
  await cp(source, target, { recursive: true, filter: (file) => !/[\\/](node_modules|\.patchline|\.deploy)$/.test(file) });
  await setDeployPort(target, options.deployPort ?? (await findFreePort()));
  await git(target, 'init', '--quiet', '--initial-branch=main');
  if ((await run('git', ['config', 'user.email'], { cwd: target })).code !== 0) {
    await git(target, 'config', 'user.name', 'Patchline Tryout');
    await git(target, 'config', 'user.email', 'tryout@patchline.invalid');
  }
  await git(target, 'config', 'commit.gpgsign', 'false');
  await git(target, 'add', '--all');
  await git(target, 'commit', '--quiet', '--allow-empty', '--message', 'Orders service as it stands');
  if (options.packages === true && existsSync(path.join(target, 'package-lock.json'))) await installPackages(target, options.say);
}

/** The port of the sample's rollout, as its policy has it. */
const usualDeployPort = 7311;

/**
 * Writes another port into the policy of a copy, wherever the usual one stands.
 * @param {string} folder @param {number} port
 */
export async function setDeployPort(folder, port) {
  const file = path.join(folder, '.patchline.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  await writeFile(file, text.replace(new RegExp(`\\b${usualDeployPort}\\b`, 'g'), String(port)));
}

/** @returns {Promise<number>} a loopback port that nobody listens on now */
async function findFreePort() {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No free port was found.');
  return address.port;
}

/**
 * Ends whatever the rollout of a copy has running; nothing where none began.
 * @param {string} folder
 */
export async function bringDeployDown(folder) {
  if (!existsSync(path.join(folder, '.deploy'))) return;
  const result = await run(process.execPath, ['deploy/down.js'], { cwd: folder, timeoutMs: 20_000 });
  if (result.code !== 0) throw new Error(`The rollout of ${folder} did not end:\n${result.output}`);
}

/** @param {string} cwd @param {string[]} args */
async function git(cwd, ...args) {
  const result = await run('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', ...args], { cwd });
  if (result.code === 127) throw new Error('git was not found: install git.');
  if (result.code !== 0) throw new Error(`git ${args[0]} failed in ${cwd}:\n${result.output}`);
}

/** @param {string} target @param {((message: string) => void) | undefined} say */
async function installPackages(target, say) {
  const hash = createHash('sha256').update(process.version);
  for (const name of ['package.json', 'package-lock.json']) hash.update(await readFile(path.join(target, name)));
  const cache = path.join(root, '.vscode-test/samples', hash.digest('hex').slice(0, 16));
  if (!existsSync(cache)) {
    say?.("the sample's own packages");
    const args = [npmProgram(), 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const result = await run(process.execPath, args, { cwd: target, env: cleanEnvironment(), timeoutMs: 300_000 });
    if (result.code !== 0) throw new Error(`npm ci failed for the sample project:\n${result.output}`);
    const fresh = `${cache}.${process.pid}`;
    // What an interrupted copy left behind.
    for (const name of await readdir(path.dirname(cache)).catch(() => [])) {
      const maker = Number(/\.(\d+)$/.exec(name)?.[1] ?? process.pid);
      if (!isAlive(maker)) await rm(path.join(path.dirname(cache), name), { recursive: true, force: true });
    }
    await mkdir(path.dirname(cache), { recursive: true });
    await copyTree(path.join(target, 'node_modules'), fresh);
    await rename(fresh, cache).catch(() => rm(fresh, { recursive: true, force: true }));
    return;
  }
  await copyTree(cache, path.join(target, 'node_modules'));
}

/** @param {string} from @param {string} to must not exist */
async function copyTree(from, to) {
  // Twelve thousand small files: the system's own tool takes half the time.
  if (process.platform !== 'win32' && (await run('cp', ['-R', from, to])).code === 0) return;
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
}

/**
 * Digest over the names, sizes and times of everything below the given files and folders: a cheap answer to "changed since?".
 * @param {readonly string[]} names relative to the checkout
 */
export async function digestOf(names) {
  const hash = createHash('sha256');
  const open = [...names].sort();
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    const file = path.join(root, name);
    if (!existsSync(file)) continue;
    const info = await stat(file);
    if (info.isDirectory()) open.push(...(await readdir(file)).sort().map((entry) => path.join(name ?? '', entry)));
    else hash.update(`${name}\0${info.size}\0${info.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/**
 * Remembers digests between runs in an ignored folder.
 * @param {string} name
 */
export async function readStamp(name) {
  return readFile(path.join(root, '.vscode-test/stamps', name), 'utf8').catch(() => '');
}

/** @param {string} name @param {string} value */
export async function writeStamp(name, value) {
  await mkdir(path.join(root, '.vscode-test/stamps'), { recursive: true });
  await writeFile(path.join(root, '.vscode-test/stamps', name), value);
}
