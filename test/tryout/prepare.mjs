// @ts-check
// What both commands do first in a bare clone: packages and build. Plain Node without packages.
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { npmProgram, run } from '../vscode/processes.mjs';
import { digestOf, readStamp, writeStamp } from '../vscode/sample.mjs';

export const root = path.join(import.meta.dirname, '../..');

/**
 * What has to be there before anything can be fetched.
 * @returns {Promise<string>} versions of Node and git
 * @throws Error in words a person can act on.
 */
export async function checkTools() {
  const git = await run('git', ['--version']);
  if (git.code !== 0) throw new Error('git was not found: install git.');
  return `Node.js ${process.versions.node}, ${git.output.trim().replace('git version', 'git')}`;
}

/**
 * Installs the packages of package-lock.json where they are missing or older than the lock.
 * @returns {Promise<boolean>} true when it installed
 * @throws Error in words a person can act on.
 */
export async function ensurePackages() {
  const lock = createHash('sha256')
    .update(await readFile(path.join(root, 'package-lock.json')))
    .digest('hex');
  const installed = path.join(root, 'node_modules/.package-lock.json');
  if (existsSync(installed)) {
    if ((await readStamp('packages')) === lock) return false;
    // Installed by hand after the lock last changed: as good.
    const [own, wanted] = await Promise.all([stat(installed), stat(path.join(root, 'package-lock.json'))]);
    if (own.mtimeMs >= wanted.mtimeMs) return false;
  }
  const args = [npmProgram(), 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = await run(process.execPath, args, { cwd: root, timeoutMs: 900_000 });
  if (result.code !== 0) throw new Error(explainNpm(result.output));
  await writeStamp('packages', lock);
  return true;
}

/** What npm said, in one line where the cause is known. */
export function explainNpm(/** @type {string} */ output) {
  const network = /E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH)/.exec(output)?.[0];
  if (network !== undefined) return `The npm registry was not reached (${network}): connect to the network and try again.`;
  return `npm could not install the packages:\n${output.trim()}`;
}

/**
 * Builds the extension where its sources changed since the last build made here.
 * @returns {Promise<boolean>} true when it built
 * @throws Error with what the build said.
 */
export async function ensureBuild() {
  const stampFile = path.join(root, 'dist/.stamp');
  const digest = await digestOf(['src', 'package.json', 'package-lock.json', 'esbuild.config.mjs']);
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === digest) return false;
  const result = await run(process.execPath, ['esbuild.config.mjs'], { cwd: root, timeoutMs: 300_000 });
  if (result.code !== 0) throw new Error(`The build failed:\n${result.output.trim()}`);
  await writeFile(stampFile, digest);
  return true;
}
