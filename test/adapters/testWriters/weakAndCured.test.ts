import assert from 'node:assert/strict';
import { codeFinding as at, codeRules as rules, useTestWriter } from '../../support/testWriter';

describe('a written test', function () {
  this.timeout(60_000);
  const { put, testFor, runTest } = useTestWriter();

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
      name: 'a method of an exported class that has its database from the constructor, called by a public one',
      rule: rules.sql,
      weak: "class Users {\n  #cache = new Map();\n  constructor(log, db) {\n    this.log = log;\n    this.db = db;\n  }\n  async find(name) {\n    this.log.info('asked');\n    return this.#ask(name);\n  }\n  #ask(name) {\n    return this.db.query(`SELECT * FROM users WHERE name = '${name}'`);\n  }\n}\nmodule.exports = { Users };\n",
      needle: 'this.db.query',
      cured: (weak) => weak.replace("'${name}'`", '?`, [name]'),
    },
    {
      name: 'a field with a function, in a class that is the module, on a folder from the constructor',
      rule: rules.path,
      weak: "const fs = require('fs');\nconst path = require('path');\nmodule.exports = class {\n  constructor(root) {\n    this.root = root;\n  }\n  read = (name) => fs.readFileSync(path.join(this.root, name), 'utf8');\n};\n",
      needle: 'fs.readFileSync',
      cured: (weak) => weak.replace('this.root, name', 'this.root, path.basename(name)'),
    },
    {
      name: 'a static method',
      rule: rules.command,
      weak: "import { execSync } from 'node:child_process';\nexport default class Disk {\n  static size(folder) {\n    return execSync(`du -sh ${folder}`).toString();\n  }\n}\n",
      needle: 'execSync(`',
      cured: (weak) => weak.replaceAll('execSync', 'execFileSync').replace('`du -sh ${folder}`', "'du', ['-sh', folder]"),
      path: 'src/code.mjs',
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
});
