import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmAuditReader } from '../../../src/adapters/scanners/npmAudit';
import { isHumanError } from '../../../src/core/errors';
import type { Finding } from '../../../src/core/model/finding';
import { reportFile, reportFrom } from '../../support/reportFile';

const fixtures = 'test/fixtures/npm-audit';

async function read(content: unknown, root = '/nowhere', name = 'npm-audit.json') {
  return npmAuditReader.read(reportFile(name, content), root);
}

const brief = (f: Finding): unknown => [
  f.package?.purl,
  f.package?.manifest,
  f.severity,
  f.aliases.join(' '),
  f.cwe.join(' '),
  f.cvss?.score,
  f.package?.fixedVersions.join(' '),
];

describe('npm audit reader', () => {
  let root: string;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'patchline-npm-'));
    await mkdir(join(root, 'reports'));
    await mkdir(join(root, 'web/reports'), { recursive: true });
    const manifest = { name: 'sample', dependencies: { express: '^4.15.0', lodash: '4.17.15' } };
    await writeFile(join(root, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    const packages = {
      '': manifest,
      'node_modules/lodash': { version: '4.17.15' },
      'node_modules/ms': { version: '2.1.3' },
      'node_modules/debug/node_modules/ms': { version: '0.7.1' },
      'packages/api': { dependencies: { lodash: '^3.0.0' } },
      'packages/api/node_modules/lodash': { version: '3.10.1' },
    };
    await writeFile(join(root, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
    await writeFile(join(root, 'web/package.json'), '{"devDependencies":{"lodash":"4.17.11"}}');
    const dependencies = {
      lodash: { version: '4.17.11' },
      debug: { version: '2.6.8', dependencies: { ms: { version: '0.7.2' } } },
    };
    await writeFile(join(root, 'web/package-lock.json'), JSON.stringify({ lockfileVersion: 1, dependencies }));
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('reads npm 7: one finding per advisory, package and manifest; parents are no findings', async () => {
    const report = await npmAuditReader.read(reportFrom(`${fixtures}/npm7.json`, 'reports/npm-audit.json'), root);
    assert.deepEqual(report.rejected, []);
    assert.equal(report.results, 3);
    assert.deepEqual(
      report.findings.map(brief),
      [
        ['pkg:npm/ms@0.7.1', 'package.json', 'medium', 'GHSA-w9mr-4mfr-499f', 'CWE-1333', 5.3, '2.0.0'],
        ['pkg:npm/lodash@4.17.15', 'package.json', 'high', 'GHSA-35jh-r3h4-6jhm', 'CWE-77 CWE-94', 7.2, '4.17.21'],
        ['pkg:npm/lodash@4.17.15', 'package.json', 'medium', 'GHSA-29mw-wpgm-hmr9', 'CWE-400 CWE-1333', 5.3, '4.17.21'],
        ['pkg:npm/lodash@3.10.1', 'packages/api/package.json', 'high', 'GHSA-35jh-r3h4-6jhm', 'CWE-77 CWE-94', 7.2, '4.17.21'],
        [
          'pkg:npm/lodash@3.10.1',
          'packages/api/package.json',
          'medium',
          'GHSA-29mw-wpgm-hmr9',
          'CWE-400 CWE-1333',
          5.3,
          '4.17.21',
        ],
      ].sort((a, b) => order(report.findings, a) - order(report.findings, b)),
    );
    const ms = report.findings.find((f) => f.package?.name === 'ms');
    assert.deepEqual(ms?.package?.via, ['debug', 'express'], 'nearest parent first');
    assert.deepEqual(ms?.properties?.['installedVersions'], ['0.7.1', '2.1.3'], '2.1.3 is installed too, but not vulnerable');
    assert.equal(ms?.package?.direct, false);
  });

  it('points at the line that declares a direct dependency', async () => {
    const report = await npmAuditReader.read(reportFrom(`${fixtures}/npm7.json`, 'npm-audit.json'), root);
    const lodash = report.findings.find((f) => f.package?.version === '4.17.15');
    assert.deepEqual(lodash?.locations, [
      { path: 'package.json', startLine: 5, startColumn: 5, endColumn: 24, snippet: '"lodash": "4.17.15"' },
    ]);
    assert.deepEqual(report.findings.find((f) => f.package?.name === 'ms')?.locations, [{ path: 'package.json' }]);
  });

  it('takes the project that the report lies in, and a lock file of version 1', async () => {
    const report = await npmAuditReader.read(reportFrom(`${fixtures}/npm7.json`, 'web/reports/audit.json'), root);
    assert.deepEqual([...new Set(report.findings.map((f) => `${f.package?.purl} ${f.package?.manifest}`))].sort(), [
      'pkg:npm/lodash@4.17.11 web/package.json',
      'pkg:npm/ms@0.7.2 web/package.json',
    ]);
  });

  it('says so when no lock file tells the installed version', async () => {
    const report = await npmAuditReader.read(reportFrom(`${fixtures}/npm7.json`, 'npm-audit.json'), '/nowhere');
    assert.deepEqual(report.findings.map((f) => f.package?.purl).sort(), ['pkg:npm/lodash', 'pkg:npm/lodash', 'pkg:npm/ms']);
    assert.match(report.notes.join(), /installed version of 3 findings is not known/);
  });

  it('says so when the lock file has moved on since the audit', async () => {
    const via = [
      { name: 'ms', title: 't', severity: 'low', range: '<0.7.1', url: 'https://github.com/advisories/GHSA-w9mr-4mfr-499f' },
    ];
    const report = await read({ auditReportVersion: 2, vulnerabilities: { ms: { via, nodes: ['node_modules/ms'] } } }, root);
    assert.match(report.notes.join(), /lock file has moved on.*1 findings/);
    assert.equal(report.findings[0]?.package?.version, '2.1.3', 'what is installed');
  });

  it('reads npm 6, with versions and ways from the report itself', async () => {
    const report = await npmAuditReader.read(reportFrom(`${fixtures}/npm6.json`, 'npm-audit.json'), '/nowhere');
    assert.deepEqual(report.findings.map(brief).sort(), [
      ['pkg:npm/growl@1.9.2', 'package.json', 'critical', 'CVE-2017-16042', '', undefined, '1.10.2'],
      [
        'pkg:npm/yargs-parser@3.0.0',
        'package.json',
        'low',
        'CVE-2020-7608 GHSA-p9pc-299p-vxgp',
        'CWE-471',
        undefined,
        '13.1.2 15.0.1',
      ],
    ]);
    const growl = report.findings.find((f) => f.package?.name === 'growl');
    assert.deepEqual([growl?.package?.direct, growl?.package?.via], [false, ['mocha', 'mocha-reporter']]);
    assert.equal(report.findings.find((f) => f.package?.name === 'yargs-parser')?.package?.direct, true);
    assert.equal(growl?.description, 'Input reaches a shell unquoted.[31m\n\nUpdate to version 1.10.2 or later.');
    assert.deepEqual(growl?.references, ['https://npmjs.com/advisories/146', 'https://github.com/tj/node-growl/issues/60']);
  });

  it('makes one finding of an advisory with two ranges, with both as witnesses', async () => {
    const via = (source: number, range: string) => ({
      source,
      name: 'debug',
      title: 't',
      url: 'https://github.com/advisories/GHSA-gxpj-cx7g-858c',
      severity: 'low',
      range,
    });
    const report = await read({
      auditReportVersion: 2,
      vulnerabilities: { debug: { name: 'debug', via: [via(1, '<2.6.9'), via(2, '>=3.0.0 <3.1.0')] } },
    });
    assert.equal(report.findings.length, 1);
    assert.equal(report.findings[0]?.package?.vulnerableRange, '<2.6.9 || >=3.0.0 <3.1.0');
    assert.deepEqual(report.findings[0]?.package?.fixedVersions, ['2.6.9', '3.1.0']);
    assert.deepEqual(
      report.findings[0]?.witnesses.map((w) => w.index),
      [0, 1],
    );
  });

  const failures: readonly (readonly [string, unknown, RegExp])[] = [
    [
      'npm failed',
      { error: { code: 'ENOLOCK', summary: 'This command requires an existing lockfile.' } },
      /audit itself failed.*ENOLOCK.*lockfile/,
    ],
    [
      'npm failed on the network',
      { message: 'request to the registry failed', error: { summary: '', detail: '' } },
      /audit itself failed.*request to the registry/,
    ],
    ['another document', { results: [] }, /neither "vulnerabilities" nor "advisories"/],
    ['a list', [], /neither/],
    ['null', 'null', /neither/],
    ['empty', '', /is empty/],
    ['truncated', '{"auditReportVersion": 2, "vulnerabilities": {', /line 1, column 47: it ends in the middle/],
    ['trailing rubbish', '{"a": 1}\n}', /line 2, column 1/],
    ['wrong encoding', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), /neither UTF-8 nor UTF-16 text: line 1, byte 2\./],
  ];
  for (const [name, content, words] of failures) {
    it(`says in words: ${name}`, async () => {
      await assert.rejects(
        read(content),
        (e) => isHumanError(e) && words.test(e.message) && e.message.startsWith('npm-audit.json'),
      );
    });
  }

  it('reads UTF-16, as Windows PowerShell redirects it', async () => {
    const text = readFileSync(`${fixtures}/npm6.json`, 'utf8');
    assert.equal((await read(new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le')))).findings.length, 2);
  });

  it('rejects what is broken and keeps the rest, hostile names included', async () => {
    const good = { title: 'bad\u202e thing', url: 'command:rm', severity: 'SEVERE', range: '<1' };
    const text = `{"auditReportVersion":2,"vulnerabilities":{"__proto__":{"via":[${JSON.stringify(good)}]},"constructor":{"via":[${JSON.stringify(good)}]},
      "a":7,"b":{"via":"x"},"c":{"via":["gone",5]},"../evil":{"via":[{}]},"d":{"via":[{"cvss":"x","cwe":{"y":1},"title":3}],"nodes":7}}}`;
    const report = await read(text);
    assert.deepEqual(report.findings.map((f) => [f.package?.name, f.title, f.severity, f.references.length]).sort(), [
      ['__proto__', 'bad thing', 'medium', 0],
      ['constructor', 'bad thing', 'medium', 0],
      ['d', 'd is vulnerable', 'medium', 0],
    ]);
    assert.deepEqual(
      report.rejected.map((r) => r.path),
      [
        'vulnerabilities["a"]',
        'vulnerabilities["b"]',
        'vulnerabilities["c"].via[0]',
        'vulnerabilities["c"].via[1]',
        'vulnerabilities["../evil"].via[0]',
      ],
    );
    assert.equal(({} as Record<string, unknown>)['via'], undefined, 'no prototype was touched');
  });

  const shared = '../shared/data/reports';
  const beside = existsSync(`${shared}/expected.json`);
  it(
    beside ? 'agrees with other readers on public reports' : 'compares nothing: no public reports beside the repository',
    async () => {
      if (!beside) return;
      interface Case {
        readonly file: string;
        readonly count: number;
        readonly findings: readonly {
          component_name: string;
          component_version?: string;
          vulnerability_ids?: readonly string[];
          title: string;
        }[];
      }
      const { cases } = JSON.parse(readFileSync(`${shared}/expected.json`, 'utf8')) as { cases: readonly Case[] };
      const own = cases.filter((one) => /^npm_audit/.test(one.file));
      assert.ok(own.length > 0);
      for (const one of own) {
        const { findings } = await npmAuditReader.read(reportFrom(`${shared}/${one.file}`, 'npm-audit.json'), '/nowhere');
        // There each vulnerable package of npm 7 is a finding, also a mere parent, titled by its own name; here only advisories are.
        const expected = one.findings.filter((f) => f.title !== f.component_name);
        assert.equal(findings.length, expected.length, one.file);
        for (const f of expected) {
          const name = f.component_name.slice(f.component_name.lastIndexOf('node_modules/') + 1).replace(/^ode_modules\//, '');
          const found = findings.find(
            (ours) => ours.package?.name === name && (f.vulnerability_ids ?? []).every((id) => ours.aliases.includes(id)),
          );
          assert.ok(found, `${one.file}: ${f.title}`);
          assert.equal(found.package?.version, f.component_version, f.title);
        }
      }
    },
  );

  /** Position of an expected row among the findings, so that the table above reads in an order of its own. */
  function order(findings: readonly Finding[], row: readonly unknown[]): number {
    return findings.findIndex((f) => f.package?.purl === row[0] && f.aliases.join(' ') === row[3]);
  }
});
