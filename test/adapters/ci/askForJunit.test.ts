import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askForJunit } from '../../../src/adapters/ci/askForJunit';
import { parseJunit } from '../../../src/core/testReports/parseJunit';

const ask = (test: string, scripts: Readonly<Record<string, string>> = {}, packages: readonly string[] = []) =>
  askForJunit(['npm', 'test'], {
    scripts: { test, ...scripts },
    folder: '/made-up/junit',
    hasPackage: (name) => packages.includes(name),
  });

describe('asking a framework for JUnit XML', () => {
  const asked: readonly (readonly [script: string, framework: string, how: RegExp])[] = [
    ['node --test', 'node:test', /--test-reporter=file:\S+ --test-reporter-destination=stdout --test-reporter=spec/],
    ['node --import tsx --test test/*.ts && node --test other', 'node:test', /--test-reporter=spec/],
    ['npm run unit', 'node:test', /--test-reporter=spec/],
    ['node --test --test-reporter=tap', 'node:test', /destination=stdout --test-reporter-destination=stdout"/],
    ['node --test --test-reporter tap --test-reporter-destination=stderr', 'node:test', /destination=stdout"/],
    ['mocha test', 'mocha', /"--reporter","[^"]*mochaReporter\.cjs"/],
    ['tsc && npx mocha', 'mocha', /--reporter/],
    ['vitest run', 'vitest', /--outputFile\.junit=/],
    ['jest --coverage', 'jest', /--reporters=jest-junit/],
  ];
  for (const [script, framework, how] of asked) {
    it(`${script}: ${framework}`, () => {
      const answer = ask(script, { unit: 'node --test' }, ['jest-junit']);
      assert.ok('framework' in answer, JSON.stringify(answer));
      assert.equal(answer.framework, framework);
      assert.match(JSON.stringify([answer.args, answer.env]), how);
    });
  }

  const refused: readonly (readonly [script: string, because: RegExp])[] = [
    ['NODE_OPTIONS=--no-warnings node --test', /NODE_OPTIONS/],
    ['node --test --test-reporter=tap a && node --test b', /several ways/],
    ['node --test --test-reporter=tap --test-reporter=spec', /several ways/],
    ['mocha --reporter dot', /reporter of mocha itself/],
    ['mocha a && mocha b', /none that can be asked/],
    ['mocha && eslint .', /none that can be asked/],
    ['jest', /jest-junit/],
    ['node test/run.mjs', /none that can be asked/],
    ['tap', /none that can be asked/],
  ];
  for (const [script, because] of refused) {
    it(`${script}: not`, () => {
      const answer = ask(script);
      assert.ok('because' in answer, JSON.stringify(answer));
      assert.match(answer.because, because);
    });
  }

  it('node:test tells each run of a script, and prints what it prints anyway', () => {
    const root = mkdtempSync(join(tmpdir(), 'patchline-ask (it) '));
    try {
      const folder = join(root, 'junit');
      mkdirSync(folder);
      for (const name of ['a', 'b']) writeFileSync(join(root, `${name}.test.js`), `require('node:test')('${name}', () => {});\n`);
      const run = (...args: readonly string[]): string => {
        const command = ['node', '--test', ...args];
        const answer = askForJunit(command, { scripts: {}, folder, hasPackage: () => false });
        assert.ok('framework' in answer);
        for (const { name, text } of answer.helpers) writeFileSync(join(folder, name), text);
        const { NODE_TEST_CONTEXT: _, ...env } = process.env;
        const result = spawnSync(process.execPath, command.slice(1), {
          cwd: root,
          env: { ...env, ...answer.env },
          encoding: 'utf8',
        });
        assert.equal(result.status, 0, result.stderr);
        return result.stdout;
      };
      assert.match(run('a.test.js'), /✔ a /);
      assert.match(run('--test-reporter=tap', 'b.test.js'), /ok 1 - b/);
      const files = readdirSync(folder).filter((name) => name.endsWith('.xml'));
      const names = files.flatMap((file) => parseJunit(readFileSync(join(folder, file), 'utf8'), file).map(({ name }) => name));
      assert.deepEqual(names.sort(), ['a', 'b']);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
