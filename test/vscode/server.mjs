// @ts-check
// Serves the VS Code from npm on loopback. Plain Node without packages.
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { installVscode } from './install.mjs';
import { cleanEnvironment, run, start, stop } from './processes.mjs';

/** A quiet window: nothing that a person did not open, nothing that calls home, files written only when saved. */
export const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.tree.enableStickyScroll': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'chat.disableAIFeatures': true,
  'files.autoSave': 'off',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'git.autofetch': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};

/**
 * @typedef {object} Server
 * @property {string} url with the token that keeps everybody else on this machine out
 * @property {Promise<void>} exited when the server has ended, whoever ended it
 * @property {number} port
 * @property {number} pid
 * @property {() => Promise<void>} stop ends the server, its extension hosts and what they started
 */

/**
 * @param {object} options
 * @param {string} options.dataDir settings, state and logs of this server; made when missing
 * @param {string} options.extensionsDir installed extensions; made when missing
 * @param {number} [options.port] default: a free one
 * @param {boolean} [options.workspaceTrust] true: windows open in Restricted Mode until trusted; default false
 * @param {number} [options.graceTime] seconds that an extension host outlives its window; default 5
 * @param {boolean} [options.development] true: windows load what `extensionPath` and `testsPath` of their address name. VS Code
 *   honours them only in a mode for tests, in which it shows no notifications and asks no questions; so not for windows that
 *   people, or tests in a person's place, look at.
 * @param {Record<string, unknown>} [options.settings] machine settings beyond the quiet ones
 * @param {(message: string) => void} [options.say] told of installation steps
 * @param {NodeJS.ProcessEnv} [options.env] environment of the extension host, beyond the own one
 * @returns {Promise<Server>}
 * @throws Error in words a person can act on: port taken, not installable.
 */
export async function startServer(options) {
  const vscode = await installVscode(options.say);
  const settingsFile = path.join(options.dataDir, 'data/Machine/settings.json');
  await mkdir(path.dirname(settingsFile), { recursive: true });
  await mkdir(options.extensionsDir, { recursive: true });
  await writeFile(settingsFile, JSON.stringify({ ...quietSettings, ...options.settings }, null, 2));
  const tokenFile = path.join(options.dataDir, 'token');
  const token = randomBytes(16).toString('hex');
  await writeFile(tokenFile, token, { mode: 0o600 });
  const child = start(
    vscode.node,
    [
      'out/server-main.js',
      '--host=127.0.0.1',
      `--port=${options.port ?? 0}`,
      `--connection-token-file=${tokenFile}`,
      '--accept-server-license-terms',
      ...(options.development === true ? ['--enable-smoke-test-driver'] : []),
      '--disable-telemetry',
      '--disable-experiments',
      ...(options.workspaceTrust === true ? [] : ['--disable-workspace-trust']),
      `--reconnection-grace-time=${options.graceTime ?? 5}`,
      `--server-data-dir=${options.dataDir}`,
      `--extensions-dir=${options.extensionsDir}`,
    ],
    // No gallery of extensions: nothing here may ask for a network beyond the package registry.
    { cwd: vscode.folder, env: cleanEnvironment({ EXTENSIONS_GALLERY: '{}', ...options.env }) },
  );
  let output = '';
  const port = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`VS Code did not start within 60 s:\n${output}`)), 60_000);
    const take = (/** @type {Buffer} */ data) => {
      if (output.length < 100_000) output += String(data);
      // The server itself stays when it cannot listen.
      if (/EADDRINUSE/.test(output)) {
        clearTimeout(timer);
        reject(new Error(`Port ${options.port} is taken: choose another with --port.`));
      }
      const found = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(Number(found));
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`VS Code ended at its start (exit code ${code}):\n${output}`));
    });
  }).catch(async (error) => {
    await stop(child);
    throw error;
  });
  const exited = new Promise((resolve) => child.once('exit', () => resolve(undefined)));
  return { url: `http://127.0.0.1:${port}/?tkn=${token}`, port, pid: child.pid ?? 0, exited, stop: () => stop(child) };
}

/** What a build consists of, beside the manifest; .vscodeignore says the same for the packed extension, and a test compares them. */
const buildParts = ['dist', 'media', 'LICENSE', 'README.md', 'CHANGELOG.md'];

/**
 * Puts an extension into an extensions folder as it stands on the disk, without packing it.
 * @param {string} extension folder with the manifest @param {string} extensionsDir before the first start of its server
 */
export async function installBuild(extension, extensionsDir) {
  const manifest = JSON.parse(await readFile(path.join(extension, 'package.json'), 'utf8'));
  const target = path.join(extensionsDir, `${manifest.publisher}.${manifest.name}-${manifest.version}`);
  await mkdir(target, { recursive: true });
  await cp(path.join(extension, 'package.json'), path.join(target, 'package.json'));
  for (const part of buildParts) {
    const source = path.join(extension, part);
    // The bundled host tests lie in dist, too.
    if (existsSync(source))
      await cp(source, path.join(target, part), {
        recursive: true,
        filter: (file) => file !== path.join(extension, 'dist/test'),
      });
  }
}

/**
 * Installs a packed extension for the windows of servers with this extensions folder.
 * @param {string} vsix @param {{ dataDir: string, extensionsDir: string }} where
 * @throws Error with what VS Code said.
 */
export async function installExtension(vsix, where) {
  const vscode = await installVscode();
  const args = [`--install-extension=${vsix}`, `--server-data-dir=${where.dataDir}`, `--extensions-dir=${where.extensionsDir}`];
  const result = await run(vscode.node, ['out/server-main.js', '--accept-server-license-terms', '--force', ...args], {
    cwd: vscode.folder,
    timeoutMs: 60_000,
  });
  if (result.code !== 0) throw new Error(`VS Code did not install ${path.basename(vsix)}:\n${result.output}`);
}

/**
 * The address of a window.
 * @param {{ url: string, port: number }} server
 * @param {object} options all paths absolute
 * @param {string} options.folder the workspace
 * @param {string} [options.extensionPath] an extension under development to load
 * @param {string} [options.testsPath] module whose run() the extension host calls (without .js)
 */
export function windowUrl(server, options) {
  const remote = (/** @type {string} */ file) => `vscode-remote://127.0.0.1:${server.port}${encodeURI(file)}`;
  const payload = [
    ...(options.extensionPath === undefined ? [] : [['extensionDevelopmentPath', remote(options.extensionPath)]]),
    ...(options.testsPath === undefined ? [] : [['extensionTestsPath', remote(options.testsPath)]]),
  ];
  const query = payload.length === 0 ? '' : `&payload=${encodeURIComponent(JSON.stringify(payload))}`;
  const what = options.folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
  return `${server.url}&${what}=${encodeURIComponent(options.folder)}${query}`;
}
