import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTar } from '../../../src/adapters/builders/readTar';
import { npmCommand } from '../../../src/adapters/packageManagers/npm';
import { builders } from '../../../src/adapters/registry';
import { isCancelled, isHumanError } from '../../../src/core/errors';
import type { Policy } from '../../../src/core/model/policy';
import type { BuiltArtifact, Task } from '../../../src/core/ports';
import { checkProvenance } from '../../../src/core/provenance/checkProvenance';
import { provenanceOf } from '../../../src/core/provenance/provenanceOf';
import { TestRepo } from '../../support/gitRepo';

describe('command builder', function () {
  this.timeout(120_000);
  let repo: TestRepo;
  let cache: string;
  let commit: string;

  const build = (policy: Policy = {}, task: Task = {}, mayRun = true, timeoutSeconds = 60): Promise<BuiltArtifact> => {
    const clock = { now: () => Date.UTC(2026, 0, 1) };
    const npm = () => npmCommand('');
    const options = { root: repo.root, clock, npm, cache, timeoutSeconds, mayRun: () => mayRun };
    return builders['command']!.create(options).build(commit, { policy, ...task });
  };
  /** A policy whose command is a script of Node. */
  const node = (script: string, output = 'dist/*.bin'): Policy => ({ build: { command: ['node', '-e', script], output } });
  const write = (content: string): string => `fs.mkdirSync('dist');fs.writeFileSync('dist/a.bin', ${content})`;
  const rejected = (policy: Policy, said: RegExp, timeoutSeconds = 60): Promise<void> =>
    assert.rejects(build(policy, {}, true, timeoutSeconds), (error: Error) => {
      assert.ok(isHumanError(error), String(error));
      assert.match(error.message, said);
      return true;
    });

  beforeEach(() => {
    repo = new TestRepo();
    cache = mkdtempSync(join(tmpdir(), 'patchline-cache-'));
    repo.write('package.json', '{ "name": "@acme/greeter", "version": "1.2.3", "scripts": { "prepack": "touch ran" } }\n');
    repo.write('index.js', 'exports.greet = 1;\n');
    commit = repo.commitAll();
  });
  afterEach(() => {
    const worktrees = repo.git('worktree', 'list', '--porcelain').match(/^worktree /gm);
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith(`patchline-build-${process.pid}-`));
    repo.dispose();
    rmSync(cache, { recursive: true });
    assert.deepEqual([worktrees?.length, left], [1, []], 'nothing is left of the work trees');
  });

  it('packs the commit, not the work tree, the same twice, with all that its provenance needs', async () => {
    const integrity = `sha512-${createHash('sha512').update('x').digest('base64')}`;
    const packages = { '': {}, 'node_modules/left': { version: '1.0.0', integrity } };
    repo.write('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages }));
    commit = repo.commitAll();
    repo.write('index.js', 'half written\n');
    const before = repo.snapshot();
    const said: string[] = [];
    const built = await build({}, { onProgress: (message) => said.push(message) });
    assert.deepEqual(repo.snapshot(), before);
    assert.deepEqual(built.reproducibility, { verdict: 'reproducible', differences: [] });
    assert.deepEqual([built.name, built.version, built.mediaType], ['@acme/greeter', '1.2.3', 'application/gzip']);
    const entries = readTar(gunzipSync(built.bytes));
    assert.ok(!entries.some(({ path }) => path === 'package/ran'), 'no script ran');
    assert.equal(
      entries.find(({ path }) => path === 'package/index.js')?.content,
      createHash('sha256').update('exports.greet = 1;\n').digest('hex'),
    );
    assert.equal(built.tree, repo.git('rev-parse', `${commit}^{tree}`));
    assert.deepEqual(built.command, ['npm', 'pack', '--ignore-scripts', '--json']);
    assert.deepEqual(Object.keys(built.builder.version).sort(), ['git', 'node', 'npm']);
    assert.deepEqual(built.dependencies, [
      { name: 'source', digest: { gitCommit: commit } },
      { uri: 'pkg:npm/left@1.0.0', digest: { sha512: createHash('sha512').update('x').digest('hex') } },
    ]);
    assert.match(built.log, /\$ npm pack --ignore-scripts --json\nexit code 0, network (off|not switched off)/);
    assert.ok(![built.log, ...said].some((text) => text.includes(tmpdir())), 'no folder of this machine is told');
    assert.ok(said.length > 4, 'what npm prints is shown');
    const sha256 = createHash('sha256').update(built.bytes).digest('hex');
    const statement = provenanceOf({ built, commit, invocationId: 'run-1' });
    assert.deepEqual(checkProvenance(statement, { sha256, commit, tree: built.tree }), []);
  });

  it('archives the files as they are committed where npm has no name and version to pack by', async () => {
    for (const manifest of ['{ "private": true, "name": "shop" }', undefined]) {
      rmSync(join(repo.root, 'package.json'), { force: true });
      if (manifest !== undefined) repo.write('package.json', manifest);
      commit = repo.commitAll();
      const built = await build();
      assert.deepEqual(built.command, ['git', 'archive', '--format=tar', 'HEAD']);
      assert.equal(built.reproducibility.verdict, 'reproducible');
      assert.deepEqual(
        [built.name, built.version, built.mediaType],
        [manifest === undefined ? 'source.tar' : 'shop', commit.slice(0, 12), 'application/x-tar'],
      );
      const paths = readTar(built.bytes).map(({ path }) => path);
      assert.deepEqual(
        paths.filter((path) => !path.startsWith('pax')),
        ['index.js', ...(manifest === undefined ? [] : ['package.json'])],
      );
    }
  });

  it('says where two builds differ, and what is the name of a file that changes', async () => {
    const clock = await build(node(write('String(process.hrtime.bigint())')));
    assert.equal(clock.reproducibility.verdict, 'different');
    assert.match(clock.reproducibility.differences.join('\n'), /offset \d+|goes on after/);
    const folder = await build(
      node(`fs.mkdirSync('dist');fs.writeFileSync('dist/'+require('path').basename(process.cwd())+'.bin','x')`),
    );
    assert.deepEqual(folder.reproducibility.differences, ['the name of the file: dist/first.bin and dist/second-build.bin']);
    assert.equal(folder.mediaType, 'application/octet-stream');
  });

  it('takes no file that was committed for what the build made', async () => {
    repo.write('dist/a.bin', 'of long ago');
    symlinkSync(cache, join(repo.root, 'linked'));
    writeFileSync(join(cache, 'a.bin'), 'the person’s');
    commit = repo.commitAll();
    await rejected(node(''), /The build left no file dist/);
    assert.equal(Buffer.from((await build(node(`fs.writeFileSync('dist/a.bin', 'new')`))).bytes).toString(), 'new');
    await assert.rejects(build(node('', 'linked/*.bin')), isHumanError);
    assert.equal(readFileSync(join(cache, 'a.bin'), 'utf8'), 'the person’s', 'nothing is removed behind a link');
  });

  it('does not call it reproducible when the second build fails', async () => {
    const { reproducibility } = await build(node(`if (/second/.test(process.cwd())) throw Error('no'); ${write("'x'")}`));
    assert.equal(reproducibility.verdict, 'not-checked');
    assert.match(reproducibility.differences.join(), /The second build failed: .*exit code 1/);
  });

  it('names a command that fails, takes too long or leaves not exactly one file, with what it said', async () => {
    await rejected(
      node("console.error('no disk \\u001b[31m in ' + process.cwd()); process.exit(3)"),
      /“node -e .*exit code 3: no disk .*<work tree>/,
    );
    await rejected(node('setInterval(() => {}, 1000)'), /did not end in 1 s/, 1);
    await rejected(node('1'), /left no file dist\/\*\.bin/);
    await rejected(node(`${write("'x'")};fs.writeFileSync('dist/b.bin','')`), /left 2 files .*dist\/a\.bin, dist\/b\.bin/);
    await rejected(node(write("''")), /left an empty file dist\/a\.bin/);
    await rejected(node("fs.mkdirSync('dist');fs.symlinkSync(process.execPath,'dist/a.bin')"), /leads outside|left no file/);
    await rejected(node('1', '../*.bin'), /left no file/);
  });

  it('refuses half a policy, a commit that is not there, and a workspace that is not trusted', async () => {
    await rejected({ build: { command: ['make'] } }, /build\.output/);
    await rejected({ build: { output: 'x' } }, /build\.command/);
    await assert.rejects(build({}, {}, false), /not trusted/);
    commit = 'a'.repeat(40);
    await rejected({}, /is not in this repository/);
  });

  it('ends what it started when it is cancelled', async () => {
    const abort = new AbortController();
    const started = (message: string): void => {
      if (message === 'begun') abort.abort();
    };
    const policy = node("console.log('begun'); setInterval(() => {}, 1000)");
    await assert.rejects(build(policy, { signal: abort.signal, onProgress: started }), isCancelled);
  });
});
