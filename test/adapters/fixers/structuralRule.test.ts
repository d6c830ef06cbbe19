import assert from 'node:assert/strict';
import { createStructuralRuleFixer } from '../../../src/adapters/fixers/structuralRule';
import { unifiedDiff } from '../../../src/core/edits/unifiedDiff';
import type { Finding, Location } from '../../../src/core/model/finding';
import type { FixContext } from '../../../src/core/ports';

const fixer = createStructuralRuleFixer();

function finding(ruleId: string, location: Location, more: Partial<Finding> = {}): Finding {
  return {
    id: 'f1',
    kind: 'code',
    scanner: 'ESLint',
    ruleId,
    title: ruleId,
    severity: 'high',
    locations: [location],
    aliases: [],
    cwe: [],
    references: [],
    suppressed: false,
    witnesses: [{ scanner: 'ESLint', file: 'r.sarif', ruleId, index: 0 }],
    ...more,
  };
}

function context(files: Readonly<Record<string, string>>, signal?: AbortSignal): FixContext {
  return {
    findings: [],
    ...(signal === undefined ? {} : { signal }),
    workspace: {
      root: '/w',
      read: (path) => Promise.resolve(files[path] === undefined ? undefined : new TextEncoder().encode(files[path])),
      readText: (path) => Promise.resolve(files[path]),
      list: () => Promise.resolve(Object.keys(files)),
    },
  };
}

describe('structural-rule', () => {
  const accepted: readonly [string, string, Partial<Finding>, boolean][] = [
    ['security/detect-child-process', 'src/a.js', {}, true],
    ['javascript.lang.security.detect-child-process.detect-child-process', 'src/a.ts', {}, true],
    ['js/command-line-injection', 'src/a.tsx', {}, true],
    ['security/detect-non-literal-fs-filename', 'src/a.mjs', {}, true],
    ['sql/no-unsafe-query', 'src/a.cjs', {}, true],
    ['sql-template/no-unsafe-query', 'src/a.cjs', {}, true],
    ['vendor-rule-7', 'src/a.js', { cwe: ['CWE-89'] }, true],
    ['vendor-rule-7', 'src/a.js', {}, false],
    ['security/detect-child-process', 'src/a.py', {}, false],
    ['security/detect-child-process', 'src/a.js', { locations: [] }, false],
    ['CVE-2021-23337', 'package.json', { kind: 'dependency' }, false],
  ];
  for (const [ruleId, path, more, expected] of accepted)
    it(`${expected ? 'accepts' : 'does not accept'} ${ruleId} in ${path}`, () => {
      assert.equal(fixer.accepts(finding(ruleId, { path, startLine: 1 }, more)), expected);
    });

  const orders = `const { db } = require('./database');
module.exports = (id) => db.get('SELECT * FROM orders WHERE id = ' + id);
`;
  const at = { path: 'src/orders.js', startLine: 2, startColumn: 33, endLine: 2, endColumn: 74 };

  it('finds the driver in the file that brings in the connection', async () => {
    const patch = await fixer.propose(
      finding('sql/no-unsafe-query', at),
      context({ 'src/orders.js': orders, 'src/database.js': "exports.db = new (require('sqlite3').Database)(':memory:');\n" }),
    );
    assert.ok('changes' in patch, JSON.stringify(patch));
    assert.equal(patch.trust, 'rule');
    assert.equal(
      unifiedDiff(patch.changes),
      `diff --git a/src/orders.js b/src/orders.js
--- a/src/orders.js
+++ b/src/orders.js
@@ -1,2 +1,2 @@
 const { db } = require('./database');
-module.exports = (id) => db.get('SELECT * FROM orders WHERE id = ' + id);
+module.exports = (id) => db.get('SELECT * FROM orders WHERE id = ?', [id]);
`,
    );
  });

  it('finds the driver in package.json', async () => {
    const files = { 'src/orders.js': orders.replace('.get(', '.query('), 'package.json': '{"dependencies":{"pg":"^8.0.0"}}' };
    const patch = await fixer.propose(finding('sql/no-unsafe-query', { path: at.path, startLine: 2 }), context(files));
    assert.ok('changes' in patch, JSON.stringify(patch));
    assert.match(patch.changes[0]?.after ?? '', /id = \$1', \[id\]\)/);
  });

  it('says why there is no fix', async () => {
    for (const [files, reason] of [
      [{ 'src/orders.js': orders, 'package.json': '{ broken' }, /driver is not known/],
      [{}, /not there/],
      [{ 'src/orders.js': 'x();\n' }, /changed since/],
    ] as const) {
      const answer = await fixer.propose(finding('sql/no-unsafe-query', at), context(files));
      assert.ok('noFix' in answer);
      assert.match(answer.noFix, reason);
    }
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    await assert.rejects(
      fixer.propose(finding('sql/no-unsafe-query', at), context({ 'src/orders.js': orders }, controller.signal)),
      {
        name: 'CancelledError',
      },
    );
  });
});
