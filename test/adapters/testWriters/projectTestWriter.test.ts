import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import type { RegressionTest } from '../../../src/core/model/regressionTest';
import { makeFinding } from '../../support/findings';
import { codeFinding as at, codeRules as rules, useTestWriter } from '../../support/testWriter';

describe('project test writer', function () {
  this.timeout(60_000);
  const { root, put, write, testFor, runTest } = useTestWriter();

  /** Services of packages that are not installed here: what the test sends, and what it sends it to. */
  const routes: readonly (readonly [name: string, weak: string, needle: string, ...expected: readonly RegExp[]])[] = [
    [
      'an Express application, by a route parameter',
      "const express = require('express');\nconst fs = require('fs');\nconst app = express();\napp.get('/files/:name', (req, res) => {\n  res.send(fs.readFileSync('files/' + req.params.name));\n});\nmodule.exports = { app };\n",
      'fs.readFileSync',
      /send\('GET', `\/files\/\$\{encodeURIComponent\(climb\)\}`\)/,
      /const \{ app \} = require\('\.\.\/app'\);/,
    ],
    [
      'an application, with the prefix that it gives a router',
      "const express = require('express');\nconst fs = require('fs');\nconst app = express();\nconst files = express.Router();\nfiles.get('/:name', (req, res) => {\n  res.send(fs.readFileSync('files/' + req.params.name));\n});\napp.use('/api/files/', files);\nmodule.exports = app;\n",
      'fs.readFileSync',
      /send\('GET', `\/api\/files\/\$\{encodeURIComponent\(climb\)\}`\)/,
    ],
    [
      'a router that the module exports, on an application of the test’s own, by the body',
      "const { Router } = require('express');\nconst fs = require('fs');\nconst router = Router();\nrouter.post('/read', (req, res) => {\n  const { name } = req.body;\n  res.send(fs.readFileSync('files/' + name));\n});\nmodule.exports = router;\n",
      'fs.readFileSync',
      /const router = require\('\.\.\/app'\);/,
      /express\(\)\.use\(express\.json\(\), express\.urlencoded\(\{ extended: true \}\), router\)/,
      /send\('POST', '\/read', \{ "name": climb \}\)/,
    ],
    [
      'an instance of Fastify',
      "const app = require('fastify')();\nconst fs = require('fs');\napp.get('/read', async (request) => fs.readFileSync('files/' + request.query.name));\nmodule.exports = { app };\n",
      'fs.readFileSync',
      /await app\.inject\(\{ method, url/,
      /send\('GET', `\/read\?name=\$\{encodeURIComponent\(climb\)\}`\)/,
    ],
    [
      'a plugin of Fastify',
      "const fs = require('fs');\nmodule.exports = async function routes(fastify) {\n  fastify.get('/read', async (request, reply) => reply.send(fs.readFileSync('files/' + request.query.name)));\n};\n",
      'fs.readFileSync',
      /\('fastify'\)\(\)\.register\(routes\)/,
      /send\('GET', `\/read\?name=/,
    ],
  ];
  for (const [name, weak, needle, ...expected] of routes) {
    it(name, async () => {
      put({ 'package.json': '{}', 'app.js': weak });
      const test = await testFor(at(rules.path, 'app.js', weak, needle));
      assert.equal(test.strength, 'behaviour');
      for (const words of expected) assert.match(test.text, words);
    });
  }

  it('code that nothing leads to gets a skeleton that is never green', async () => {
    const weak =
      "const { exec } = require('child_process');\nfunction hidden(x) { exec('ls ' + x); }\nsetInterval(() => hidden(process.argv[2]), 1000).unref();\n";
    put({ 'package.json': '{}', 'src/code.js': weak });
    const test = await testFor(at(rules.command, 'src/code.js', weak, "exec('ls"));
    assert.equal(test.strength, 'skeleton');
    assert.equal(test.text.match(/COMPLETE THIS LINE/g)?.length, 1);
    assert.match(runTest(test).output, /# todo 1|todo 1/);
  });

  describe('in a package below the workspace root', () => {
    const weak = "const { execSync } = require('node:child_process');\nexports.list = (folder) => execSync('ls ' + folder);\n";
    const finding = at(rules.command, 'services/orders/src/list.js', weak, 'execSync(');
    const cured = weak.replaceAll('execSync', 'execFileSync').replace("'ls ' + folder", "'ls', [folder]");

    it('by its framework, among its tests, run in its folder', async () => {
      put({
        'test/other.spec.mjs': "import { describe } from 'mocha';\n",
        'services/orders/package.json': '{"scripts":{"test":"node --test"}}',
        'services/orders/test/own/other.test.js': "const { test } = require('node:test');\ntest('x', () => {});\n",
        'services/orders/src/list.js': weak,
      });
      const test = await testFor(finding);
      assert.deepEqual(
        [test.framework, test.folder, test.path, test.command.at(-1)],
        [
          'node-test',
          'services/orders',
          'services/orders/test/own/list.command-injection.test.js',
          'test/own/list.command-injection.test.js',
        ],
      );
      assert.match(test.text, /require\('\.\.\/\.\.\/src\/list'\)/);
      const red = runTest(test);
      assert.ok(red.code !== 0 && red.output.includes(test.expectedFailure), red.output);
      put({ 'services/orders/src/list.js': cured });
      assert.equal(runTest(test).code, 0);
    });

    it('the policy’s folder is one of the workspace: inside of the package, and outside of it', async () => {
      put({ 'services/orders/package.json': '{"scripts":{"test":"node --test"}}', 'services/orders/src/list.js': weak });
      for (const [folder, ran] of [
        ['services/orders/./checks/', 'services/orders'],
        ['services/orders', 'services/orders'],
        ['security', undefined],
        ['services/orders/../security', undefined],
        ['services/orders-security', undefined],
      ] as const) {
        const test = await testFor(finding, { test: { folder } });
        assert.equal(test.folder, ran, folder);
        assert.equal(posix.dirname(posix.normalize(test.path)), posix.join(folder, '.').replace(/\/$/, ''));
        assert.ok(runTest(test).output.includes(test.expectedFailure), folder);
      }
    });

    it('a member’s framework is called from where the lock at the root has it', async () => {
      put({
        'package.json': '{"workspaces":["services/*"],"scripts":{"test":"jest"}}',
        'package-lock.json': JSON.stringify({
          lockfileVersion: 3,
          packages: { '': {}, 'services/orders': {}, 'node_modules/mocha': { version: '1.0.0' } },
        }),
        'services/orders/package.json': '{"devDependencies":{"mocha":"*"}}',
        'services/orders/src/list.js': weak,
      });
      const test = await testFor(finding);
      assert.equal(test.folder, 'services/orders');
      assert.deepEqual(test.command.slice(0, 2), ['node', '../../node_modules/mocha/bin/mocha.js']);
    });
  });

  it('says why there is no test', async () => {
    put({ 'package.json': '{}' });
    const none = await write(makeFinding({ ruleId: 'security/detect-unsafe-regex' }));
    assert.match('noTest' in none ? none.noTest : '', /names no weakness that tests can be planned for/);
  });

  describe('in the project’s own framework, place and style', () => {
    const weak = "const { execSync } = require('node:child_process');\nexports.list = (folder) => execSync('ls ' + folder);\n";
    const typed =
      "import { execSync } from 'node:child_process';\nexport const list = (folder: string) => execSync('ls ' + folder);\n";

    it('mocha: double quotes, four spaces, no semicolons; really run', async () => {
      put({
        'package.json': '{"scripts":{"test":"mocha"},"devDependencies":{"mocha":"*"}}',
        'src/list.js': weak,
        'test/unit/other.spec.js':
          'const assert = require("assert")\n\ndescribe("other", () => {\n    it("is", () => {\n        assert.ok(true)\n    })\n})\n',
      });
      const test = await testFor(at(rules.command, 'src/list.js', weak, 'execSync('));
      assert.equal(test.framework, 'mocha');
      assert.equal(test.path, 'test/unit/list.command-injection.spec.js');
      assert.match(test.text, /^const \{ list \} = require\("\.\.\/\.\.\/src\/list"\)$/m);
      assert.match(test.text, /^ {4}it\("list takes what follows/m);
      assert.doesNotMatch(test.text, /;$/m);
      symlinkSync(resolve('node_modules'), join(root(), 'node_modules'), 'junction');
      const red = runTest(test);
      assert.notEqual(red.code, 0);
      assert.ok(red.output.includes(test.expectedFailure), `${test.text}\n${red.output}`);
      put({ 'src/list.js': weak.replaceAll('execSync', 'execFileSync').replace("'ls ' + folder", "'ls', [folder]") });
      assert.equal(runTest(test).code, 0);
    });

    it('vitest: TypeScript beside the source', async () => {
      put({
        'package.json': '{"type":"module","devDependencies":{"vitest":"3"}}',
        'src/list.ts': typed,
        'src/other.test.ts':
          "import { expect, test } from 'vitest';\nimport { x } from './other.js';\n\ntest('x', () => {\n\texpect(x).toBe(1);\n});\n",
      });
      const test = await testFor(at(rules.command, 'src/list.ts', typed, 'execSync('));
      assert.equal(test.framework, 'vitest');
      assert.equal(test.path, 'src/list.command-injection.test.ts');
      assert.match(test.text, /^import \{ describe, test \} from 'vitest';$/m);
      assert.match(test.text, /^import \{ list \} from '\.\/list\.js';$/m);
      assert.match(test.text, /^import \* as fs from 'node:fs';$/m);
      assert.match(test.text, /^\ttest\('list takes/m);
      assert.deepEqual(test.command, ['node', 'node_modules/vitest/vitest.mjs', 'run', test.path]);
      assertTypes([test]);
    });

    it('jest: __tests__, globals', async () => {
      put({
        'package.json': '{"scripts":{"test":"jest"}}',
        'lib/list.js': weak,
        'lib/__tests__/other.test.js': "const { x } = require('../other');\ntest('x', () => {\n  expect(x).toBe(1);\n});\n",
      });
      const test = await testFor(at(rules.command, 'lib/list.js', weak, 'execSync('));
      assert.equal(test.framework, 'jest');
      assert.equal(test.path, 'lib/__tests__/list.command-injection.test.js');
      assert.match(test.text, /^ {2}test\('list takes/m);
      assert.doesNotMatch(test.text, /require\('(?:node:test|@jest\/globals)'\)/);
      assert.deepEqual(test.command, ['node', 'node_modules/jest/bin/jest.js', '--runTestsByPath', test.path]);
    });

    it('node:test with a loader, in TypeScript', async () => {
      put({
        'package.json': '{"type":"module","scripts":{"test":"node --import tsx --test test/*.test.ts"}}',
        'src/list.ts': typed,
        'test/other.test.ts': "import { test } from 'node:test';\nimport { x } from '../src/other.ts';\ntest('x', () => {});\n",
      });
      const test = await testFor(at(rules.command, 'src/list.ts', typed, 'execSync('));
      assert.deepEqual(test.command, ['node', '--import', 'tsx', '--test', 'test/list.command-injection.test.ts']);
      assertTypes([test]);
    });

    it('the policy has the last word', async () => {
      put({ 'package.json': '{"scripts":{"test":"jest"}}', 'src/list.js': weak });
      const finding = at(rules.command, 'src/list.js', weak, 'execSync(');
      const test = await testFor(finding, { test: { framework: 'node-test', folder: 'security' } });
      assert.equal(test.framework, 'node-test');
      assert.equal(test.path, 'security/list.command-injection.test.js');
      await assert.rejects(write(finding, { test: { framework: 'jasmine' } }), {
        name: 'HumanError',
        message: /“jasmine” is not known; known are node-test/,
      });
    });

    it('a test that is there already is never written over', async () => {
      put({ 'package.json': '{}', 'src/list.js': weak });
      const finding = at(rules.command, 'src/list.js', weak, 'execSync(');
      const first = await testFor(finding);
      put({ [first.path]: '// mine\n' });
      const second = await testFor(finding);
      assert.equal(second.path, 'test/list.command-injection-2.test.js');
      put({ [second.path]: second.text });
      assert.equal((await testFor(finding)).path, second.path, 'the same test again is the same file');
    });

    it('jest with ts-jest: types hold without esModuleInterop, and nothing is unused', async () => {
      const weaknesses = [
        [rules.command, typed, 'execSync('],
        [
          rules.path,
          "import { readFileSync } from 'node:fs';\nexport const list = (name: string) => readFileSync('a/' + name, 'utf8');\n",
          'readFileSync(',
        ],
        [
          rules.sql,
          "import { Pool } from 'pg';\nconst pool = new Pool();\nexport const list = (name: string) => pool.query(`SELECT * FROM t WHERE n = '${name}'`);\n",
          'pool.query',
        ],
        [
          rules.sql,
          "interface Db { query(text: string): Promise<unknown[]> }\nexport class Users {\n  constructor(private readonly log: { info(text: string): void }, private readonly db: Db, private readonly table: string) {}\n  find(name: string, limit: number): Promise<unknown[]> {\n    this.log.info(this.table);\n    return this.db.query(`SELECT * FROM t WHERE n = '${name}' LIMIT ${limit}`);\n  }\n}\n",
          'this.db.query',
        ],
        [
          rules.path,
          "import { readFileSync } from 'node:fs';\nexport function show(req: any, res: any): void {\n  res.send(readFileSync('a/' + req.query.name));\n}\n",
          'readFileSync(',
        ],
        [
          rules.path,
          "import { Router } from 'express';\nimport { readFileSync } from 'node:fs';\nexport const router = Router();\nrouter.get('/read', (req: any, res: any) => {\n  res.send(readFileSync('a/' + req.query.name));\n});\n",
          'readFileSync(',
        ],
      ] as const;
      put({
        'package.json':
          '{"scripts":{"test":"jest"},"jest":{"preset":"ts-jest"},"devDependencies":{"jest":"29","typescript":"5"}}',
        'tsconfig.json': '{}',
        'node_modules/pg/index.d.ts': 'export class Pool { query(text: string): Promise<unknown>; }\n',
        'node_modules/express/index.d.ts': 'export function Router(): any;\n',
        'jest.d.ts': 'declare const describe: any;\ndeclare const it: any;\n',
      });
      const tests: RegressionTest[] = [];
      for (const [index, [rule, text, needle]] of weaknesses.entries()) {
        const path = `src/list${index}.ts`;
        put({ [path]: text });
        const test = await testFor(at(rule, path, text, needle));
        assert.deepEqual([test.framework, test.strength], ['jest', 'behaviour']);
        tests.push(test);
      }
      const strict = ['--noUnusedLocals', '--noUnusedParameters'];
      const plain = ['--module', 'commonjs', '--esModuleInterop', 'false', '--ignoreDeprecations', '6.0', '--ignoreConfig'];
      assertTypes(tests, ['jest.d.ts'], [...strict, ...plain]);
    });

    /** The compiler of this repository takes the generated tests. */
    function assertTypes(
      tests: readonly RegressionTest[],
      declared: readonly string[] = ['vitest.d.ts'],
      more: readonly string[] = ['--module', 'esnext', '--allowImportingTsExtensions'],
    ): void {
      for (const { path, text } of tests) put({ [path]: text });
      put({
        'vitest.d.ts': "declare module 'vitest' { export const describe: any; export const test: any; }\n",
      });
      const tsc = resolve('node_modules/typescript/bin/tsc');
      const args = [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        ...more,
        '--moduleResolution',
        'bundler',
        '--target',
        'es2020',
        '--types',
        'node',
        '--typeRoots',
        resolve('node_modules/@types'),
      ];
      const said = spawnSync(process.execPath, [tsc, ...args, ...declared, ...tests.map(({ path }) => path)], {
        cwd: root(),
        encoding: 'utf8',
      });
      assert.equal(said.status, 0, said.stdout);
    }
  });
});
