import assert from 'node:assert/strict';
import { treeSitter } from '../../../src/adapters/clients/treeSitter';
import { commandInjection } from '../../../src/core/rules/commandInjection';
import { pathTraversal } from '../../../src/core/rules/pathTraversal';
import { proposeFix, stillMatches } from '../../../src/core/rules/proposeFix';
import type { Region } from '../../../src/core/rules/proposeFix';
import type { Rule } from '../../../src/core/rules/rule';

const text = `const { exec } = require('child_process');
function a(x) {
  exec(\`ls \${x}\`);
}
function b(x) {
  exec(\`du \${x}\`);
}
`;
const propose = (code: string, region: Region, path = 'a.js') =>
  proposeFix(commandInjection, { path, text: code }, region, treeSitter);

describe('proposeFix', () => {
  it('touches only what the finding names', async () => {
    const fix = await propose(text, { startLine: 6, startColumn: 3, endLine: 6, endColumn: 19 });
    assert.ok('after' in fix);
    assert.match(fix.after, /exec\(`ls \$\{x\}`\)/);
    assert.match(fix.after, /execFile\('du', \[x\]\)/);
  });

  it('finds code that moved since the scan by its snippet', async () => {
    const fix = await propose(`// new\n// lines\n${text}`, {
      startLine: 6,
      startColumn: 3,
      endLine: 6,
      endColumn: 19,
      snippet: '  exec(`du ${x}`);',
    });
    assert.ok('after' in fix);
    assert.match(fix.after, /execFile\('du', \[x\]\)/);
  });

  const drifted: Readonly<Record<string, Region>> = {
    'the snippet is gone': { startLine: 3, snippet: 'exec(`cat ${x}`);' },
    'the snippet stands in two places': { startLine: 1, snippet: 'function' },
    'the line is gone': { startLine: 60 },
    'the column is gone': { startLine: 3, startColumn: 90 },
    'the end is before the start': { startLine: 3, startColumn: 5, endLine: 2, endColumn: 1 },
  };
  for (const [name, region] of Object.entries(drifted))
    it(`refuses when ${name}`, async () => {
      const fix = await propose(text, region);
      assert.ok('because' in fix);
      assert.match(fix.because, /changed since the scan|before it begins/);
    });

  it('refuses a region that holds several calls, and a whole file of several', async () => {
    for (const region of [{ startLine: 2, endLine: 7 }, {}]) {
      const fix = await propose(text, region);
      assert.ok('because' in fix && fix.because.includes('several'), JSON.stringify(region));
    }
  });

  it('takes the one fault of a file when the finding names no line', async () => {
    const fix = await propose(text.replace('du ${x}', 'du'), {});
    assert.ok('after' in fix && fix.after.includes("execFile('ls', [x])"));
  });

  it('mends one place although the file is broken elsewhere, and does not break it further', async () => {
    const fix = await propose(`${text}\nfunction ( {\n`, { startLine: 3 });
    assert.ok('after' in fix && fix.after.includes("execFile('ls', [x])"));
  });

  it('finds awaited calls with type arguments for every rule', async () => {
    const cases: readonly [Rule, string, RegExp][] = [
      [
        commandInjection,
        "import { exec } from 'child_process';\nimport { promisify } from 'util';\nconst run = promisify(exec);\nexport const f = async (x: string) => {\n  await run<Out>(`ls ${x}`);\n};\n",
        /await runFile<Out>\('ls', \[x\]\)/,
      ],
      [
        pathTraversal,
        "import { readFile } from 'fs/promises';\nimport path from 'path';\nconst ROOT = '/srv';\nexport const f = async (x: string) => {\n  return await readFile<string>(path.join(ROOT, x));\n};\n",
        /await readFile<string>\(insideRoot\(ROOT, path\.join\(ROOT, x\)\)\)/,
      ],
    ];
    for (const [rule, code, expected] of cases) {
      const fix = await proposeFix(rule, { path: 'a.ts', text: code }, { startLine: 5 }, treeSitter);
      assert.ok('after' in fix, 'because' in fix ? fix.because : '');
      assert.match(fix.after, expected);
    }
  });

  it('has nothing for languages without a grammar, and for files too large', async () => {
    const other = await propose(text, { startLine: 3 }, 'a.py');
    assert.ok('because' in other && other.because.includes('a.py'));
    const large = await propose(`${text}//${'x'.repeat(2_000_000)}`, { startLine: 3 });
    assert.ok('because' in large && large.because.includes('too large'));
  });

  it('keeps a byte order mark', async () => {
    const fix = await propose(`\uFEFF${text}`, { startLine: 3, startColumn: 3, endLine: 3, endColumn: 19 });
    assert.ok('after' in fix && fix.after.startsWith('\uFEFFconst { exec, execFile }'));
  });

  it('survives code that is nested or summed up without end', async () => {
    const sum = `const { exec } = require('child_process');\nexec('a ' ${'+ x '.repeat(5000)});\n`;
    const nested = `const { exec } = require('child_process');\nexec(${'('.repeat(3000)}'a ' + x${')'.repeat(3000)});\n`;
    const circles = `const { exec } = require('child_process');\nlet x, y; ${'x = y + `a${x}`; y = x || y; '.repeat(100)}exec(\`ls \${x}\`);\n`;
    for (const code of [sum, nested, circles, '['.repeat(20_000)]) {
      const fix = await propose(code, { startLine: code === circles ? 2 : 1 });
      assert.ok('because' in fix || 'after' in fix);
    }
  });
});

describe('stillMatches', () => {
  it('asks the place, or the whole file', async () => {
    const source = { path: 'a.js', text };
    assert.equal(await stillMatches(commandInjection, source, { startLine: 3 }, treeSitter), true);
    assert.equal(await stillMatches(commandInjection, source, { startLine: 1 }, treeSitter), false);
    assert.equal(await stillMatches(commandInjection, source, undefined, treeSitter), true);
    assert.equal(await stillMatches(pathTraversal, source, undefined, treeSitter), false);
  });

  it('is not fooled by a check that lets a sibling folder pass', async () => {
    const code = (check: string): string => `const fs = require('fs');
const path = require('path');
const ROOT = '/srv/data';
module.exports = (name) => {
  const file = path.join(ROOT, name);
  if (${check}) throw new Error('no');
  return fs.readFileSync(file);
};
`;
    const ask = (check: string) => stillMatches(pathTraversal, { path: 'a.js', text: code(check) }, { startLine: 7 }, treeSitter);
    assert.equal(await ask('!file.startsWith(ROOT)'), true);
    assert.equal(await ask('!fs.existsSync(file)'), true);
    assert.equal(await ask('!file.startsWith(ROOT + path.sep)'), false);
    assert.equal(await ask("path.relative(ROOT, file).startsWith('..')"), false);
  });
});
