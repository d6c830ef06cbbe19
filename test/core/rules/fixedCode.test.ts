import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { treeSitter } from '../../../src/adapters/clients/treeSitter';
import { proposeFix } from '../../../src/core/rules/proposeFix';
import { rules } from '../../../src/core/rules/rules';

/** Runs a program's text in a folder of its own, and gives what it printed. */
async function run(text: string): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'patchline-rule-'));
  try {
    mkdirSync(path.join(folder, 'data'));
    mkdirSync(path.join(folder, 'data-old'));
    writeFileSync(path.join(folder, 'data/a.txt'), 'benign');
    writeFileSync(path.join(folder, 'data-old/b.txt'), 'SECRET');
    writeFileSync(path.join(folder, 'program.js'), text);
    return (await promisify(execFile)(process.execPath, ['program.js'], { cwd: folder })).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fixed(ruleId: string, text: string, line: number): Promise<string> {
  const rule = rules.find((one) => one.id === ruleId);
  assert.ok(rule);
  const fix = await proposeFix(rule, { path: 'program.js', text }, { startLine: line }, treeSitter);
  assert.ok('after' in fix, 'because' in fix ? fix.because : '');
  return fix.after;
}

describe('fixed code, run', () => {
  it('runs no second command any more, and the first as before', async () => {
    const text = `const { execSync } = require('child_process');
const show = (x) => execSync(\`echo hello \${x}\`).toString();
process.stdout.write(show('you') + show('you; echo HARM'));
`;
    assert.equal(await run(text), 'hello you\nhello you\nHARM\n');
    assert.equal(await run(await fixed('command-injection', text, 2)), 'hello you\nhello you; echo HARM\n');
  });

  for (const build of ['path.join(ROOT, name)', '`./data/${name}`', "ROOT + '/' + name", 'path.resolve(ROOT, name)'])
    it(`reads nothing outside the folder any more: ${build}`, async () => {
      const text = `const fs = require('fs');
const path = require('path');
const ROOT = path.join(__dirname, 'data');
const read = (name) => fs.readFileSync(${build}, 'utf8');
for (const name of ['a.txt', '../data-old/b.txt', './../data-old/b.txt', __dirname + '/data-old/b.txt', 'a.txt\\0']) {
  try {
    console.log(read(name));
  } catch (error) {
    console.log(error.status ?? error.code);
  }
}
`;
      assert.match(await run(text), /SECRET/);
      const output = await run(await fixed('path-traversal', text, 4));
      assert.doesNotMatch(output, /SECRET/);
      assert.deepEqual(output.split('\n').slice(0, 3), ['benign', '400', '400']);
      assert.equal(output.split('\n')[4], '400');
    });

  for (const build of ["__dirname + '/data' + req.url", "path.join(__dirname, 'data' + req.url)", '`./data${req.url}`'])
    it(`serves nothing beside the folder that a request's path follows: ${build}`, async () => {
      const text = `const fs = require('fs');
const path = require('path');
const read = (req) => fs.readFileSync(${build}, 'utf8');
for (const url of ['/a.txt', '/../program.js', '/../data-old/b.txt', '-old/b.txt']) {
  try {
    console.log(read({ url }).slice(0, 6));
  } catch (error) {
    console.log(error.status ?? error.code);
  }
}
`;
      assert.equal(await run(text), 'benign\nconst \nSECRET\nSECRET\n');
      assert.equal(await run(await fixed('path-traversal', text, 3)), 'benign\n400\n400\n400\n');
    });
});
