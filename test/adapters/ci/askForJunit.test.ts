import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askForJunit } from '../../../src/adapters/ci/askForJunit';
import { memberPatterns } from '../../../src/adapters/ci/localJobs';
import { parseJunit } from '../../../src/core/testReports/parseJunit';

const ask = (test: string, scripts: Readonly<Record<string, string>> = {}) =>
  askForJunit(['npm', 'test'], { scripts: { test, ...scripts }, folder: '/made-up/junit' });

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
    ['jest --coverage', 'jest', /"--reporters=default","--reporters=[^"]*jestReporter\.cjs"/],
  ];
  for (const [script, framework, how] of asked) {
    it(`${script}: ${framework}`, () => {
      const answer = ask(script, { unit: 'node --test' });
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
    ['jest --reporters=summary', /reporter of jest itself/],
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

  describe('of the members of a workspace', () => {
    const jest = { test: 'jest' };
    const members: readonly (readonly [script: string, given: readonly Record<string, string>[], expected: RegExp])[] = [
      ['npm test --workspaces --if-present', [jest, { build: 'tsc' }], /^jest -- --reporters=default --reporters=\S+cjs$/],
      ['npm run test -ws', [{ test: 'node --test' }, { test: 'node --test' }], /^node:test $/],
      ['npm test -ws', [{ test: 'vitest run' }], /^vitest -- --reporter=default/],
      ['npm test -ws', [{ test: 'vitest run' }, { test: 'vitest' }], /reports of all members into one file/],
      ['npm test -ws', [jest, { test: 'mocha' }], /several test frameworks/],
      ['npm test -ws', [jest, { test: 'tap' }], /none that can be asked/],
      ['npm test -ws', [{}], /no member of the workspace has a script “test”/],
      ['npm run unit -ws', [{ test: 'mocha', unit: 'jest' }], /^jest /],
    ];
    for (const [test, given, expected] of members) {
      it(`${test}: ${JSON.stringify(given)}`, () => {
        const answer = askForJunit(['npm', 'test'], { scripts: { test }, folder: '/made-up', members: given });
        assert.match('because' in answer ? answer.because : `${answer.framework} ${answer.args.join(' ')}`, expected);
      });
    }

    it('the command itself, which gets its arguments behind -- from whoever runs it', () => {
      const answer = askForJunit(['npm', 'test', '--workspaces'], { scripts: {}, folder: '/made-up', members: [jest] });
      assert.ok('args' in answer);
      assert.equal(answer.args[0], '--reporters=default');
    });

    it('are found by the patterns of package.json', () => {
      assert.deepEqual(memberPatterns('{"workspaces":["packages/*","./tools/"]}'), [
        'packages/*/package.json',
        'tools/package.json',
      ]);
      assert.deepEqual(memberPatterns('{"workspaces":{"packages":["a",7]}}'), ['a/package.json']);
      const outside = ['/**', '!/**', '../**', 'a/../../**', 'C:/**', 'in'];
      assert.deepEqual(memberPatterns(JSON.stringify({ workspaces: outside })), ['in/package.json']);
      for (const none of [undefined, '{', '[]', '{"workspaces":true}']) assert.deepEqual(memberPatterns(none), []);
    });
  });

  it('node:test tells each run of a script, and prints what it prints anyway', () => {
    const root = mkdtempSync(join(tmpdir(), 'patchline-ask (it) '));
    try {
      const folder = join(root, 'junit');
      mkdirSync(folder);
      for (const name of ['a', 'b']) writeFileSync(join(root, `${name}.test.js`), `require('node:test')('${name}', () => {});\n`);
      const run = (...args: readonly string[]): string => {
        const command = ['node', '--test', ...args];
        const answer = askForJunit(command, { scripts: {}, folder });
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

  it('jest: what ran and how, awkward titles, and a file that could not be loaded', () => {
    const folder = mkdtempSync(join(tmpdir(), 'patchline-ask-'));
    const before = process.env['PATCHLINE_JUNIT'];
    try {
      const answer = ask('jest');
      assert.ok('framework' in answer);
      for (const { name, text } of answer.helpers) writeFileSync(join(folder, name), text);
      process.env['PATCHLINE_JUNIT'] = folder;
      const Reporter = createRequire(import.meta.url)(join(folder, 'jestReporter.cjs')) as new () => {
        onRunComplete(contexts: unknown, results: unknown): void;
      };
      const ran = (title: string, status: string, failureMessages: readonly string[] = []) => ({
        ancestorTitles: ['outer', 'inner <b>'],
        title,
        status,
        duration: 1500,
        failureMessages,
      });
      new Reporter().onRunComplete(new Set(), {
        testResults: [
          {
            testFilePath: '/made-up/a.test.ts',
            testResults: [
              ran('“x” & \u0001"y"', 'passed'),
              ran('fails', 'failed', ['\u001b[31mError: 1 < 2\u001b[39m\n  at a.ts']),
              ran('later', 'todo'),
            ],
          },
          {
            testFilePath: '/made-up/b.test.ts',
            testResults: [],
            testExecError: { message: 'x' },
            failureMessage: '● Test suite failed to run',
          },
        ],
      });
      const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.xml'));
      const cases = parseJunit(readFileSync(join(folder, file), 'utf8'), file, '/made-up');
      assert.deepEqual(cases, [
        { suite: 'outer › inner <b>', name: '“x” & "y"', file: 'a.test.ts', status: 'passed', seconds: 1.5 },
        {
          suite: 'outer › inner <b>',
          name: 'fails',
          file: 'a.test.ts',
          status: 'failed',
          seconds: 1.5,
          message: 'Error: 1 < 2\n  at a.ts',
        },
        { suite: 'outer › inner <b>', name: 'later', file: 'a.test.ts', status: 'skipped', seconds: 1.5 },
        { suite: '', name: 'b.test.ts', file: 'b.test.ts', status: 'error', message: '● Test suite failed to run' },
      ]);
    } finally {
      if (before === undefined) delete process.env['PATCHLINE_JUNIT'];
      else process.env['PATCHLINE_JUNIT'] = before;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
