import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createNpmRegistry } from '../../../src/adapters/advisories/npmRegistry';
import { createHttp } from '../../../src/adapters/clients/http';
import { createNpmUpdate } from '../../../src/adapters/fixers/npmUpdate';
import { createNpm, npmCommand } from '../../../src/adapters/packageManagers/npm';
import type { Finding } from '../../../src/core/model/finding';
import type { NoFix, Patch } from '../../../src/core/model/patch';
import type { Workspace } from '../../../src/core/ports';
import { makeFinding } from '../../support/findings';
import { memoryWorkspace } from '../../support/memoryWorkspace';
import { integrityOf, startNpmRegistry } from '../../support/npmRegistry';
import type { FakeRegistry, FakeVersion } from '../../support/npmRegistry';

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
function vulnerable(
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

describe('npm-update, with the real npm and a registry on loopback', function () {
  this.timeout(120_000);
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

  function assertPatch(outcome: Patch | NoFix): asserts outcome is Patch {
    assert.ok('changes' in outcome, 'noFix' in outcome ? outcome.noFix : '');
  }

  /** `- old` and `+ new` lines of one file. */
  const linesChanged = (before: string, after: string): string[] => {
    const [a, b] = [before.split('\n'), after.split('\n')];
    return [
      ...a.filter((line) => !b.includes(line)).map((l) => `- ${l.trim()}`),
      ...b.filter((line) => !a.includes(line)).map((l) => `+ ${l.trim()}`),
    ];
  };

  it('updates a direct dependency: the token in place, one lock entry, and the lock is what npm itself writes', async () => {
    const files = await project(
      { 'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '^1.0.0', other: '1.0.0' } } },
      { pins: { left: '1.0.0' } },
    );
    const finding = vulnerable('left', '1.0.0', '<1.0.2');
    const patch = await propose(files, finding, { findings: [finding, vulnerable('left', '1.0.0', '=1.0.2')] });
    assertPatch(patch);
    assert.equal(patch.title, 'Update left from 1.0.0 to 1.1.0');
    assert.deepEqual(patch.update, { name: 'left', from: '1.0.0', to: '1.1.0', manifest: 'package.json' });
    assert.deepEqual(patch.closes, ['pl-left-<1.0.2', 'pl-left-=1.0.2']);
    assert.deepEqual(
      patch.changes.map((change) => [change.path, linesChanged(change.before ?? '', change.after)]),
      [
        ['package.json', ['- "left": "^1.0.0",', '+ "left": "^1.1.0",']],
        [
          'package-lock.json',
          [
            '- "left": "^1.0.0",',
            '- "resolved": "http://127.0.0.1:PORT/left/-/left-1.0.0.tgz",',
            `- "integrity": "${integrityOf('left', { version: '1.0.0' })}",`,
            '+ "left": "^1.1.0",',
            '+ "version": "1.1.0",',
            '+ "resolved": "http://127.0.0.1:PORT/left/-/left-1.1.0.tgz",',
            `+ "integrity": "${integrityOf('left', { version: '1.1.0' })}",`,
          ],
        ],
      ].map(([path, lines]) => [path, (lines as string[]).map((line) => line.replace('PORT', new URL(registry.url).port))]),
    );
    assert.ok(patch.notes.some((note) => note.startsWith('Passed over 1.0.1 to 1.0.2 (2 versions): affected by GHSA-left')));
    assert.ok(patch.notes.some((note) => note.includes('the registry did not answer')));
    assert.deepEqual(await rewritten(patch, files), lockOf(patch), 'npm leaves the proposed lock as it is');
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith('patchline-npm-')),
      [],
      'temporary copies are gone',
    );
  });

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
  const lockOf = (patch: Patch): string => patch.changes.find((change) => change.path.endsWith('package-lock.json'))?.after ?? '';

  for (const version of [1, 2, 3])
    it(`brings along what the new version needs and nests what others keep (lockfileVersion ${version})`, async () => {
      const files = await project(
        { 'package.json': { name: 'app', version: '1.0.0', dependencies: { web: '1.0.0', other: '1.0.0', left: '1.0.0' } } },
        { args: [`--lockfile-version=${version}`] },
      );
      const finding = vulnerable('web', '1.0.0', '<1.0.1');
      const patch = await propose(files, finding, { findings: [finding, vulnerable('util', '1.0.0', '*')] });
      assertPatch(patch);
      // util 1.1.0 comes with web 1.0.1; util 1.0.0 was there before.
      const bringing = patch.notes.filter((note) => note.startsWith('Brings in'));
      assert.equal(bringing.length, 1);
      assert.match(bringing[0] ?? '', /^Brings in util 1\.1\.0 /);
      const lock = JSON.parse(lockOf(patch)) as {
        lockfileVersion: number;
        packages?: Record<string, { version: string }>;
        dependencies?: Record<string, { version: string; dependencies?: Record<string, { version: string }> }>;
      };
      assert.equal(lock.lockfileVersion, version);
      const versionAt = (key: string): string | undefined =>
        version === 1
          ? key
              .split('/')
              .reduce<{ version?: string; dependencies?: Record<string, object> } | undefined>(
                (at, name) => at?.dependencies?.[name] as { version?: string } | undefined,
                lock as object,
              )?.version
          : lock.packages?.[`node_modules/${key.replaceAll('/', '/node_modules/')}`]?.version;
      assert.equal(versionAt('web'), '1.0.1');
      assert.equal(versionAt('left'), '1.0.0');
      assert.equal(versionAt('extra'), '1.2.0');
      const utils = [versionAt('util'), versionAt('web/util'), versionAt('other/util')]
        .filter((each) => each !== undefined)
        .sort();
      assert.deepEqual(utils, ['1.0.0', '1.1.0']);
      // npm turns a version 1 lock into version 3 when it is not told otherwise: version 3 stands for both.
      if (version === 3) assert.equal(await rewritten(patch, files), lockOf(patch));
    });

  it('keeps line ends, indent and the absence of a final newline', async () => {
    const plain = await project({ 'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '1.0.0' } } });
    const files = Object.fromEntries(
      Object.entries(plain).map(([path, text]) => [path, JSON.stringify(JSON.parse(text), null, '\t').replaceAll('\n', '\r\n')]),
    );
    const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
    assertPatch(patch);
    for (const change of patch.changes) {
      assert.equal(change.after, JSON.stringify(JSON.parse(change.after), null, '\t').replaceAll('\n', '\r\n'), change.path);
      assert.equal(change.before?.split('\r\n').length, change.after.split('\r\n').length);
    }
  });

  it('refreshes a transitive copy in the lock alone where every parent allows it', async () => {
    const files = await project(
      { 'package.json': { name: 'app', version: '1.0.0', dependencies: { web: '1.0.0' } } },
      { pins: { left: '1.0.0' } },
    );
    const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
    assertPatch(patch);
    assert.deepEqual(
      patch.changes.map((change) => change.path),
      ['package-lock.json'],
    );
    assert.equal(
      (JSON.parse(lockOf(patch)) as { packages: Record<string, { version: string }> }).packages['node_modules/left']?.version,
      '1.0.1',
    );
    assert.match(patch.reason, /the lock file alone changes/);
    assert.deepEqual(await rewritten(patch, files), lockOf(patch));
  });

  it('says who holds a transitive copy that cannot move', async () => {
    const files = await project({ 'package.json': { name: 'app', version: '1.0.0', dependencies: { pins: '1.0.0' } } });
    const outcome = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
    assert.ok('noFix' in outcome);
    assert.match(
      outcome.noFix,
      /it comes through pins 1\.0\.0; pins 1\.0\.0 asks for 1\.0\.0, which allows no clean version \(the lowest is 1\.0\.1\)/,
    );
  });

  it('moves the project’s own copy and names the one that a parent keeps', async () => {
    const files = await project({
      'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '1.0.0', pins: '1.0.0' } },
    });
    const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
    assertPatch(patch);
    assert.deepEqual(patch.closes, [], 'a vulnerable copy stays, so nothing is closed');
    assert.ok(
      patch.notes.some((note) => /Left: left 1\.0\.0 at node_modules\/pins\/node_modules\/left/.test(note)),
      patch.notes.join('\n'),
    );
  });

  it('edits workspace members from the root, whose lock names them', async () => {
    const files = await project({
      'package.json': { name: 'root', private: true, workspaces: ['packages/*'] },
      'packages/a/package.json': { name: 'a', version: '1.0.0', dependencies: { left: '~1.0.0' } },
      'packages/b/package.json': { name: 'b', version: '1.0.0', devDependencies: { left: '1.0.0' } },
    });
    const before = JSON.parse(files['package-lock.json'] ?? '') as { packages: Record<string, { version?: string }> };
    const places = Object.keys(before.packages).filter((key) => key.endsWith('node_modules/left'));
    assert.equal(places.length, 2);
    const patch = await propose(files, vulnerable('left', '1.0.0', '<1.1.0', {}, 'packages/a/package.json'));
    assertPatch(patch);
    assert.deepEqual(
      patch.changes.map((change) => change.path),
      ['packages/a/package.json', 'packages/b/package.json', 'package-lock.json'],
    );
    assert.match(patch.changes[0]?.after ?? '', /"left": "~1\.1\.0"/);
    assert.match(patch.changes[1]?.after ?? '', /"left": "1\.1\.0"/);
    assert.deepEqual(await rewritten(patch, files), lockOf(patch));
  });

  it('keeps an alias, its style and its place', async () => {
    const files = await project({
      'package.json': { name: 'app', version: '1.0.0', dependencies: { mine: 'npm:@scope/tool@0.2.0' } },
    });
    const patch = await propose(files, vulnerable('@scope/tool', '0.2.0', '<0.2.5'));
    assertPatch(patch);
    assert.match(patch.changes[0]?.after ?? '', /"mine": "npm:@scope\/tool@0\.2\.5"/);
    assert.match(lockOf(patch), /"name": "@scope\/tool",\s+"version": "0\.2\.5"/);
  });

  it('notes a breaking step below 1.0.0', async () => {
    const files = await project(
      { 'package.json': { name: 'app', version: '1.0.0', dependencies: { '@scope/tool': '^0.2.0' } } },
      { pins: { '@scope/tool': '0.2.0' } },
    );
    const patch = await propose(files, vulnerable('@scope/tool', '0.2.0', '<0.3.0'));
    assertPatch(patch);
    assert.ok(patch.notes.some((note) => note.startsWith('Below 1.0.0 another minor may break')));
  });

  it('takes the registry’s advisories where it answers', async () => {
    registry.advisories = {
      left: [{ id: 1, url: 'https://github.com/advisories/GHSA-2222-3333-4444', vulnerable_versions: '<=1.0.1' }],
    };
    try {
      const files = await project({ 'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '1.0.0' } } });
      const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
      assertPatch(patch);
      assert.equal(patch.update?.to, '1.0.2');
      assert.ok(patch.notes.includes('Passed over 1.0.1: affected by GHSA-2222-3333-4444.'));
      assert.ok(patch.notes.includes('Known advisories are those of the reports and of the registry.'));
    } finally {
      registry.advisories = undefined;
    }
  });

  it('without npm changes the manifest, calls the lock stale and claims nothing', async () => {
    const files = await project({ 'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '1.0.0' } } });
    for (const more of [{ npm: '/nowhere/npm' }]) {
      const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'), more);
      assertPatch(patch);
      assert.deepEqual(
        patch.changes.map((change) => change.path),
        ['package.json'],
      );
      assert.equal(patch.closes, undefined);
      assert.ok(
        patch.notes.some(
          (note) => note.includes('package-lock.json is stale') && note.includes('npm install --package-lock-only'),
        ),
      );
    }
  });

  it('with bundled packages leaves the lock to a full install', async () => {
    const files = await project({ 'package.json': { name: 'app', version: '1.0.0', dependencies: { fat: '1.0.0' } } });
    const patch = await propose(files, vulnerable('fat', '1.0.0', '<1.0.1'));
    assertPatch(patch);
    assert.ok(patch.notes.some((note) => note.includes('carries packages inside its tarball')));
  });

  const refusals: readonly { what: string; files: Record<string, string>; finding: Finding; because: RegExp; url?: string }[] = [
    {
      what: 'no package.json',
      files: {},
      finding: vulnerable('left', '1.0.0', '<1.0.1'),
      because: /no package\.json beside package-lock\.json/,
    },
    {
      what: 'an unknown package',
      files: { 'package.json': '{"dependencies":{"ghost":"1.0.0"}}' },
      finding: vulnerable('ghost', '1.0.0', '<1.0.1'),
      because: /the registry knows no package ghost/,
    },
    {
      what: 'an override',
      files: { 'package.json': '{"dependencies":{"web":"1.0.0"},"overrides":{"web":{"left@^1":"1.0.0"}}}' },
      finding: vulnerable('left', '1.0.0', '<1.0.1'),
      because: /package\.json overrides left/,
    },
    {
      what: 'a git address',
      files: { 'package.json': '{"dependencies":{"left":"github:someone/left"}}' },
      finding: vulnerable('left', '1.0.0', '<1.0.1'),
      because: /points to a git repository/,
    },
    {
      what: 'a package.json that is none',
      files: { 'package.json': '{' },
      finding: vulnerable('left', '1.0.0', '<1.0.1'),
      because: /package\.json is not a JSON object/,
    },
    {
      what: 'a registry that does not answer',
      files: { 'package.json': '{"dependencies":{"left":"1.0.0"}}' },
      finding: vulnerable('left', '1.0.0', '<1.0.1'),
      because: /the registry could not be asked: npm registry could not be reached .*ECONNREFUSED/,
      url: 'closed',
    },
  ];
  for (const { what, files, finding, because, url } of refusals)
    it(`refuses with the reason: ${what}`, async () => {
      const outcome = await propose(files, finding, url === undefined ? {} : { registryUrl: closedUrl });
      assert.ok('noFix' in outcome);
      assert.match(outcome.noFix, because);
    });

  it('changes a manifest without a lock, and names a lock of another package manager', async () => {
    const manifest = '{"dependencies":{"left":"^1.0.0"}}';
    const without = await propose({ 'package.json': manifest }, vulnerable('left', '1.0.0', '<1.0.1', {}, 'package.json'));
    assertPatch(without);
    assert.deepEqual(
      without.changes.map((change) => change.after),
      ['{"dependencies":{"left":"^1.0.1"}}'],
    );
    const yarn = await propose(
      { 'package.json': manifest, 'yarn.lock': '' },
      vulnerable('left', '1.0.0', '<1.0.1', {}, 'yarn.lock'),
    );
    assertPatch(yarn);
    assert.ok(yarn.notes.some((note) => note.includes('yarn.lock is stale') && note.includes('yarn install')));
  });
});

/** Started by npm itself, this process has that npm's settings in its environment; the tests want npm's defaults. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
}

function execMkdir(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
}
