import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createNpmRegistry } from '../../src/adapters/advisories/npmRegistry';
import { createHttp } from '../../src/adapters/clients/http';
import { createNpmUpdate } from '../../src/adapters/fixers/npmUpdate';
import { createNpm, npmCommand } from '../../src/adapters/packageManagers/npm';
import type { Finding } from '../../src/core/model/finding';
import type { NoFix, Patch } from '../../src/core/model/patch';
import type { Workspace } from '../../src/core/ports';
import { makeFinding } from './findings';
import { memoryWorkspace } from './memoryWorkspace';
import { startNpmRegistry } from './npmRegistry';
import type { FakeRegistry, FakeVersion } from './npmRegistry';

const left: readonly FakeVersion[] = ['1.0.0', '1.0.1', '1.0.2', '1.1.0', '2.0.0'].map((version) => ({
  version,
  ...(version === '2.0.0' ? { engines: { node: '>=99' } } : {}),
}));
const packages: Readonly<Record<string, readonly FakeVersion[]>> = {
  left,
  web: [
    { version: '1.0.0', dependencies: { util: '1.0.0', left: '^1.0.0' } },
    {
      version: '1.0.1',
      dependencies: { util: '1.1.0', left: '^1.0.0', extra: '^1.0.0' },
      bin: 'cli.js',
      engines: { node: '>=18' },
    },
  ],
  util: [{ version: '1.0.0' }, { version: '1.1.0' }],
  extra: [{ version: '1.0.0' }, { version: '1.2.0' }],
  other: [{ version: '1.0.0', dependencies: { util: '1.0.0' } }],
  pins: [{ version: '1.0.0', dependencies: { left: '1.0.0' } }],
  '@scope/tool': [{ version: '0.2.0' }, { version: '0.2.5' }, { version: '0.3.0' }],
  fat: [{ version: '1.0.0' }, { version: '1.0.1', bundleDependencies: ['util'], dependencies: { util: '1.0.0' } }],
};

/** A dependency finding about `name` in the affected `range`. */
export function vulnerable(
  name: string,
  version: string,
  range: string,
  overrides: Partial<Finding> = {},
  manifest = 'package-lock.json',
): Finding {
  return makeFinding({
    id: `pl-${name}-${range}`,
    kind: 'dependency',
    scanner: 'npm audit',
    ruleId: `GHSA-${name}`,
    aliases: [`GHSA-${name}`],
    locations: [],
    package: {
      purl: `pkg:npm/${name}@${version}`,
      ecosystem: 'npm',
      name,
      version,
      manifest,
      fixedVersions: [],
      vulnerableRange: range,
    },
    ...overrides,
  });
}

/** What the tests of npm updates work with: a registry on loopback, projects whose locks the real npm wrote, and the fixer. */
export interface NpmProjects {
  registry(): FakeRegistry;
  closedUrl(): string;
  project(
    manifests: Readonly<Record<string, unknown>>,
    options?: { readonly args?: readonly string[]; readonly pins?: Readonly<Record<string, string>> },
  ): Promise<Record<string, string>>;
  propose(
    files: Readonly<Record<string, string>>,
    finding: Finding,
    more?: {
      readonly findings?: readonly Finding[];
      readonly npm?: string;
      readonly registryUrl?: string;
      readonly mayRun?: boolean;
    },
  ): Promise<Patch | NoFix>;
  rewritten(patch: Patch, files: Readonly<Record<string, string>>): Promise<string>;
}

