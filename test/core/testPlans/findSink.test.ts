import assert from 'node:assert/strict';
import { treeSitter } from '../../../src/adapters/clients/treeSitter';
import { findSink } from '../../../src/core/testPlans/findSink';
import type { CodeWeakness } from '../../../src/core/testPlans/weakness';
import type { Location } from '../../../src/core/model/finding';

type Place = Omit<Location, 'path'>;

describe('the call that a region points at', () => {
  const inLine = 'module.exports = function load(name) { return fs.readFileSync(path.join("data", name)); };';
  const route = `app.get('/users', (req, res) => db.query(\`SELECT \${req.query.id}\`, (e, rows) => res.json(rows)));`;
  const table: readonly [string, CodeWeakness, string, Place, string | undefined][] = [
    ['columns name the callee', 'path-traversal', inLine, { startLine: 1, startColumn: 47 }, 'fs.readFileSync'],
    ['the line of a function, no columns', 'path-traversal', inLine, { startLine: 1 }, 'fs.readFileSync'],
    ['the same with an end line', 'path-traversal', `  ${inLine}`, { startLine: 1, endLine: 1 }, 'fs.readFileSync'],
    ['the whole line by columns', 'path-traversal', inLine, { startLine: 1, startColumn: 1, endColumn: 91 }, 'fs.readFileSync'],
    [
      'an exported arrow function',
      'path-traversal',
      'export const f = async (x) => readFile(join("a", x));',
      { startLine: 1 },
      'readFile',
    ],
    ['a route and the call in it', 'sql-injection', route, { startLine: 1 }, 'db.query'],
    [
      'an awaited call with type arguments',
      'sql-injection',
      'const f = async (x) => await db.query<Row>(`a ${x}`);',
      { startLine: 1 },
      'db.query',
    ],
    [
      'the second of two lines',
      'command-injection',
      'log(a);\nconst f = (x) => { log(x); return cp.exec("a " + x); };',
      { startLine: 1, endLine: 2 },
      'cp.exec',
    ],
    [
      'other calls before it on the line',
      'command-injection',
      'const f = (x) => { check(x); execSync(`a ${x}`); };',
      { startLine: 1 },
      'execSync',
    ],
    [
      'of several the one that a value reaches',
      'path-traversal',
      'const f = (x) => { readFile("a"); readFile(x); };',
      { startLine: 1 },
      'readFile(x)',
    ],
    [
      'a map is no database',
      'sql-injection',
      'const f = (x) => { known.get(x); return db.all(`SELECT ${x}`); };',
      { startLine: 1 },
      'db.all',
    ],
    ['an unknown call, when there is no other', 'path-traversal', 'const f = (x) => { serve(x); };', { startLine: 1 }, 'serve'],
    [
      'an argument on a line of its own',
      'path-traversal',
      'const f = (x) => {\n  readFile(\n    join("a", x),\n  );\n};',
      { startLine: 3 },
      'readFile',
    ],
    ['a call that begins behind the region', 'path-traversal', 'const f = (x) => 1;\nreadFile(x);', { startLine: 1 }, undefined],
    ['a line that is not there', 'path-traversal', 'f(x);', { startLine: 9 }, undefined],
  ];
  for (const [name, weakness, text, place, expected] of table)
    it(name, async () => {
      const tree = await treeSitter.parse(text, 'typescript');
      try {
        const sink = findSink(tree, text, { path: 'a.ts', ...place }, weakness);
        if (expected?.endsWith(')') === true) assert.equal(sink?.node.text, expected);
        else assert.equal(sink?.callee, expected);
      } finally {
        tree.dispose();
      }
    });
});
