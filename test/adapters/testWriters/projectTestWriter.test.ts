import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import type { Finding } from '../../../src/core/model/finding';
import type { RegressionTest } from '../../../src/core/model/regressionTest';
import { makeFinding } from '../../support/findings';
import { useTestWriter } from '../../support/testWriter';

const rules = {
  command: 'security/detect-child-process',
  path: 'security/detect-non-literal-fs-filename',
  sql: 'sql-template/no-unsafe-query',
};

/** Where a text stands in a file, as scanners say it. */
function placeOf(text: string, needle: string): { readonly startLine: number; readonly startColumn: number } {
  const at = text.indexOf(needle);
  assert.notEqual(at, -1, `${needle} is not in the file`);
  const lines = text.slice(0, at).split('\n');
  return { startLine: lines.length, startColumn: (lines.at(-1)?.length ?? 0) + 1 };
}

describe('project test writer', function () {
  this.timeout(60_000);
  const { root, put, write, testFor, runTest } = useTestWriter();

  function at(rule: string, path: string, text: string, needle: string): Finding {
    return makeFinding({ ruleId: rule, locations: [{ path, ...placeOf(text, needle) }] });
  }

  /** Weak and cured code with one test that must tell them apart: it is really run on both. */
  const pairs: readonly {
    readonly name: string;
    readonly rule: string;
    readonly weak: string;
    readonly needle: string;
    readonly cured: (weak: string) => string;
    readonly path?: string;
    readonly files?: Readonly<Record<string, string>>;
  }[] = [
    {
      name: 'a callback-style function, the value in double quotes',
      rule: rules.command,
      weak: "const cp = require('child_process');\nmodule.exports.count = function (file, callback) {\n  cp.exec('wc -c \"' + file + '\"', callback);\n};\n",
      needle: 'cp.exec',
      cured: (weak) => weak.replace("exec('wc -c \"' + file + '\"'", "execFile('wc', ['-c', file]"),
    },
    {
      name: 'a synchronous call in single quotes, exported as the module',
      rule: rules.command,
      weak: "const { execSync } = require('node:child_process');\nconst list = (folder) => execSync(`ls '${folder}'`).toString();\nmodule.exports = list;\n",
      needle: 'execSync(`',
      cured: (weak) =>
        weak
          .replace('execSync } =', 'execFileSync } =')
          .replace("execSync(`ls '${folder}'`)", "execFileSync('ls', ['--', folder])"),
    },
    {
      name: 'a process that is started and forgotten',
      rule: rules.command,
      weak: "const { exec } = require('node:child_process');\nexports.warm = (host) => { exec(`curl ${host}`); };\n",
      needle: 'exec(`',
      cured: (weak) =>
        weak.replace('{ exec }', '{ execFile }').replace('exec(`curl ${host}`)', "execFile('curl', [host], () => {})"),
    },
    {
      name: 'an inner function that an exported one calls, the command built before',
      rule: rules.command,
      weak: "const { execSync } = require('node:child_process');\nfunction run(name) {\n  const command = `id ${name}`;\n  return execSync(command, { stdio: 'pipe' });\n}\nexports.show = ({ user }) => String(run(user));\n",
      needle: 'execSync(command',
      cured: (weak) =>
        weak
          .replace('execSync }', 'execFileSync }')
          .replace("execSync(command, { stdio: 'pipe' })", "execFileSync('id', [name])"),
    },
    {
      name: 'a handler of an exported Node server, by query',
      rule: rules.command,
      weak: "const http = require('node:http');\nconst { exec } = require('node:child_process');\nexports.createServer = () => http.createServer((req, res) => {\n  const url = new URL(req.url, 'http://x');\n  if (url.pathname === '/ping') {\n    const host = url.searchParams.get('host');\n    exec(`ping -c 1 ${host}`, () => res.end('done'));\n  } else res.end();\n});\n",
      needle: 'exec(`',
      cured: (weak) =>
        weak.replace('{ exec }', '{ execFile }').replace('exec(`ping -c 1 ${host}`', "execFile('ping', ['-c', '1', host]"),
    },
    {
      name: 'an exported handler with request and response',
      rule: rules.path,
      weak: "const fs = require('fs');\nconst path = require('path');\nconst dir = path.resolve(__dirname, '../files');\nexports.download = (req, res) => {\n  const { name } = req.query;\n  res.send(fs.readFileSync(path.join(dir, name)));\n};\n",
      needle: 'fs.readFileSync',
      cured: (weak) => weak.replace('path.join(dir, name)', 'path.join(dir, path.basename(name))'),
      files: { 'files/a.txt': 'hello' },
    },
    {
      name: 'a stream, with an ending that the code adds',
      rule: rules.path,
      weak: "import { createReadStream } from 'node:fs';\nexport async function* lines(name) {\n  yield* createReadStream(`${import.meta.dirname}/pages/${name}.md`);\n}\n",
      needle: 'createReadStream(`',
      cured: (weak) => weak.replace('${name}', '${name.split(/[\\\\/]/).pop()}'),
      path: 'src/code.mjs',
      files: { 'src/pages/a.md': 'hello' },
    },
    {
      name: 'writing a file',
      rule: rules.path,
      weak: "const fs = require('fs');\nexports.save = (name, text) => fs.writeFileSync('out/' + name, text);\n",
      needle: 'fs.writeFileSync',
      cured: (weak) => weak.replace("'out/' + name", "'out/' + require('path').basename(name)"),
      files: { 'out/.keep': '' },
    },
    {
      name: 'a database that is handed in',
      rule: rules.sql,
      weak: "exports.find = async (db, id) => (await db.query('SELECT * FROM t WHERE id = ' + id)).rows;\n",
      needle: "'SELECT",
      cured: (weak) => weak.replace("= ' + id", "= $1', [id]"),
    },
    {
      name: 'rows of a real query, the statement in a variable',
      rule: rules.sql,
      weak: "const rows = ['ada', 'grace'];\n// Stands for a database: knows what a condition that is always true would do.\nconst all = (sql, values) => rows.filter((row) => (values ? values[0] === row : / OR /.test(sql)));\nmodule.exports = { find(name) {\n  const sql = `SELECT name FROM people WHERE name = '${name}'`;\n  return all(sql);\n} };\n",
      needle: '`SELECT',
      cured: (weak) => weak.replace("'${name}'`", '?`').replace('all(sql)', 'all(sql, [name])'),
    },
  ];

  /** Packages of the shape that the drivers have, whose server nobody reaches. */
  const unreachable = 'Promise.reject(new Error("ECONNREFUSED"))';
  const pairsWithServer: typeof pairs = [
    {
      name: 'a PostgreSQL pool of the module, without a server',
      rule: rules.sql,
      weak: 'const { Pool } = require(\'pg\');\nconst pool = new Pool();\nexports.find = async (name) => {\n  const { rows } = await pool.query("SELECT * FROM users WHERE name = \'" + name + "\'");\n  return rows[0].id;\n};\n',
      needle: 'pool.query',
      cured: (weak) => weak.replace(`'" + name + "'"`, '$1", [name]'),
      files: {
        'node_modules/pg/index.js': `class Base { query() { return ${unreachable}; } connect() { return ${unreachable}; } }\nexports.Pool = class extends Base {};\nexports.Client = class { query() {} connect() {} };\n`,
      },
    },
    {
      name: 'MySQL by promises over callbacks, a change within a transaction, the pool in another file',
      rule: rules.sql,
      weak: "import { pool } from './db.mjs';\nexport async function rename(name) {\n  const connection = await pool.getConnection();\n  await connection.beginTransaction();\n  const [{ affectedRows }] = await connection.query(`UPDATE users SET name = '${name}'`);\n  await connection.commit();\n  connection.release();\n  return affectedRows;\n}\n",
      needle: 'connection.query',
      cured: (weak) => weak.replace("`UPDATE users SET name = '${name}'`", "'UPDATE users SET name = ?', [name]"),
      path: 'src/code.mjs',
      files: {
        'src/db.mjs': "import mysql from 'mysql2/promise.js';\nexport const pool = mysql.createPool({});\n",
        'node_modules/mysql2/index.js':
          'class Connection { query(sql, done) { done(new Error("ECONNREFUSED")); } beginTransaction(done) { done(new Error("ECONNREFUSED")); } }\nexports.Connection = Connection;\nexports.PoolConnection = class extends Connection {};\nexports.Pool = class { getConnection(done) { done(new Error("ECONNREFUSED")); } };\n',
        'node_modules/mysql2/promise.js':
          "const { promisify } = require('util');\nconst { Pool } = require('mysql2');\nconst wrap = (core) => ({\n  query: (sql, values) => new Promise((resolve, reject) => core.query(sql, values ?? [], (error, rows, fields) => (error ? reject(error) : resolve([rows, fields])))),\n  beginTransaction: () => promisify((done) => core.beginTransaction(done))(),\n  commit: () => promisify((done) => core.commit(done))(),\n  release: () => core.release(),\n});\nexports.createPool = () => {\n  const core = new Pool();\n  return { getConnection: async () => wrap(await promisify((done) => core.getConnection(done))()) };\n};\n",
      },
    },
  ];

  for (const { name, rule, weak, needle, cured, path = 'src/code.js', files = {} } of [...pairs, ...pairsWithServer]) {
    it(`tells weak from cured: ${name}`, async () => {
      put({ 'package.json': '{}', [path]: weak, ...files });
      const test = await testFor(at(rule, path, weak, needle));
      assert.equal(test.strength, 'behaviour', test.text);
      assert.deepEqual(test.command, ['node', '--test', test.path]);
      const red = runTest(test);
      assert.notEqual(red.code, 0, `${test.text}\n${red.output}`);
      assert.ok(red.output.includes(test.expectedFailure), `${test.text}\n${red.output}`);
      const fixed = cured(weak);
      assert.notEqual(fixed, weak);
      put({ [path]: fixed });
      const green = runTest(test);
      assert.equal(green.code, 0, `${test.text}\n${green.output}`);
    });
  }

  it('an Express application, by a route parameter', async () => {
    const weak =
      "const express = require('express');\nconst fs = require('fs');\nconst app = express();\napp.get('/files/:name', (req, res) => {\n  res.send(fs.readFileSync('files/' + req.params.name));\n});\nmodule.exports = { app };\n";
    put({ 'package.json': '{"dependencies":{"express":"4"}}', 'app.js': weak });
    const test = await testFor(at(rules.path, 'app.js', weak, 'fs.readFileSync'));
    assert.match(test.text, /send\('GET', `\/files\/\$\{encodeURIComponent\(climb\)\}`\)/);
    assert.match(test.text, /const \{ app \} = require\('\.\.\/app'\);/);
  });

  it('a server that cannot be stood in for gets a skeleton, and a database that answers nobody is no injection', async () => {
    const weak =
      "const { pool } = require('./db');\nexports.find = (name) => pool.query(`SELECT * FROM t WHERE name = '${name}'`);\n";
    const files = { 'package.json': '{}', 'src/code.js': weak };
    put({ ...files, 'src/db.js': "exports.pool = require('mariadb').createPool({});\n" });
    const none = await testFor(at(rules.sql, 'src/code.js', weak, 'pool.query'));
    assert.equal(none.strength, 'skeleton');
    assert.match(none.text, /mariadb asks a database server, which a test cannot count/);
    put({ ...files, 'src/db.js': `exports.pool = { query: () => ${unreachable} };\n` });
    const test = await testFor(at(rules.sql, 'src/code.js', weak, 'pool.query'));
    const { code, output } = runTest(test);
    assert.ok(code !== 0 && output.includes('a plain value is not answered'), output);
    assert.ok(!output.includes(test.expectedFailure), output);
  });

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
      ] as const;
      put({
        'package.json':
          '{"scripts":{"test":"jest"},"jest":{"preset":"ts-jest"},"devDependencies":{"jest":"29","typescript":"5"}}',
        'tsconfig.json': '{}',
        'node_modules/pg/index.d.ts': 'export class Pool { query(text: string): Promise<unknown>; }\n',
        'jest.d.ts': 'declare const describe: any;\ndeclare const it: any;\n',
      });
      const tests: RegressionTest[] = [];
      for (const [rule, text, needle] of weaknesses) {
        put({ 'src/list.ts': text });
        const test = await testFor(at(rule, 'src/list.ts', text, needle));
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
