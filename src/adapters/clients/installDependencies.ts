import { createHash, randomUUID } from 'node:crypto';
import { access, copyFile, lstat, mkdir, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VendorError } from '../../core/errors';
import { installedMatchesLock } from '../../core/proof/installedMatchesLock';
import type { Task } from '../../core/ports';
import { linkPackages } from './linkPackages';
import { readText } from './readText';
import { runSandboxed } from './sandbox';

export interface InstallOptions extends Task {
  /** Folder of the project in the work tree, which holds its lock file. */
  readonly folder: string;
  /** Folder of the workspace member that is worked in, relative to `folder`: it may have packages of its own beside. */
  readonly member?: string;
  /** The person's folder of the same project, whose node_modules may be shared. */
  readonly workspace: string;
  /** Folder for installed dependencies by digest of what they were installed from. */
  readonly cache: string;
  readonly temporary: string;
  /** Program and first arguments of npm; undefined where it is not found. */
  readonly npm: readonly string[] | undefined;
  readonly timeoutMs: number;
}

const keptInstalls = 8;

/**
 * Puts the dependencies that the lock file of a work tree names in place, and says how: by link to the person's node_modules
 * where they hold exactly that, else by link to an earlier install of the same lock file, else by `npm ci` without scripts.
 * @throws VendorError when they cannot be installed (no network, no npm, no lock file).
 */
export async function installDependencies(options: InstallOptions): Promise<string> {
  const manifest = await readText(join(options.folder, 'package.json'));
  // A root of another package manager's members may need nothing itself.
  if (manifest === undefined || (options.member === undefined && !needsPackages(manifest)))
    return 'The project needs no packages.';
  const target = join(options.folder, 'node_modules');
  if (await exists(target)) return 'node_modules is part of the repository.';
  // npm reads npm-shrinkwrap.json where both stand.
  const lock =
    (await readText(join(options.folder, 'npm-shrinkwrap.json'))) ?? (await readText(join(options.folder, 'package-lock.json')));
  const shared = join(options.workspace, 'node_modules');
  if (lock === undefined) {
    const foreign = await foreignLock(options.folder);
    const unchanged =
      foreign !== undefined &&
      (await readText(join(options.folder, foreign))) === (await readText(join(options.workspace, foreign)));
    if (!unchanged || !(await exists(shared))) {
      throw new VendorError('npm', 'There is no npm lock file, so the exact packages cannot be installed.', { retryable: false });
    }
    await shareInstalled(options);
    return `The workspace's node_modules, shared by link (${foreign} is unchanged; what is installed could not be compared with it).`;
  }
  const hidden = await readText(join(shared, '.package-lock.json'));
  if (hidden !== undefined && installedMatchesLock(lock, hidden)) {
    await shareInstalled(options);
    return "The workspace's node_modules, shared by link: they hold what the lock file names.";
  }
  if (hasWorkspaces(manifest)) {
    // npm links members of a monorepo into node_modules: such an install holds in its own folder alone.
    await npmInstall(options, options.folder);
    return 'Installed by npm ci --ignore-scripts.';
  }
  const npmrc = await readText(join(options.folder, '.npmrc'));
  const key = createHash('sha256')
    .update(JSON.stringify([manifest, lock, npmrc ?? null]))
    .digest('hex');
  const installed = join(options.cache, key);
  const known = await exists(join(installed, '.complete'));
  if (!known) await installInto(installed, options);
  await utimes(installed, new Date(), new Date());
  await linkPackages(join(installed, 'node_modules'), target);
  return known ? 'An earlier npm ci of the same lock file, shared by link.' : 'Installed by npm ci --ignore-scripts.';
}

/** Links to the person's node_modules: the project's, and what its package manager put into the member's own. */
async function shareInstalled({ folder, workspace, member }: InstallOptions): Promise<void> {
  for (const place of member === undefined ? [''] : ['', member]) {
    const shared = join(workspace, place, 'node_modules');
    const target = join(folder, place, 'node_modules');
    if ((await exists(shared)) && !(await exists(target))) await linkPackages(shared, target, { own: workspace, tree: folder });
  }
}

/** Installs beside and renames at the end, so that a half-made install is never taken for a whole one. */
async function installInto(installed: string, options: InstallOptions): Promise<void> {
  const draft = `${installed}.${randomUUID()}`;
  await mkdir(draft, { recursive: true });
  try {
    for (const name of ['package.json', 'package-lock.json', 'npm-shrinkwrap.json', '.npmrc']) {
      if (await exists(join(options.folder, name))) await copyFile(join(options.folder, name), join(draft, name));
    }
    await npmInstall(options, draft);
    // A project whose packages are all optional for this system gets no folder from npm.
    await mkdir(join(draft, 'node_modules'), { recursive: true });
    await writeFile(join(draft, '.complete'), '');
    await rm(installed, { recursive: true, force: true });
    await rename(draft, installed);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await forgetOldest(dirname(installed));
}

async function npmInstall(options: InstallOptions, cwd: string): Promise<void> {
  if (options.npm === undefined) throw new VendorError('npm', 'npm was not found on PATH.', { retryable: false });
  options.onProgress?.('Installing the packages of the lock file (npm ci --ignore-scripts)');
  const result = await runSandboxed(
    [...options.npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'],
    {
      cwd,
      temporary: options.temporary,
      timeoutMs: options.timeoutMs,
      install: true,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
  );
  if (result.timedOut) throw new VendorError('npm', 'npm ci did not end in time.', { retryable: true });
  if (result.exitCode !== 0) {
    const said = result.stderr.split('\n').find((line) => /npm (?:error|ERR!)/.test(line) && !/A complete log/.test(line));
    throw new VendorError(
      'npm',
      `npm ci could not install the packages: ${said?.trim() ?? `exit code ${result.exitCode ?? 'none'}`}`,
      { retryable: true },
    );
  }
}

async function forgetOldest(cache: string): Promise<void> {
  const names = (await readdir(cache)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const dated = await Promise.all(names.map(async (name) => ({ name, time: (await lstat(join(cache, name))).mtimeMs })));
  for (const { name } of dated.sort((a, b) => b.time - a.time).slice(keptInstalls)) {
    await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function foreignLock(folder: string): Promise<string | undefined> {
  for (const name of ['pnpm-lock.yaml', 'yarn.lock', 'bun.lock']) if (await exists(join(folder, name))) return name;
  return undefined;
}

function needsPackages(manifest: string): boolean {
  const fields = readObject(manifest);
  return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'workspaces'].some((name) => {
    const value = fields[name];
    return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  });
}

function hasWorkspaces(manifest: string): boolean {
  return readObject(manifest)['workspaces'] !== undefined;
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    // npm reads it with a byte order mark too.
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    throw new VendorError('npm', 'package.json is not readable as JSON, so nothing can be installed.', { retryable: false });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
