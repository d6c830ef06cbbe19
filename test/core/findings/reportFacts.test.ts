import assert from 'node:assert/strict';
import { advisoryIds, cweIds } from '../../../src/core/findings/advisoryIds';
import { boundJson } from '../../../src/core/findings/boundJson';
import { utf16Column } from '../../../src/core/findings/byteColumns';
import { httpsLinks, linksInText } from '../../../src/core/findings/httpsLinks';
import { packageUrl, purlType } from '../../../src/core/findings/packageUrl';
import { ruleKey } from '../../../src/core/findings/ruleKey';
import { fixedFromPatched, fixedFromVulnerable } from '../../../src/core/findings/versionHints';

/** Small pure functions as tables: what goes in, what comes out. */
const tables: Readonly<Record<string, readonly (readonly [unknown, unknown])[]>> = {
  advisoryIds: [
    [
      advisoryIds('https://github.com/advisories/GHSA-gxpj-cx7g-858c', 'see cve-2017-16137'),
      ['CVE-2017-16137', 'GHSA-gxpj-cx7g-858c'],
    ],
    [advisoryIds('GHSA-aaaa-bbbb-cccc', 'CVE-20-1', 7, null), []],
  ],
  cweIds: [
    [cweIds(null), []],
    [cweIds('CWE-471'), ['CWE-471']],
    [cweIds('CWE-918, CWE-079: x'), ['CWE-79', 'CWE-918']],
    [cweIds(['CWE-400', 'CWE-77', 22, '89', {}, -1, 1e308, 0.5]), ['CWE-22', 'CWE-77', 'CWE-89', 'CWE-400']],
  ],
  httpsLinks: [
    [
      httpsLinks([
        'https://a.example/x',
        'https://a.example/x',
        'http://b.example',
        'command:x',
        'javascript:alert(1)',
        'file:///etc/passwd',
        7,
      ]),
      ['https://a.example/x'],
    ],
    [httpsLinks(['https://user:secret@a.example/', 'https://github.com@evil.example/', 'https://']), []],
    [
      linksInText('- [a](https://a.example/1) and <https://b.example/2> javascript:x'),
      ['https://a.example/1', 'https://b.example/2'],
    ],
  ],
  packageUrl: [
    [packageUrl('npm', '@hono/node-server', '2.0.0'), 'pkg:npm/%40hono/node-server@2.0.0'],
    [packageUrl('maven', 'org.example:lib', '1'), 'pkg:maven/org.example/lib@1'],
    [packageUrl(purlType('gomod'), 'github.com/a/b', 'v1.0.0'), 'pkg:golang/github.com/a/b@v1.0.0'],
    [packageUrl('npm', 'x/'), 'pkg:generic/x%252F'],
  ],
  ruleKey: [
    [ruleKey('javascript.lang.security.detect-child-process'), 'detect-child-process'],
    [ruleKey('security/detect-child-process'), 'detect-child-process'],
    [ruleKey('js/sql-injection'), 'sql-injection'],
    [ruleKey('rule-1.2'), 'rule-1.2'],
    [ruleKey('CA2100'), 'ca2100'],
  ],
  versionHints: [
    [fixedFromVulnerable('>=4.0.0 <4.3.1 || <2.6.9'), ['4.3.1', '2.6.9']],
    [fixedFromVulnerable('<=1.1.0'), []],
    [fixedFromPatched('>=13.1.2 <14.0.0 || >=15.0.1'), ['13.1.2', '15.0.1']],
  ],
  utf16Column: [
    [utf16Column('abc', 4), 4],
    [utf16Column('/* ö😀 */ x', 14), 11],
    [utf16Column('ö', 2), undefined],
    [utf16Column('abc', 9), undefined],
  ],
  boundJson: [
    [boundJson({ a: [1, 'x\u0000'], b: { c: { d: 1 } } }, { depth: 2, values: 10, text: 10 }), { a: [1, 'x'], b: { c: '…' } }],
    [boundJson([1, 2, 3], { depth: 2, values: 2, text: 10 }), [1, 2, '…']],
    [boundJson(JSON.parse('{"__proto__": 1, "ok": 2}')), { ok: 2 }],
  ],
};

for (const [name, rows] of Object.entries(tables)) {
  describe(name, () => {
    for (const [index, [actual, expected]] of rows.entries()) {
      it(`row ${String(index + 1)}: ${JSON.stringify(expected) ?? 'undefined'}`, () => assert.deepEqual(actual, expected));
    }
  });
}
