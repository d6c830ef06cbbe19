import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNpm, npmCommand } from '../../../src/adapters/packageManagers/npm';
import type { LockProject } from '../../../src/core/dependencies/ports';
import { isCancelled } from '../../../src/core/errors';

const project: LockProject = {
  files: new Map([['package.json', '{"name":"x","version":"1.0.0"}']]),
  lockName: 'package-lock.json',
  lockfileVersion: 3,
  omitResolved: false,
};
const lock = '{"name":"x","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"x","version":"1.0.0"}}}';

describe('npm', function () {
  this.timeout(60_000);
  let folder = '';
  const temporary = process.env['TMPDIR'];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'patchline-test-'));
    mkdirSync(join(folder, 'tmp'));
    process.env['TMPDIR'] = join(folder, 'tmp');
  });
  after(() => {
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    assert.deepEqual(readdirSync(join(folder, 'tmp')), [], 'the temporary copy is gone');
  });

  /** A program that stands for npm and does what a test wants. */
  function fake(name: string, script: string): string {
    const path = join(folder, name);
    writeFileSync(path, `#!/usr/bin/env node\n${script}`);
    chmodSync(path, 0o755);
    return path;
  }
  const run = (script: string, mayRun = true, timeoutMs = 20_000): ReturnType<ReturnType<typeof createNpm>['writeLock']> =>
    createNpm({ path: fake('npm', script), mayRun: () => mayRun, timeoutMs }).writeLock(project, lock);

  it('writes and accepts a lock with the real npm, which names itself', async () => {
    const npm = createNpm({ path: '', mayRun: () => true });
    const written = await npm.writeLock(project, lock);
    assert.ok(written.kind === 'done', JSON.stringify(written));
    assert.equal((JSON.parse(written.value) as { lockfileVersion: number }).lockfileVersion, 3);
    assert.match(written.client, /^npm \d+\.\d+\.\d+/);
    assert.equal((await npm.acceptLock(project, lock)).kind, 'done');
    const stale = lock.replace('"packages":{"":{', '"packages":{"":{"dependencies":{"left":"1.0.0"},');
    const files = new Map([['package.json', '{"name":"x","version":"1.0.0","dependencies":{"left":"2.0.0"}}']]);
    const refused = await npm.acceptLock({ ...project, files }, stale);
    assert.notEqual(refused.kind, 'done');
  });

  it('gives npm no scripts, no audit, the lock’s own version, and no settings of another npm', async () => {
    process.env['npm_package_name'] = 'another';
    const written = await run(
      'require("fs").writeFileSync("package-lock.json", JSON.stringify({ args: process.argv.slice(2), files: require("fs").readdirSync("."), other: process.env.npm_package_name }))',
    );
    delete process.env['npm_package_name'];
    assert.ok(written.kind === 'done');
    const seen = JSON.parse(written.value) as { args: string[]; files: string[]; other?: string };
    for (const argument of [
      'install',
      '--package-lock-only',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--git=git',
      '--lockfile-version=3',
    ])
      assert.ok(seen.args.includes(argument), argument);
    assert.deepEqual(seen.files.sort(), ['package-lock.json', 'package.json']);
    assert.equal(seen.other, undefined);
  });

  it('is not started in an untrusted workspace', async () => {
    assert.deepEqual(await run('process.exit(0)', false), {
      kind: 'unavailable',
      because: 'the workspace is not trusted, so npm is not run in it',
    });
  });

  const failures: readonly [string, string, 'unavailable' | 'refused', RegExp][] = [
    [
      'a registry that is away',
      'console.error("npm error code ENOTFOUND\\nnpm error network request failed");process.exit(1)',
      'unavailable',
      /could not reach its registry \(ENOTFOUND: network request failed\)/,
    ],
    [
      'a conflict',
      'console.error("npm ERR! code ERESOLVE\\nnpm ERR! ERESOLVE could not resolve\\nnpm ERR! A complete log of this run can be found in: x");process.exit(1)',
      'refused',
      /^ERESOLVE: ERESOLVE could not resolve$/,
    ],
    ['no words at all', 'process.exit(3)', 'refused', /npm gave no reason/],
  ];
  for (const [what, script, kind, because] of failures)
    it(`tells apart: ${what}`, async () => {
      const answer = await run(script);
      assert.equal(answer.kind, kind);
      assert.match('because' in answer ? answer.because : '', because);
    });

  it('ends an npm that does not finish, and one that is cancelled', async () => {
    assert.deepEqual(await run('setInterval(() => {}, 1000)', true, 300), {
      kind: 'unavailable',
      because: 'npm did not finish in time',
    });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 300);
    const npm = createNpm({ path: fake('npm', 'setInterval(() => {}, 1000)'), mayRun: () => true });
    await assert.rejects(npm.writeLock(project, lock, { signal: controller.signal }), isCancelled);
  });

  it('writes no file outside the temporary copy', async () => {
    const files = new Map([['../../escaped.json', '{}']]);
    const answer = await createNpm({ path: '', mayRun: () => true }).writeLock({ ...project, files }, lock);
    assert.equal(answer.kind, 'unavailable');
    assert.deepEqual(readdirSync(folder).includes('escaped.json'), false);
  });

  it('runs npm’s script by node where npm.cmd cannot be spawned', () => {
    const bin = join(folder, 'node_modules', 'npm', 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'npm-cli.js'), '');
    assert.deepEqual(npmCommand(join(folder, 'npm.cmd'), 'win32'), [process.execPath, join(bin, 'npm-cli.js')]);
    assert.equal(npmCommand(join(folder, 'elsewhere', 'npm.cmd'), 'win32'), undefined);
    assert.deepEqual(npmCommand('/opt/npm', 'linux'), ['/opt/npm']);
  });
});
