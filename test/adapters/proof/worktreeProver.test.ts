import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Proof, ProofCheckId } from '../../../src/core/model/proof';
import { GreeterProof, attack, cured, own, weak } from '../../support/greeterProof';
import type { GreeterCase } from '../../support/greeterProof';

describe('worktree prover: the checks', function () {
  this.timeout(120_000);
  let greeter: GreeterProof;
  const prove = (given?: GreeterCase): Promise<Proof> => greeter.prove(given);
  const check = (proof: Proof, id: ProofCheckId) => greeter.check(proof, id);

  beforeEach(() => {
    greeter = new GreeterProof();
  });
  afterEach(() => greeter.dispose());

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
    greeter.repo.write('scan.cjs', scan);
    greeter.repo.commitAll();
    const before = greeter.repo.snapshot();
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
    assert.equal(proof.base, greeter.repo.git('rev-parse', 'HEAD'));
    assert.match(check(proof, 'suite').detail, /All 2 tests that passed without the fix pass with it/);
    assert.match(check(proof, 'gone').detail, /ESLint 1\.0 no longer reports the finding, and nothing new/);
    assert.ok(messages.some((message) => /fails without the fix/.test(message)));
    assert.deepEqual(greeter.repo.snapshot(), before);
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

  describe('in a package below the workspace root, with packages of its own', () => {
    const folder = 'services/greet';
    const path = `${folder}/src/greet.js`;
    const needs = (after: string): string => `require('left');\n${after}`;
    const installed = { 'node_modules/left': { version: '1.0.0' } };
    const put = (at: string, value: object): void => greeter.repo.write(at, `${JSON.stringify(value)}\n`);
    const inPackage: GreeterCase = {
      finding: { ruleId: 'markup', locations: [{ path, startLine: 3 }] },
      changes: [{ path, before: needs(weak), after: needs(cured) }],
      test: { folder, path: `${folder}/test/greet.markup.test.js` },
      policy: {},
    };

    /** `lockAt`: the folder with the lock file and with what is installed by it. */
    function putPackage(lockAt: string, root: object, locked: object): void {
      greeter.repo.write('.gitignore', 'node_modules\n');
      greeter.repo.write('test/root.test.js', "require('node:test')('the whole', () => undefined);\n");
      put('package.json', root);
      put(`${folder}/package.json`, { scripts: { test: 'node --test' }, dependencies: { left: '1.0.0' } });
      put(join(lockAt, 'package-lock.json'), { lockfileVersion: 3, packages: locked });
      greeter.repo.write(path, needs(weak));
      greeter.repo.write(`${folder}/test/greet.test.js`, own);
      greeter.repo.commitAll();
      put(join(lockAt, 'node_modules/.package-lock.json'), { lockfileVersion: 3, packages: installed });
      greeter.repo.write(join(lockAt, 'node_modules/left/index.js'), '');
    }

    function assertProved(proof: Proof): void {
      for (const id of ['red', 'green', 'repeat', 'suite'] as const) {
        assert.equal(check(proof, id).outcome, 'successful', check(proof, id).detail);
      }
      assert.match(check(proof, 'suite').detail, /^In services\/greet: All 2 tests/);
      assert.match(check(proof, 'red').text, /^folder: services\/greet$/m);
    }

    it('by its own lock, also where the root’s packages cannot be put in place, which is told', async () => {
      putPackage(folder, { dependencies: { gone: '1.0.0' } }, { '': {}, ...installed });
      const proof = await prove(inPackage);
      assertProved(proof);
      assert.match(check(proof, 'red').text, /without the packages of the workspace root: .*no npm lock file/);
      // What runs at the root needs the root's packages.
      const atRoot = await prove({ ...inPackage, policy: { test: { suite: ['node', '--version'] } } });
      assert.equal(check(atRoot, 'suite').outcome, 'error', check(atRoot, 'suite').detail);
      assert.equal(check(atRoot, 'green').outcome, 'successful');
    });

    it('by the lock at the root whose workspace member it is', async () => {
      putPackage('', { workspaces: ['services/*'] }, { '': { workspaces: ['services/*'] }, [folder]: {}, ...installed });
      assertProved(await prove(inPackage));
    });

    it('by the tests of the root beside its own, where it has some', async () => {
      putPackage(folder, { scripts: { test: 'node --test test/' } }, { '': {}, ...installed });
      const proof = await prove(inPackage);
      assertProved(proof);
      assert.match(check(proof, 'suite').detail, /^In services\/greet: All 2 tests .* All 3 tests /);
    });

    it('not where its own packages cannot be put in place', async () => {
      putPackage(folder, {}, { '': {}, ...installed, 'node_modules/right': { version: '1.0.0' } });
      const proof = await prove({ ...inPackage, options: { npm: () => undefined } });
      for (const id of ['red', 'green', 'suite'] as const) {
        assert.deepEqual([id, check(proof, id).outcome], [id, 'error']);
        assert.match(check(proof, id).detail, /npm was not found/);
      }
    });
  });

  it('without a rescan and without a rule nothing can say that the finding is gone', async () => {
    const proof = await prove();
    assert.equal(check(proof, 'gone').outcome, 'inconclusive');
    assert.equal(proof.outcome, 'inconclusive');
  });

  it('a workspace member’s package is gone by the lock at the root', async () => {
    greeter.repo.write('package-lock.json', lockWith('1.0.0'));
    greeter.repo.write('packages/a/package.json', '{ "name": "a", "dependencies": { "left": "^1.0.0" } }\n');
    greeter.repo.commitAll();
    const finding = {
      package: {
        purl: 'pkg:npm/left@1.0.0',
        ecosystem: 'npm',
        name: 'left',
        manifest: 'packages/a/package.json',
        fixedVersions: [],
        vulnerableRange: '<1.0.1',
      },
    };
    for (const [version, outcome] of [
      ['1.0.1', 'successful'],
      ['1.0.0+x', 'failed'],
    ] as const) {
      const changes = [{ path: 'package-lock.json', before: lockWith('1.0.0'), after: lockWith(version) }];
      const proof = await prove({ finding, changes, options: { repeat: 0 } });
      assert.equal(check(proof, 'gone').outcome, outcome, check(proof, 'gone').detail);
    }
  });

  const lockWith = (version: string): string =>
    JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { workspaces: ['packages/*'] },
        'packages/a': { name: 'a', dependencies: { left: '^1.0.0' } },
        'node_modules/left': { version },
      },
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
    greeter.repo.write('scan.cjs', scan);
    greeter.repo.commitAll();
    const proof = await prove({ after: `${cured}exports.run = eval;\n`, policy: { rescan: scanner } });
    assert.equal(check(proof, 'gone').outcome, 'failed');
    assert.match(check(proof, 'gone').detail, /something new with the fix: eval in src\/greet\.js/);
  });

  it('a scanner that cannot be run is an error, not green', async () => {
    const proof = await prove({ policy: { rescan: { ESLint: { command: ['node', 'missing.cjs'], format: 'sarif' } } } });
    assert.equal(check(proof, 'gone').outcome, 'error');
    assert.equal(proof.outcome, 'error');
  });
});