/** Sets all of it up before the tests of the surrounding suite, and takes it away after them. */
export function useNpmProjects(): NpmProjects {
  let registry: FakeRegistry;
  let closedUrl = '';
  const folders: string[] = [];
  const temporary = process.env['TMPDIR'];

  before(async function () {
    // A temporary folder of our own, so that what is left in it is ours.
    const own = mkdtempSync(join(tmpdir(), 'patchline-test-'));
    folders.push(own);
    process.env['TMPDIR'] = own;
    if (npmCommand('') === undefined) throw new Error('These tests need npm on PATH; it comes with Node.');
    registry = await startNpmRegistry(packages);
    const closed = await startNpmRegistry({});
    closedUrl = closed.url;
    await closed.close();
  });
  after(async () => {
    await registry.close();
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  const npmEnv = (): Record<string, string> => ({
    npm_config_registry: registry.url,
    npm_config_cache: join(folders[0] ?? tmpdir(), 'cache'),
    npm_config_userconfig: join(folders[0] ?? tmpdir(), 'none'),
  });

  /** Files of a project whose lock the real npm wrote from `locked` manifests; then the manifests are put in place. */
  const projects = new Map<string, Promise<Record<string, string>>>();
  function project(...args: Parameters<typeof writeProject>): Promise<Record<string, string>> {
    const key = JSON.stringify(args);
    const made = projects.get(key) ?? writeProject(...args);
    projects.set(key, made);
    return made;
  }

  async function writeProject(
    manifests: Readonly<Record<string, unknown>>,
    options: { readonly args?: readonly string[]; readonly pins?: Readonly<Record<string, string>> } = {},
  ): Promise<Record<string, string>> {
    const folder = mkdtempSync(join(tmpdir(), 'patchline-test-'));
    folders.push(folder);
    const write = (path: string, value: unknown): string => {
      const text = `${JSON.stringify(value, null, 2)}\n`;
      const file = join(folder, path);
      execMkdir(file);
      writeFileSync(file, text);
      return text;
    };
    const files: Record<string, string> = {};
    for (const [path, value] of Object.entries(manifests)) files[path] = write(path, value);
    const npm = async (...args: readonly string[]): Promise<void> => {
      const [program = '', ...rest] = npmCommand('') ?? [];
      await promisify(execFile)(
        program,
        [...rest, 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', ...args],
        {
          cwd: folder,
          env: { ...cleanEnvironment(), ...npmEnv() },
        },
      );
    };
    // A lock at older versions than the ranges now give: first exact pins, then the real ranges, which npm leaves as locked.
    if (options.pins !== undefined) {
      const root = manifests['package.json'] as { dependencies?: Record<string, string> };
      write('package.json', { ...root, dependencies: { ...root.dependencies, ...options.pins } });
      await npm(...(options.args ?? []));
      write('package.json', root);
    }
    await npm(...(options.args ?? []));
    files['package-lock.json'] = readFileSync(join(folder, 'package-lock.json'), 'utf8');
    return files;
  }

  async function propose(
    files: Readonly<Record<string, string>>,
    finding: Finding,
    more: {
      readonly findings?: readonly Finding[];
      readonly npm?: string;
      readonly registryUrl?: string;
      readonly mayRun?: boolean;
    } = {},
  ): Promise<Patch | NoFix> {
    const mayRun = (): boolean => more.mayRun ?? true;
    const env = { ...npmEnv(), npm_config_registry: more.registryUrl ?? registry.url };
    const fixer = createNpmUpdate({
      registry: createNpmRegistry({
        http: createHttp({ vendor: 'npm registry', sleep: () => Promise.resolve() }),
        projectRoot: folders[0] ?? tmpdir(),
        mayRun,
        env,
      }),
      locks: createNpm({ path: more.npm ?? '', mayRun, env }),
      clock: { now: () => Date.UTC(2026, 0, 1) },
      runningNode: '20.19.0',
    });
    const workspace: Workspace = memoryWorkspace(files);
    return fixer.propose(finding, { workspace, findings: more.findings ?? [finding] });
  }

  /** The lock after a plain `npm install --package-lock-only` over the patched project. */
  async function rewritten(patch: Patch, files: Readonly<Record<string, string>>): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'patchline-test-'));
    folders.push(folder);
    const patched = { ...files, ...Object.fromEntries(patch.changes.map((change) => [change.path, change.after])) };
    for (const [path, text] of Object.entries(patched)) {
      execMkdir(join(folder, path));
      writeFileSync(join(folder, path), text);
    }
    const [program = '', ...rest] = npmCommand('') ?? [];
    await promisify(execFile)(
      program,
      [...rest, 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'],
      {
        cwd: folder,
        env: { ...cleanEnvironment(), ...npmEnv() },
      },
    );
    return readFileSync(join(folder, 'package-lock.json'), 'utf8');
  }

  return { registry: () => registry, closedUrl: () => closedUrl, project, propose, rewritten };
}

/** Fails with the refusal where a patch was expected. */
export function assertPatch(outcome: Patch | NoFix): asserts outcome is Patch {
  assert.ok('changes' in outcome, 'noFix' in outcome ? outcome.noFix : '');
}

/** `- old` and `+ new` lines of one file. */
export const linesChanged = (before: string, after: string): string[] => {
  const [a, b] = [before.split('\n'), after.split('\n')];
  return [
    ...a.filter((line) => !b.includes(line)).map((l) => `- ${l.trim()}`),
    ...b.filter((line) => !a.includes(line)).map((l) => `+ ${l.trim()}`),
  ];
};

/** Started by npm itself, this process has that npm's settings in its environment; the tests want npm's defaults. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
}

function execMkdir(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
}
