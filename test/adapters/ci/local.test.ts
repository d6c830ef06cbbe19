import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalCi } from '../../../src/adapters/ci/local';
import type { LocalCiOptions } from '../../../src/adapters/ci/local';
import { killAllProcesses } from '../../../src/adapters/clients/process';
import { isHumanError } from '../../../src/core/errors';
import type { CiReport } from '../../../src/core/model/ci';
import type { Ci } from '../../../src/core/ports';
import type { ChangedLines } from '../../../src/core/testReports/changedLines';
import { changedLines } from '../../../src/core/testReports/changedLines';
import { compareReports } from '../../../src/core/testReports/compareReports';
import { mergeReports } from '../../../src/core/testReports/mergeReports';
import { parseJunit } from '../../../src/core/testReports/parseJunit';
import { CheckedProject, hasEnded, manifest, readUntil } from '../../support/checkedProject';

const nodeTest = (body: string): string =>
  `const { describe, it } = require('node:test');\nconst assert = require('node:assert/strict');\ndescribe('suite', () => {\n${body}\n});\n`;
const good = "  it('passes', () => {});";
const bad = "  it('breaks', () => assert.equal(1, 2));";

describe('local checks', function () {
  this.timeout(240_000);
  let project: CheckedProject;
  beforeEach(() => {
    project = new CheckedProject();
  });
  afterEach(async () => {
    await killAllProcesses();
    await project.dispose();
  });
  after('nothing is left in the temporary folder', () => {
    const own = readdirSync(tmpdir()).filter((name) => name.startsWith(`patchline-checks-${process.pid}-`));
    assert.deepEqual(own, []);
  });

  const ci = (more: Partial<LocalCiOptions> = {}): Ci => createLocalCi(project.options(more));
  const end = (one: Ci): Promise<CiReport> => readUntil(one, project.change, hasEnded);
  const states = (report: CiReport): readonly (readonly unknown[])[] =>
    report.checks.map(({ name, state, attempt }) => [name, state, attempt]);
  /** A job that waits until a file outside is there, and counts its runs in another. */
  const outside = (name: string): string => join(project.dataFolder, name);
  const node = (script: string): readonly string[] => ['node', '-e', script];
  const append = (name: string): string => `require('fs').appendFileSync(${JSON.stringify(outside(name))}, 'x');`;
  const runs = (name: string): number => (existsSync(outside(name)) ? readFileSync(outside(name), 'utf8').length : 0);
  const waitFor = (name: string): string =>
    `console.log('begun'); const t = setInterval(() => { if (require('fs').existsSync(${JSON.stringify(outside(name))})) clearInterval(t); }, 50); setTimeout(() => process.exit(9), 60000).unref();`;

  it('are the scripts of the base, in a tree where the build is there, with the tests as documents', async () => {
    const scripts = {
      build: "node -e \"require('fs').writeFileSync('built.txt', 'x')\"",
      test: 'node --test test/',
      lint: 'node -e "process.exit(1)"',
    };
    const test = nodeTest(`  it('has the build', () => assert.ok(require('fs').existsSync('built.txt')));\n${good}`);
    project.commit(
      { 'package.json': manifest(scripts), 'test/a.test.js': test },
      { 'test/a.test.js': nodeTest(`${good}\n${bad}`), 'package.json': manifest({ build: scripts.build, test: scripts.test }) },
    );
    const before = project.repo.snapshot();
    const one = ci();
    const first = await one.read(project.change);
    assert.equal(first.outcome, 'waiting');
    const report = await end(one);
    assert.deepEqual(states(report), [
      ['build', 'successful', 1],
      ['test', 'failed', 1],
      ['lint', 'failed', 1],
    ]);
    assert.equal(report.outcome, 'failed');
    assert.match((await one.log(project.change, report.checks[1]?.id ?? '')) ?? '', /\$ npm run test[^]*✖ breaks/);

    const parse = async (side: 'head' | 'base') =>
      mergeReports(
        side,
        (await one.testDocuments(project.change, side)).map(({ name, text, attempt }) => ({
          name,
          attempt: attempt ?? 1,
          cases: parseJunit(text, name),
        })),
      );
    const comparison = compareReports(await parse('head'), await parse('base'));
    assert.equal(comparison.outcome, 'failed', comparison.summary);
    assert.deepEqual([comparison.newlyFailing, comparison.lost], [['suite › breaks'], ['suite › has the build']]);
    assert.deepEqual(project.repo.snapshot(), before);
  });

  it('run once for a commit, whoever asks, until what failed is run again', async () => {
    project.commit({ 'a.js': '1' }, { 'a.js': '2' });
    const doc = '<testsuites><testcase name="x">RESULT</testcase></testsuites>';
    const jobs = [
      { name: 'good', command: node(append('good')) },
      {
        name: 'flaky',
        command: node(
          `${append('flaky')} const fails = require('fs').readFileSync(${JSON.stringify(outside('flaky'))}).length < 2; require('fs').writeFileSync('out.xml', ${JSON.stringify(doc)}.replace('RESULT', fails ? '<failure/>' : '')); process.exit(fails ? 3 : 0);`,
        ),
        junit: ['*.xml'],
      },
    ];
    const [one, two] = [ci({ jobs }), ci({ jobs })];
    await Promise.all([one.read(project.change), two.read(project.change), one.read(project.change)]);
    const report = await end(two);
    assert.deepEqual(states(report), [
      ['good', 'successful', 1],
      ['flaky', 'failed', 1],
    ]);
    assert.match(report.checks[1]?.summary ?? '', /exit code 3/);
    assert.deepEqual([runs('good'), runs('flaky')], [1, 1]);
    await two.rerunFailed(project.change);
    const again = await end(one);
    assert.deepEqual(states(again), [
      ['good', 'successful', 1],
      ['flaky', 'successful', 2],
    ]);
    assert.equal(again.outcome, 'successful');
    assert.match(again.checks[1]?.summary ?? '', /failed before, and passed/);
    assert.deepEqual([runs('good'), runs('flaky')], [1, 2]);
    const documents = await one.testDocuments(project.change, 'head');
    const merged = mergeReports(
      'c',
      documents.map((each) => ({ ...each, attempt: each.attempt ?? 1, cases: parseJunit(each.text, each.name) })),
    );
    assert.deepEqual(merged.cases, [{ suite: '', name: 'x', status: 'passed', flaky: true }]);
    await one.rerunFailed(project.change);
    assert.deepEqual([runs('good'), runs('flaky')], [1, 2], 'nothing failed');
  });

  it('show a log while they run, and end when they are cancelled, from another place too', async () => {
    project.commit({ 'a.js': '1' }, { 'a.js': '2' });
    const jobs = [
      { name: 'waits', command: node(waitFor('never')) },
      { name: 'later', command: node(append('later')) },
    ];
    const [one, two] = [ci({ jobs }), ci({ jobs })];
    await readUntil(one, project.change, ({ checks }) => checks[0]?.state === 'running');
    let log: string | undefined;
    for (let tries = 0; tries < 200 && !(log ?? '').includes('begun'); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      log = await two.log(project.change, '1-waits');
    }
    assert.match(log ?? '', /begun/);
    await two.cancel(project.change);
    const report = await end(two);
    assert.deepEqual(states(report), [
      ['waits', 'cancelled', 1],
      ['later', 'cancelled', 1],
    ]);
    assert.equal(report.outcome, 'error');
    assert.equal(runs('later'), 0);
    assert.deepEqual(states(await one.read(project.change)), states(report), 'it is not begun again by being looked at');
  });

  it('are begun again when the process that ran them ended, but not for ever', async () => {
    project.commit({ 'a.js': '1' }, { 'a.js': '2' });
    const jobs = [
      { name: 'first', command: node(append('first')) },
      { name: 'waits', command: node(waitFor('go')) },
    ];
    for (const attempt of [1, 2, 3]) {
      const one = ci({ jobs });
      await readUntil(one, project.change, ({ checks }) => checks[1]?.state === 'running' && checks[1].attempt === attempt);
      await killAllProcesses();
      // What a killed process leaves: an open record, and nobody who holds the lock.
      await readUntilUnlocked();
    }
    const report = await ci({ jobs }).read(project.change);
    assert.deepEqual(states(report), [
      ['first', 'successful', 1],
      ['waits', 'cancelled', 3],
    ]);
    assert.match(report.checks[1]?.summary ?? '', /ended in the middle/);
    writeFileSync(outside('go'), '');
    await ci({ jobs }).rerunFailed(project.change);
    assert.deepEqual(states(await end(ci({ jobs }))), [
      ['first', 'successful', 1],
      ['waits', 'successful', 4],
    ]);
    assert.equal(runs('first'), 1);
  });

  async function readUntilUnlocked(): Promise<void> {
    const file = join(project.dataFolder, 'checks', project.change.headCommit, 'lock');
    for (let tries = 0; tries < 400 && existsSync(file); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(!existsSync(file));
  }

  it('are seen from another process, and begun again at once when it is killed', async () => {
    project.commit({ 'a.js': '1' }, { 'a.js': '2' });
    const jobs = [{ name: 'waits', command: node(`${append('waits')} ${waitFor('go')}`) }];
    const { root, dataFolder, cache } = project.options();
    const script = join(import.meta.dirname, 'runChecks.ts');
    const asked = JSON.stringify({ root, dataFolder, cache, change: project.change, jobs });
    const child = spawn(process.execPath, ['--import=tsx', script, asked], { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), gone]);
    const one = ci({ jobs });
    const seen = await readUntil(one, project.change, ({ checks }) => checks[0]?.state === 'running');
    assert.deepEqual(states(seen), [['waits', 'running', 1]]);
    for (let tries = 0; tries < 200 && runs('waits') === 0; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    await assert.rejects(one.rerunFailed(project.change), isHumanError, 'it still runs');
    child.kill('SIGKILL');
    await gone;
    const next = await one.read(project.change);
    assert.equal(next.outcome, 'waiting');
    assert.equal(next.checks[0]?.attempt, 2);
    writeFileSync(outside('go'), '');
    assert.deepEqual(states(await end(one)), [['waits', 'successful', 2]]);
    assert.equal(runs('waits'), 2);
  });

  it('call a job that takes too long, one that cannot start, and packages that cannot be installed by their names', async () => {
    project.commit({ 'a.js': '1' }, { 'a.js': '2' });
    const jobs = [
      { name: 'slow', command: node(waitFor('never')), timeoutSeconds: 1 },
      { name: 'absent', command: ['patchline-no-such-program'] },
    ];
    const report = await end(ci({ jobs }));
    assert.deepEqual(states(report).map(([, state]) => state)[0], 'timed-out');
    assert.match(report.checks[0]?.summary ?? '', /after 1 seconds/);
    assert.notEqual(report.checks[1]?.state, 'successful');
    project.commit({ 'package.json': '{"dependencies":{"x":"1.0.0"},"scripts":{"test":"node --test"}}' }, { 'a.js': '3' });
    const broken = await end(ci());
    assert.deepEqual([broken.outcome, states(broken)], ['error', [['test', 'cancelled', 1]]]);
    assert.match(broken.checks[0]?.summary ?? '', /Could not be run: There is no npm lock file/);
  });

  it('are none where the project has none: an error, never green', async () => {
    project.commit({ 'package.json': manifest({ test: 'echo "Error: no test specified" && exit 1' }) }, { 'a.js': '2' });
    const report = await ci().read(project.change);
    assert.deepEqual([report.outcome, report.checks], ['error', []]);
    assert.deepEqual(await ci().testDocuments(project.change, 'head'), []);
  });

  it('wait for a required check that nobody runs, and run nothing in Restricted Mode', async () => {
    project.commit({ 'a.js': '1' }, { 'a.js': '2' });
    const jobs = [{ name: 'good', command: node('') }];
    await assert.rejects(ci({ jobs, mayRun: () => false }).read(project.change), isHumanError);
    assert.ok(!existsSync(join(project.dataFolder, 'checks', project.change.headCommit)));
    const one = ci({ jobs, required: ['good', 'other'] });
    const report = await readUntil(one, project.change, ({ checks }) => checks[0]?.state === 'successful');
    assert.deepEqual([report.outcome, report.missing], ['waiting', ['other']]);
  });

  it('run the base once for all, and only what leaves documents', async () => {
    project.commit({ 'a.js': '1', 'old.xml': '<stale/>' }, { 'a.js': '2' });
    const xml = '<testsuites><testcase name="x"/></testsuites>';
    const jobs = [
      { name: 'lint', command: node(append('lint')) },
      { name: 'test', command: node(`${append('test')} require('fs').writeFileSync('new.xml', '${xml}')`), junit: ['*.xml'] },
    ];
    const [one, two] = [ci({ jobs }), ci({ jobs })];
    const [a, b] = await Promise.all([one.testDocuments(project.change, 'base'), two.testDocuments(project.change, 'base')]);
    assert.deepEqual(a, [{ name: 'test/new.xml', text: xml, attempt: 1 }], 'and not the file that was committed once');
    assert.deepEqual(b, a);
    assert.deepEqual([runs('lint'), runs('test')], [0, 1]);
    const next = { ...project.change, headCommit: project.repo.commitAll('next') };
    assert.deepEqual(await ci({ jobs }).testDocuments(next, 'base'), a);
    assert.equal(runs('test'), 1);
  });

  it('are of commits, named by their ids and nothing else', async () => {
    project.commit({ 'a.js': '1' }, { 'a.js': '2' });
    for (const headCommit of ['HEAD', '--help', '../x', '']) {
      await assert.rejects(ci().read({ ...project.change, headCommit }), isHumanError, headCommit);
    }
  });

  it('do not read a document that is a link to elsewhere', async () => {
    project.commit({ 'a.js': '1' }, { 'a.js': '2' });
    writeFileSync(outside('secret'), 'secret');
    const jobs = [
      {
        name: 'test',
        command: node(`require('fs').symlinkSync(${JSON.stringify(outside('secret'))}, 'x.xml')`),
        junit: ['*.xml'],
      },
    ];
    const one = ci({ jobs });
    await end(one);
    assert.doesNotMatch(JSON.stringify(await one.testDocuments(project.change, 'head')), /secret/);
  });

  it('ask mocha for a report beside what it prints', async () => {
    const test = "describe('suite', () => { it('passes', () => {}); it('fails', () => { throw new Error('no'); }); });\n";
    project.commit(
      {
        'package.json': manifest({ test: 'node node_modules/mocha/bin/mocha.js test' }),
        'test/a.test.js': test,
        '.gitignore': 'x',
      },
      { x: '2' },
    );
    // The tree has no packages of its own: mocha comes as a part of the repository.
    symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(project.repo.root, 'node_modules'));
    project.change = { ...project.change, baseCommit: project.repo.commitAll(), headCommit: project.repo.commitAll() };
    const one = ci();
    const report = await end(one);
    assert.deepEqual(states(report), [['test', 'failed', 1]]);
    assert.match((await one.log(project.change, '1-test')) ?? '', /1 passing/);
    const [document] = await one.testDocuments(project.change, 'head');
    assert.deepEqual(
      parseJunit(document?.text ?? '', 'x').map(({ suite, name, status, file }) => [suite, name, status, file]),
      [
        ['suite', 'passes', 'passed', 'test/a.test.js'],
        ['suite', 'fails', 'failed', 'test/a.test.js'],
      ],
    );
  });

  describe('which lines are run', () => {
    const names = [
      "'use strict';",
      'function greet(name) {',
      "  if (name === '') {",
      "    return 'nobody';",
      '  }',
      '  return `hello ${name}`;',
      '}',
      'function never() {',
      '  return 1;',
      '}',
      'module.exports = { greet, never };',
      '',
    ].join('\n');
    const before = names.replace("'nobody'", "'no'").replace('return 1', 'return 2').replace('hello', 'hi');
    const changes = [{ path: 'src/names.js', before, after: names }];
    const call = "  it('greets', () => assert.equal(require('../src/names.js').greet('Ada'), 'hello Ada'));";
    const head = { 'src/names.js': names, 'test/a.test.js': nodeTest(call) };
    const lines = async (): Promise<ChangedLines> => {
      const one = ci();
      await end(one);
      return changedLines(changes, await one.coverage?.(project.change));
    };

    it('is measured by Node itself, in the processes that the tests start too', async () => {
      const child = `  it('greets nobody', () => require('child_process').execFileSync(process.execPath, ['-e', "require('./src/names.js').greet('')"]));`;
      project.commit({ 'package.json': manifest({ test: 'node --test test/' }), 'src/names.js': before }, head);
      assert.deepEqual(await lines(), {
        covered: 1,
        measured: 3,
        files: [{ path: 'src/names.js', ran: [6], notRun: [4, 9] }],
        notMeasured: [],
      });
      project.commit({ 'src/names.js': before }, { ...head, 'test/b.test.js': nodeTest(child) });
      assert.deepEqual((await lines()).files, [{ path: 'src/names.js', ran: [4, 6], notRun: [9] }]);
    });

    it('is none of what no test loads, and not said of what runs in another form', async () => {
      project.commit(
        { 'package.json': manifest({ test: 'node --test test/' }), 'src/names.js': before },
        { ...head, 'test/a.test.js': nodeTest(good) },
      );
      assert.deepEqual((await lines()).files, [{ path: 'src/names.js', ran: [], notRun: [4, 6, 9] }]);
      const build = "require('fs').mkdirSync('dist'); require('fs').copyFileSync('src/names.js', 'dist/names.js')";
      const built = { build: `node -e "${build}"`, test: 'node --test test/' };
      project.commit(
        { 'package.json': manifest(built), 'src/names.js': before },
        { ...head, 'test/a.test.js': nodeTest(call.replace('src', 'dist')) },
      );
      const { measured, notMeasured } = await lines();
      assert.deepEqual([measured, notMeasured.map(({ path }) => path)], [0, ['src/names.js']]);
    });

    it('is left to a command that measures by itself', async () => {
      const test = 'node --test --experimental-test-coverage test/';
      project.commit({ 'package.json': manifest({ test }), 'src/names.js': before }, head);
      const one = ci();
      await end(one);
      assert.equal(await one.coverage?.(project.change), undefined);
      assert.match((await one.log(project.change, '1-test')) ?? '', /not measured: the command measures coverage itself/);
    });
  });
});
