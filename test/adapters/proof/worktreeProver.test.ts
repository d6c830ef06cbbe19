import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { treeSitter } from '../../../src/adapters/clients/treeSitter';
import { canIsolate } from '../../../src/adapters/proof/sandbox';
import { createWorktreeProver } from '../../../src/adapters/proof/worktreeProver';
import type { ProverOptions } from '../../../src/adapters/proof/worktreeProver';
import { nodeWorkspace } from '../../../src/adapters/workspace/nodeWorkspace';
import type { FileChange, Patch } from '../../../src/core/model/patch';
import type { Policy } from '../../../src/core/model/policy';
import type { Proof, ProofCheckId } from '../../../src/core/model/proof';
import type { RegressionTest } from '../../../src/core/model/regressionTest';
import { makeFinding } from '../../support/findings';
import { TestRepo } from '../../support/gitRepo';
import { memoryEvidence } from '../../support/memoryEvidence';
import { plainSarif } from '../../support/plainSarif';

const weak = 'exports.double = (n) => n + n;\nexports.greet = (name) => `<b>${name}</b>`;\n';
const cured = weak.replace('${name}', "${String(name).replace(/</g, '&lt;')}");
const expected = 'Patchline: markup:';

const attack = `const assert = require('node:assert/strict');
const { it } = require('node:test');
const { greet } = require('../src/greet');
it('keeps markup out', () => assert.ok(!greet('<i>').includes('<i>'), 'Patchline: markup: it came through'));
it('greets', () => assert.equal(greet('ada'), '<b>ada</b>'));
`;

const own = `const assert = require('node:assert/strict');
const { it } = require('node:test');
const { double, greet } = require('../src/greet');
it('doubles', () => assert.equal(double(2), 4));
it('is bold', () => assert.match(greet('x'), /^<b>/));
`;

