import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { semgrepReader } from '../../../src/adapters/scanners/semgrep';
import { isHumanError } from '../../../src/core/errors';
import type { ReadReport } from '../../../src/core/ports';
import { reportFile, reportFrom } from '../../support/reportFile';

async function read(content: unknown): Promise<ReadReport> {
  return semgrepReader.read(reportFile('semgrep.json', content), '/project');
}

const result = (extra: object = {}, more: object = {}): object => ({
  check_id: 'a.b.rule-one',
  path: 'a.js',
  start: { line: 1, col: 1, offset: 0 },
  end: { line: 1, col: 4, offset: 3 },
  extra: { message: 'm', severity: 'WARNING', metadata: {}, lines: 'abc', ...extra },
  ...more,
});
const one = async (extra: object = {}, more: object = {}) =>
  (await read({ results: [result(extra, more)], errors: [] })).findings[0];

describe('Semgrep reader', () => {
  it('reads a scan whole', async () => {
    const report = await semgrepReader.read(reportFrom('test/fixtures/semgrep/scan.json', 'semgrep.json'), '/project');
    assert.deepEqual(report.rejected, []);
    assert.equal(report.results, 3);
    assert.equal(report.complete, true, 'a file that parses only in part is a warning');
    assert.deepEqual(report.scope, ['src/diagnostics.js', 'src/hash.js', 'src/parse.py'], 'without the file that failed');
    assert.match(report.notes.join(), /Syntax error.*src\/odd\.js/);

    const [command, hash, pillow] = report.findings;
    assert.deepEqual(
      [command?.kind, command?.severity, command?.cwe, command?.title, command?.references],
      [
        'code',
        'high',
        ['CWE-78'],
        'Detected calls to child_process from a function argument `host`.',
        ['https://cheatsheetseries.owasp.org/', 'https://semgrep.dev/r/javascript.lang.security.detect-child-process'],
      ],
    );
    // Semgrep counts bytes: ö and ß are two each, so byte column 20 is character column 18.
    const region = { startLine: 12, startColumn: 18, endLine: 12, endColumn: 41 };
    assert.deepEqual(
      { ...command?.locations[0], snippet: undefined },
      { path: 'src/diagnostics.js', ...region, snippet: undefined },
    );
    assert.deepEqual(command?.suggestedFix?.replacements, [
      { path: 'src/diagnostics.js', region, byteOffset: 300, byteLength: 23, text: "execFile('ping', [host])" },
    ]);
    assert.deepEqual(command?.fingerprints, { 'matchBasedId/v1': 'aa11bb22_0' });
    assert.deepEqual(
      command?.codeFlows?.[0]?.map((step) => `${step.path}:${step.startLine}`),
      ['src/server.js:3', 'src/server.js:4', 'src/server.js:5', 'src/diagnostics.js:12'],
    );
    assert.equal(command?.properties?.['confidence'], 'LOW');

    assert.deepEqual([hash?.suppressed, hash?.fingerprints, hash?.severity], [true, undefined, 'medium']);
    assert.deepEqual(hash?.suggestedFix?.regex, { pattern: 'md5', replacement: 'sha256', count: 1 });
    assert.equal(hash?.suggestedFix?.expectedText, "crypto.createHash(\n  '");

    assert.deepEqual(
      [pillow?.kind, pillow?.severity, pillow?.aliases],
      ['dependency', 'critical', ['CVE-2023-4863', 'GHSA-j7hp-h8jx-5ppr']],
    );
    assert.deepEqual(pillow?.package, {
      purl: 'pkg:pypi/pillow@9.0.0',
      ecosystem: 'pypi',
      name: 'Pillow',
      version: '9.0.0',
      manifest: 'poetry.lock',
      fixedVersions: ['10.0.1'],
      vulnerableRange: '<10.0.1',
      direct: true,
    });
    assert.equal(pillow?.locations[0]?.snippet, undefined, 'withheld lines are no snippet');
  });

  it('reads the listings of the platform, a page of several as incomplete', async () => {
    const code = await semgrepReader.read(reportFrom('test/fixtures/semgrep/platform.json', 'p.json'), '/project');
    const [xss] = code.findings;
    assert.deepEqual(
      [xss?.severity, xss?.suppressed, xss?.suppressions?.[0]?.justification, xss?.cwe, xss?.locations],
      ['high', true, 'acceptable_risk only on the test machine', ['CWE-79'], [{ path: 'src/a.js', startLine: 3, endLine: 3 }]],
    );
    const supply = await semgrepReader.read(reportFrom('test/fixtures/semgrep/supply-chain.json', 's.json'), '/project');
    assert.equal(supply.complete, false);
    assert.deepEqual(
      supply.findings.map((f) => [f.package?.purl, f.package?.fixedVersions, f.aliases, f.component]),
      [['pkg:pypi/grpcio@1.47.0', ['1.53.0'], ['CVE-2023-1428', 'GHSA-6628-q6j9-w8vg'], 'example/one#1']],
    );
  });

  const severities: readonly (readonly [object, string])[] = [
    [{ severity: 'ERROR' }, 'high'],
    [{ severity: 'WARNING' }, 'medium'],
    [{ severity: 'INFO' }, 'low'],
    [{ severity: 'CRITICAL' }, 'critical'],
    [{ severity: 'HIGH' }, 'high'],
    [{ severity: 'MEDIUM' }, 'medium'],
    [{ severity: 'LOW' }, 'low'],
    [{ severity: 'INVENTORY' }, 'info'],
    [{ severity: 'nonsense' }, 'medium'],
    [{ severity: 'INFO', metadata: { severity: 'high' } }, 'high'],
    [{ severity: 'INFO', metadata: { severity: { odd: 1 } } }, 'low'],
  ];
  for (const [extra, severity] of severities) {
    it(`takes ${JSON.stringify(extra)} as ${severity}`, async () => assert.equal((await one(extra))?.severity, severity));
  }

  it('takes an empty fix for a deletion, and no fix for none', async () => {
    assert.deepEqual((await one({ fix: '' }))?.suggestedFix?.replacements[0]?.text, '');
    assert.equal((await one())?.suggestedFix, undefined);
  });

  it('is incomplete when Semgrep reports an error', async () => {
    const report = await read({ results: [], errors: [{ level: 'error', message: 'Timeout', path: 'a.js' }] });
    assert.deepEqual([report.complete, report.scope], [false, undefined]);
  });

  it('keeps a finding without its place where the path leads outside, as SARIF is read', async () => {
    for (const path of ['/src/src/a.js', '../../etc/passwd', 'C:\\scan\\a.js']) {
      const traced = { dataflow_trace: { taint_source: ['CliLoc', [{ path, start: { line: 1 } }, 'x']] } };
      const report = await read({ results: [result({ fix: 'x', lines: 'secret', ...traced }, { path })] });
      assert.deepEqual(
        report.findings.map((finding) => [finding.locations, finding.suggestedFix, finding.codeFlows, finding.ruleId]),
        [[[], undefined, undefined, 'a.b.rule-one']],
      );
      assert.deepEqual(
        report.rejected.map((one) => [one.path, /^The finding is kept without this place: .*outside|drive/.test(one.reason)]),
        [['results[0].path', true]],
      );
      const { rejected, findings } = await read({
        findings: [{ rule_name: 'r', rule_message: 'm', location: { file_path: path, line: 3 } }],
      });
      assert.deepEqual(
        [findings.map((one) => one.locations), rejected.map((one) => one.path)],
        [[[]], ['findings[0].location.file_path']],
      );
    }
  });

  it('rejects broken results, and keeps the rest', async () => {
    const text = JSON.stringify({
      results: [
        7,
        result({}, { path: '../../etc/passwd' }),
        result({}, { start: { line: 0, col: 1 } }),
        result({}, { path: '/project/src/in.js' }),
        result({ metadata: 'x', lines: 3, fix: 4, fix_regex: 'no', fingerprint: {}, message: null, dataflow_trace: [[[]]] }),
        result({
          sca_info: { dependency_match: { found_dependency: { package: 'x', ecosystem: 'npm' }, lockfile: '../up.json' } },
        }),
        result({ sca_info: { dependency_match: { found_dependency: { package: 'x/', ecosystem: '7?' }, lockfile: 'a.lock' } } }),
      ],
      errors: 'none',
    });
    const report = await read(text.replace('"metadata":{}', '"metadata":{"__proto__":{"polluted":true}}'));
    assert.deepEqual(
      report.rejected.map((r) => r.path),
      ['results[0]', 'results[1].path', 'results[2]', 'results[5]'],
    );
    assert.deepEqual(
      report.findings.map((f) => f.locations[0]?.path),
      [undefined, 'src/in.js', 'a.js', 'a.js'],
    );
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });

  it('gets through deep nesting without a crash', async () => {
    const depth = 20_000;
    const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const calls = `${'["CliCall",[[{"path":"a.js","start":{"line":1}},"c"],[],'.repeat(depth)}[]${']]'.repeat(depth)}`;
    const text = JSON.stringify({ results: [result({ metadata: { owasp: 'DEEP' }, dataflow_trace: 'TRACE' })], errors: [] });
    const report = await read(text.replace('"DEEP"', deep).replace('"TRACE"', `{"taint_source":${calls}}`));
    assert.equal(report.findings.length, 1);
    assert.ok(JSON.stringify(report.findings).length < 100_000);
  });

  for (const [name, content] of [
    ['a list', []],
    ['no results', { errors: [] }],
    ['results of another kind', { results: {} }],
  ] as const) {
    it(`says in words: ${name}`, async () => {
      await assert.rejects(
        read(content),
        (e) => isHumanError(e) && /^semgrep\.json is not a report of Semgrep: /.test(e.message),
      );
    });
  }

  const shared = '../shared/data';
  const beside = existsSync(`${shared}/reports/expected.json`);
  it(
    beside ? 'agrees with other readers on public reports' : 'compares nothing: no public reports beside the repository',
    async () => {
      if (!beside) return;
      interface Case {
        readonly file: string;
        readonly count: number;
        readonly findings: readonly {
          file_path: string;
          line: number | string;
          vuln_id_from_tool: string;
          cwes?: readonly number[];
        }[];
      }
      const { cases } = JSON.parse(readFileSync(`${shared}/reports/expected.json`, 'utf8')) as { cases: readonly Case[] };
      const own = cases.filter((c) => /^semgrep/.test(c.file));
      assert.ok(own.length > 0);
      for (const c of own) {
        const { findings, rejected } = await semgrepReader.read(
          reportFrom(`${shared}/reports/${c.file}`, 'semgrep.json'),
          '/project',
        );
        assert.deepEqual(rejected, [], c.file);
        // The Supply Chain listing spans repositories; the other reader makes one of two repositories that have the same path and
        // line, here each is a finding of its own. So places are compared once each.
        const listing = c.file.includes('sca');
        if (!listing) assert.equal(findings.length, c.count, c.file);
        const once = (places: readonly string[]): readonly string[] => (listing ? [...new Set(places)] : places);
        const place = (path: string | undefined, line: unknown, rule: string): string =>
          `${path}:${String(line)}:${listing ? '' : rule}`;
        assert.deepEqual(
          once(findings.map((f) => place(f.locations[0]?.path, f.locations[0]?.startLine, f.ruleId)).sort()),
          once(c.findings.map((f) => place(f.file_path, f.line, f.vuln_id_from_tool)).sort()),
        );
        const weaknesses = (numbers: readonly number[] | undefined): string => (numbers ?? []).map((n) => `CWE-${n}`).join();
        if (!listing && c.findings.every((f) => f.cwes !== undefined)) {
          assert.deepEqual(findings.map((f) => f.cwe.join()).sort(), c.findings.map((f) => weaknesses(f.cwes)).sort());
        }
      }
    },
  );

  it(
    beside
      ? 'places the fixes of public reports where the file has the matched text'
      : 'places no public fixes: none beside the repository',
    async () => {
      if (!beside) return;
      interface FixCase {
        readonly fileName: string;
        readonly input: string;
        readonly report: object;
        readonly nWithFix: number;
      }
      const { cases } = JSON.parse(readFileSync(`${shared}/scanner-fix.json`, 'utf8')) as { cases: readonly FixCase[] };
      for (const c of cases) {
        const { findings } = await read(c.report);
        const bytes = Buffer.from(c.input, 'utf8');
        const lines = c.input.split('\n');
        const fixes = findings.flatMap((f) => (f.suggestedFix ? [f.suggestedFix] : []));
        assert.equal(fixes.length, c.nWithFix, c.fileName);
        for (const fix of fixes) {
          for (const { byteOffset = 0, byteLength = 0, region } of fix.replacements) {
            assert.equal(bytes.subarray(byteOffset, byteOffset + byteLength).toString('utf8'), fix.expectedText, 'by bytes');
            const inLines = lines.slice((region?.startLine ?? 1) - 1, region?.endLine).join('\n');
            const cut = inLines.length - (lines[(region?.endLine ?? 1) - 1] ?? '').length + (region?.endColumn ?? 1) - 1;
            assert.equal(inLines.slice((region?.startColumn ?? 1) - 1, cut), fix.expectedText, 'by line and column');
          }
        }
      }
    },
  );
});
