import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canIsolate } from '../../../src/adapters/clients/sandbox';
import type { Proof, ProofCheckId } from '../../../src/core/model/proof';
import { GreeterProof, attack, cured, weak } from '../../support/greeterProof';
import type { GreeterCase } from '../../support/greeterProof';

describe('worktree prover: what it runs in', function () {
  this.timeout(120_000);
  let greeter: GreeterProof;
  const prove = (given?: GreeterCase): Promise<Proof> => greeter.prove(given);
  const check = (proof: Proof, id: ProofCheckId) => greeter.check(proof, id);

  beforeEach(() => {
    greeter = new GreeterProof();
  });
  afterEach(() => greeter.dispose());

  it('packages that cannot be installed are an error of every check that runs something', async () => {
    greeter.repo.write('package.json', '{ "name": "greeter", "dependencies": { "left": "1.0.0" } }\n');
    greeter.repo.write(
      'package-lock.json',
      JSON.stringify({ lockfileVersion: 3, packages: { '': {}, 'node_modules/left': { version: '1.0.0' } } }),
    );
    greeter.repo.commitAll();
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
    greeter.repo.write('.gitignore', 'node_modules/\n');
    greeter.repo.write('package.json', '{ "name": "greeter", "dependencies": { "left": "1.0.0" } }\n');
    const packages = { 'node_modules/left': { version: '1.0.0', integrity: 'sha512-a' } };
    greeter.repo.write('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } }));
    greeter.repo.write('src/greet.js', `require('left');\n${weak}`);
    greeter.repo.commitAll();
    greeter.repo.write('node_modules/left/index.js', '');
    const changes = [{ path: 'src/greet.js', before: `require('left');\n${weak}`, after: `require('left');\n${cured}` }];
    const options = { npm: () => undefined };
    greeter.repo.write('node_modules/.package-lock.json', JSON.stringify({ packages }));
    assert.equal(check(await prove({ changes, options }), 'green').outcome, 'successful');
    greeter.repo.write(
      'node_modules/.package-lock.json',
      JSON.stringify({ packages: { 'node_modules/left': { version: '1.0.1', integrity: 'sha512-b' } } }),
    );
    assert.equal(check(await prove({ changes, options }), 'green').outcome, 'error');
  });

  it('refuses a patch for a text that is not committed', async () => {
    greeter.repo.write('src/greet.js', `// by hand\n${weak}`);
    const changes = [{ path: 'src/greet.js', before: `// by hand\n${weak}`, after: `// by hand\n${cured}` }];
    await assert.rejects(prove({ changes }), { name: 'HumanError', message: /src\/greet\.js differs from the last commit/ });
  });

  it('says which uncommitted changes are not part of the proof', async () => {
    greeter.repo.write('src/greet.js', `${weak}// by hand\n`);
    const proof = await prove();
    assert.match(check(proof, 'clean').detail, /Uncommitted changes of src\/greet\.js are not part of the proof/);
  });

  it('works for a workspace below the repository’s root', async () => {
    for (const path of ['package.json', 'src/greet.js', 'test/greet.test.js'])
      greeter.repo.write(`services/hello/${path}`, greeter.repo.read(path));
    greeter.repo.commitAll();
    const proof = await prove({ folder: 'services/hello' });
    assert.equal(check(proof, 'repeat').outcome, 'successful', JSON.stringify(proof.checks));
    assert.equal(check(proof, 'suite').outcome, 'successful');
  });

  it('runs nothing in Restricted Mode, and nothing without a commit', async () => {
    await assert.rejects(prove({ options: { mayRun: () => false } }), { name: 'HumanError', message: /not trusted/ });
    const empty = mkdtempSync(join(tmpdir(), 'patchline-empty-'));
    execFileSync('git', ['init', '--quiet', empty]);
    try {
      await assert.rejects(greeter.prove({}, empty), { name: 'HumanError', message: /has none yet/ });
    } finally {
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
    greeter.repo.git('worktree', 'add', '--detach', '--quiet', join(left, 'base'), 'HEAD');
    writeFileSync(join(left, 'base', 'stray'), '');
    await prove();
    assert.equal(existsSync(left), false);
  });
});