describe('worktree prover', function () {
  this.timeout(120_000);
  let repo: TestRepo;
  const evidence = memoryEvidence();

  beforeEach(() => {
    repo = new TestRepo();
    repo.write('package.json', '{ "name": "greeter", "scripts": { "test": "node --test" } }\n');
    repo.write('src/greet.js', weak);
    repo.write('test/greet.test.js', own);
    repo.commitAll();
  });

  afterEach(() => {
    assert.equal(repo.git('worktree', 'list').split('\n').length, 1, 'no work tree is left');
    assert.deepEqual(leftovers(), []);
    repo.dispose();
  });

  const leftovers = (): readonly string[] =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`patchline-proof-${process.pid}-`));

  interface Case {
    readonly after?: string;
    readonly changes?: readonly FileChange[];
    readonly test?: Partial<RegressionTest>;
    readonly policy?: Policy;
    readonly options?: Partial<ProverOptions>;
    readonly folder?: string;
    readonly signal?: AbortSignal;
    readonly onProgress?: (message: string) => void;
  }

  async function prove(given: Case = {}): Promise<Proof> {
    const prover = createWorktreeProver({
      evidence,
      clock: { now: () => Date.now() },
      parser: treeSitter,
      readers: [plainSarif],
      npm: () => ['npm'],
      cache: join(repo.root, '.git', 'cache'),
      repeat: 1,
      timeoutSeconds: 60,
      mayRun: () => true,
      ...given.options,
    });
    const finding = makeFinding({ ruleId: 'markup', locations: [{ path: 'src/greet.js', startLine: 2 }], witnesses: [] });
    const patch: Patch = {
      findingId: finding.id,
      fixer: 'by-hand',
      trust: 'person',
      title: 'Escapes',
      reason: 'Because.',
      changes: given.changes ?? [{ path: 'src/greet.js', before: weak, after: given.after ?? cured }],
      notes: [],
    };
    const test: RegressionTest = {
      findingId: finding.id,
      framework: 'node-test',
      path: 'test/greet.markup.test.js',
      text: attack,
      command: ['node', '--test', 'test/greet.markup.test.js'],
      strength: 'behaviour',
      expectedFailure: expected,
      claim: 'Markup stays out.',
      ...given.test,
    };
    return prover.prove(finding, patch, test, {
      workspace: nodeWorkspace(join(repo.root, given.folder ?? '')),
      findings: [],
      policy: given.policy ?? { test: { suite: ['node', '--test', 'test/'] } },
      ...(given.signal === undefined ? {} : { signal: given.signal }),
      ...(given.onProgress === undefined ? {} : { onProgress: given.onProgress }),
    });
  }

  function check(proof: Proof, id: ProofCheckId): { readonly outcome: string; readonly detail: string; readonly text: string } {
    const found = proof.checks.find((one) => one.id === id);
    assert.ok(found, `no check ${id}`);
    return {
      outcome: found.outcome,
      detail: found.detail,
      text: evidence.texts.get(found.evidence[0]?.digest.sha256 ?? '') ?? '',
    };
  }

  /** A scanner of our own: reports each `${name}` that stands bare in a template. */
  const scanner = {
    ESLint: { command: ['node', 'scan.cjs'], format: 'sarif' },
  };
  const scan = `const text = require('node:fs').readFileSync('src/greet.js', 'utf8');
const place = { physicalLocation: { artifactLocation: { uri: 'src/greet.js' }, region: { startLine: 2 } } };
const results = [...text.matchAll(/\\$\\{name\\}/g)].map(() => ({ ruleId: 'markup', message: { text: 'bare' }, locations: [place] }));
for (const _ of text.matchAll(/eval/g)) results.push({ ruleId: 'eval', message: { text: 'eval' }, locations: [place] });
console.log(JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'ESLint', version: '1.0' } }, results }] }));
`;

  it('red, green, again, suite not worse, gone', async () => {
    repo.write('scan.cjs', scan);
    repo.commitAll();
    const before = repo.snapshot();
    const messages: string[] = [];
    const proof = await prove({
      policy: { test: { suite: ['node', '--test', 'test/'] }, rescan: scanner },
      onProgress: (message) => messages.push(message),
    });
    assert.deepEqual(
      proof.checks.map(({ id, outcome }) => [id, outcome]),
      (['clean', 'parse', 'red', 'green', 'repeat', 'suite', 'gone'] as const).map((id) => [id, 'successful']),
      JSON.stringify(proof.checks, null, 1),
    );
    assert.equal(proof.outcome, 'successful');
    assert.equal(proof.base, repo.git('rev-parse', 'HEAD'));
    assert.match(check(proof, 'suite').detail, /All 2 tests that passed without the fix pass with it/);
    assert.match(check(proof, 'gone').detail, /ESLint 1\.0 no longer reports the finding, and nothing new/);
    assert.ok(messages.some((message) => /fails without the fix/.test(message)));
    assert.deepEqual(repo.snapshot(), before);
    assert.match(
      check(proof, 'red').text,
      /without the fix: node --test test\/greet\.markup\.test\.js\ncommit: [0-9a-f]{40}\nexit code: 1/,
    );
  });

  it('by the test script of package.json where the policy names no suite', async () => {
    const proof = await prove({ policy: {} });
    assert.equal(check(proof, 'suite').outcome, 'successful', check(proof, 'suite').detail);
    assert.match(check(proof, 'suite').text, /npm test/);
  });

  it('without a rescan and without a rule nothing can say that the finding is gone', async () => {
    const proof = await prove();
    assert.equal(check(proof, 'gone').outcome, 'inconclusive');
    assert.equal(proof.outcome, 'inconclusive');
  });

  it('a test that fails for an import error is no red', async () => {
    const proof = await prove({ test: { text: attack.replace('../src/greet', '../src/great') } });
    assert.equal(check(proof, 'red').outcome, 'error');
    assert.match(check(proof, 'red').detail, /Cannot find module/);
    assert.equal(proof.outcome, 'error');
  });

  it('a test that fails for another reason is no red, even where its source shows the message', async () => {
    const text = attack.replace(
      "it('keeps",
      "it('breaks first', () => { throw new TypeError('of its own making'); });\nit.skip('keeps",
    );
    const proof = await prove({ test: { text } });
    assert.equal(check(proof, 'red').outcome, 'failed');
    assert.match(check(proof, 'red').detail, /not for the stated reason[\s\S]*of its own making/);
  });

  it('a test that passes without the fix shows nothing', async () => {
    const proof = await prove({ test: { text: attack.replace("!greet('<i>')", "!greet('i')") } });
    assert.equal(check(proof, 'red').outcome, 'failed');
    assert.equal(proof.outcome, 'failed');
  });

  it('a fix that cures nothing is not green', async () => {
    const proof = await prove({ after: weak.replace('name}', 'name }') });
    assert.equal(check(proof, 'red').outcome, 'successful');
    assert.equal(check(proof, 'green').outcome, 'failed');
  });

  it('a pending test is never green', async () => {
    const text = attack
      .replace("it('keeps markup out', ()", "it('keeps markup out', { todo: true }, ()")
      .replace("it('greets'", "it.skip('greets'");
    const proof = await prove({ test: { text, strength: 'skeleton' } });
    assert.equal(check(proof, 'red').outcome, 'inconclusive');
    assert.equal(check(proof, 'green').outcome, 'inconclusive');
    assert.equal(proof.weaker, true);
    assert.notEqual(proof.outcome, 'successful');
  });

  it('a flaky test is inconclusive', async () => {
    const text = `${attack}
const fs = require('node:fs');
it('holds every second time', () => {
  const file = '.count';
  const count = fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : 0;
  fs.writeFileSync(file, String(count + 1));
  assert.equal(count % 2, 0, 'every second run');
});
`;
    const proof = await prove({ test: { text } });
    assert.equal(check(proof, 'green').outcome, 'successful');
    assert.equal(check(proof, 'repeat').outcome, 'inconclusive', check(proof, 'repeat').detail);
    assert.match(check(proof, 'repeat').detail, /does not always say the same/);
  });

  it('a suite that gets worse fails, test by test', async () => {
    const proof = await prove({ after: cured.replace('n + n', 'n + n + 1') });
    assert.equal(check(proof, 'green').outcome, 'successful');
    assert.equal(check(proof, 'suite').outcome, 'failed');
    assert.match(check(proof, 'suite').detail, /“doubles” passed and now fails/);
  });

  it('a patch that touches a test is refused and never run', async () => {
    const changes = [
      { path: 'src/greet.js', before: weak, after: cured },
      { path: 'test/greet.test.js', before: own, after: own.replace("it('doubles'", "it.skip('doubles'") },
    ];
    const proof = await prove({ changes });
    assert.deepEqual(
      proof.checks.map((one) => one.id),
      ['clean'],
    );
    assert.equal(proof.outcome, 'failed');
    assert.match(check(proof, 'clean').detail, /test\/greet\.test\.js is a test/);
  });

  it('a patch that no longer parses is not run', async () => {
    const proof = await prove({ after: weak.replace('(n) =>', '(n =>') });
    assert.deepEqual(
      proof.checks.map((one) => [one.id, one.outcome]),
      [
        ['clean', 'successful'],
        ['parse', 'failed'],
      ],
    );
  });

  it('what the scanner finds anew blocks', async () => {
    repo.write('scan.cjs', scan);
    repo.commitAll();
    const proof = await prove({ after: `${cured}exports.run = eval;\n`, policy: { rescan: scanner } });
    assert.equal(check(proof, 'gone').outcome, 'failed');
    assert.match(check(proof, 'gone').detail, /something new with the fix: eval in src\/greet\.js/);
  });

  it('a scanner that cannot be run is an error, not green', async () => {
    const proof = await prove({ policy: { rescan: { ESLint: { command: ['node', 'missing.cjs'], format: 'sarif' } } } });
    assert.equal(check(proof, 'gone').outcome, 'error');
    assert.equal(proof.outcome, 'error');
  });

  it('packages that cannot be installed are an error of every check that runs something', async () => {
    repo.write('package.json', '{ "name": "greeter", "dependencies": { "left": "1.0.0" } }\n');
    repo.write(
      'package-lock.json',
      JSON.stringify({ lockfileVersion: 3, packages: { '': {}, 'node_modules/left': { version: '1.0.0' } } }),
    );
    repo.commitAll();
    const proof = await prove({
      options: { npm: () => ['node', '-e', 'console.error("npm error network ENOTFOUND"); process.exit(1)', '--'] },
    });
    assert.deepEqual(
      proof.checks.map(({ id, outcome }) => [id, outcome]),
      [
        ['clean', 'successful'],
        ['parse', 'successful'],
        ...(['red', 'green', 'repeat', 'suite', 'gone'] as const).map((id) => [id, 'error']),
      ],
    );
    assert.match(check(proof, 'green').detail, /Could not check: .*ENOTFOUND/);
  });

  it('shares node_modules that hold what the lock file names, and no others', async () => {
    repo.write('.gitignore', 'node_modules/\n');
    repo.write('package.json', '{ "name": "greeter", "dependencies": { "left": "1.0.0" } }\n');
    const packages = { 'node_modules/left': { version: '1.0.0', integrity: 'sha512-a' } };
    repo.write('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } }));
    repo.write('src/greet.js', `require('left');\n${weak}`);
    repo.commitAll();
    repo.write('node_modules/left/index.js', '');
    const changes = [{ path: 'src/greet.js', before: `require('left');\n${weak}`, after: `require('left');\n${cured}` }];
    const options = { npm: () => undefined };
    repo.write('node_modules/.package-lock.json', JSON.stringify({ packages }));
    assert.equal(check(await prove({ changes, options }), 'green').outcome, 'successful');
    repo.write(
      'node_modules/.package-lock.json',
      JSON.stringify({ packages: { 'node_modules/left': { version: '1.0.1', integrity: 'sha512-b' } } }),
    );
    assert.equal(check(await prove({ changes, options }), 'green').outcome, 'error');
  });

  it('refuses a patch for a text that is not committed', async () => {
    repo.write('src/greet.js', `// by hand\n${weak}`);
    const changes = [{ path: 'src/greet.js', before: `// by hand\n${weak}`, after: `// by hand\n${cured}` }];
    await assert.rejects(prove({ changes }), { name: 'HumanError', message: /src\/greet\.js differs from the last commit/ });
  });

  it('says which uncommitted changes are not part of the proof', async () => {
    repo.write('src/greet.js', `${weak}// by hand\n`);
    const proof = await prove();
    assert.match(check(proof, 'clean').detail, /Uncommitted changes of src\/greet\.js are not part of the proof/);
  });

  it('works for a workspace below the repository’s root', async () => {
    for (const path of ['package.json', 'src/greet.js', 'test/greet.test.js'])
      repo.write(`services/hello/${path}`, repo.read(path));
    repo.commitAll();
    const proof = await prove({ folder: 'services/hello' });
    assert.equal(check(proof, 'repeat').outcome, 'successful', JSON.stringify(proof.checks));
    assert.equal(check(proof, 'suite').outcome, 'successful');
  });

  it('runs nothing in Restricted Mode, and nothing without a commit', async () => {
    await assert.rejects(prove({ options: { mayRun: () => false } }), { name: 'HumanError', message: /not trusted/ });
    const empty = mkdtempSync(join(tmpdir(), 'patchline-empty-'));
    execFileSync('git', ['init', '--quiet', empty]);
    const root = repo.root;
    try {
      Object.defineProperty(repo, 'root', { value: empty, configurable: true });
      await assert.rejects(prove(), { name: 'HumanError', message: /has none yet/ });
    } finally {
      Object.defineProperty(repo, 'root', { value: root, configurable: true });
      rmSync(empty, { recursive: true, force: true });
    }
  });

  it('gives programs no secrets, and no network where the system can switch it off', async () => {
    process.env['PATCHLINE_TEST_TOKEN'] = 'hunter2';
    const text = `${attack}
const net = require('node:net');
it('tells', async () => {
  console.log('secret: ' + (process.env.PATCHLINE_TEST_TOKEN ?? 'none'));
  const error = await new Promise((resolve) => net.connect(53, '192.0.2.1').once('error', resolve).setTimeout(3000, () => resolve({ code: 'waited' })));
  console.log('network: ' + error.code);
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await new Promise((resolve, reject) => net.connect(server.address().port, '127.0.0.1').once('connect', function () { this.destroy(); resolve(); }).once('error', reject));
  server.close();
});
`;
    try {
      const proof = await prove({ test: { text } });
      const green = check(proof, 'green');
      assert.equal(green.outcome, 'successful', green.text);
      assert.match(green.text, /secret: none/);
      if (await canIsolate()) assert.match(green.text, /network: ENETUNREACH/);
      else assert.match(green.detail, /network could not be switched off/);
    } finally {
      delete process.env['PATCHLINE_TEST_TOKEN'];
    }
  });

  it('ends a test that does not end, and calls it an error', async () => {
    const text = `${attack}\nit('waits', () => new Promise(() => setInterval(() => {}, 1000)));\n`;
    const proof = await prove({ test: { text }, options: { timeoutSeconds: 3 } });
    assert.equal(check(proof, 'red').outcome, 'error');
    assert.match(check(proof, 'red').detail, /did not end in time/);
  });

  it('cancelling leaves no work tree and no process', async () => {
    const mark = join(mkdtempSync(join(tmpdir(), 'patchline-mark-')), 'pid');
    const text = `require('node:fs').writeFileSync(${JSON.stringify(mark)}, String(process.pid));\nsetInterval(() => {}, 1000);\n`;
    const abort = new AbortController();
    const running = prove({ test: { text, command: ['node', 'test/greet.markup.test.js'] }, signal: abort.signal });
    const gone = assert.rejects(running, { name: 'CancelledError' });
    while (!existsSync(mark)) await new Promise((resolve) => setTimeout(resolve, 50));
    const pid = Number(readFileSync(mark, 'utf8'));
    abort.abort();
    await gone;
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, 'the test’s process is gone');
    rmSync(join(mark, '..'), { recursive: true, force: true });
  });

  it('removes what a killed process left behind', async () => {
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    const left = join(tmpdir(), `patchline-proof-${dead.pid}-abcdef`);
    mkdirSync(left);
    repo.git('worktree', 'add', '--detach', '--quiet', join(left, 'base'), 'HEAD');
    writeFileSync(join(left, 'base', 'stray'), '');
    await prove();
    assert.equal(existsSync(left), false);
  });
});
