import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReports } from '../../../src/adapters/ingest/readReports';
import { createReportSource, defaultReportGlobs } from '../../../src/adapters/ingest/reportSource';
import { npmAuditReader } from '../../../src/adapters/scanners/npmAudit';
import { semgrepReader } from '../../../src/adapters/scanners/semgrep';
import { nodeWorkspace } from '../../../src/adapters/workspace/nodeWorkspace';
import { isCancelled, isHumanError } from '../../../src/core/errors';
import type { ReportReader } from '../../../src/core/ports';
import { reportFile, reportFrom } from '../../support/reportFile';

const readers: readonly ReportReader[] = [npmAuditReader, semgrepReader];
const npm7 = reportFrom('test/fixtures/npm-audit/npm7.json', 'npm7.json');
const npm6 = reportFrom('test/fixtures/npm-audit/npm6.json', 'npm6.json');
const scan = reportFrom('test/fixtures/semgrep/scan.json', 'scan.json');
const workspace = nodeWorkspace('/nowhere');

describe('readReports', () => {
  it('recognises each format by content, whatever the name', async () => {
    const read = await readReports([npm6, npm7, { ...scan, name: 'npm-audit.json' }], { readers, workspace });
    assert.deepEqual(read.rejected, []);
    assert.deepEqual(
      read.reports.map(({ name, report }) => [name, report.format, report.findings.length]),
      [
        ['npm6.json', 'npm-audit', 2],
        ['npm7.json', 'npm-audit', 3],
        ['npm-audit.json', 'semgrep', 3],
      ],
    );
  });

  const unreadable: readonly (readonly [string, unknown, RegExp])[] = [
    ['empty', '', /looks like an empty file\. Read are npm audit, Semgrep JSON\./],
    ['gzip', new Uint8Array([0x1f, 0x8b, 8, 0]), /gzip archive; unpack it first/],
    ['zip', new Uint8Array([0x50, 0x4b, 3, 4]), /ZIP archive/],
    ['a web page', '<!DOCTYPE html><html>', /a web page/],
    ['XML', '<?xml version="1.0"?>\n<!-- c --><OWASPZAPReport>', /XML \(<OWASPZAPReport>\)/],
    ['CycloneDX', { bomFormat: 'CycloneDX' }, /CycloneDX/],
    ['a lock file', { name: 'x', lockfileVersion: 3, packages: {} }, /npm lock file/],
    ['other JSON', { alpha: 1, beta: [] }, /JSON of another kind \(it begins with "alpha", "beta"\)/],
    ['text', 'hello', /plain text/],
    ['binary', new Uint8Array([1, 2, 3, 0, 4]), /binary file/],
    ['deep nesting', `{"x":${'['.repeat(100_000)}`, /JSON of another kind/],
    [
      'a truncated report',
      '{"auditReportVersion":2,"vulnerabilities":{"a":',
      /^is not valid JSON: line 1, column \d+: it ends in the middle/,
    ],
    [
      'a report in another encoding',
      new Uint8Array(Buffer.from('{"auditReportVersion":2,"x":"ö"}', 'latin1')),
      /^is neither UTF-8 nor UTF-16/,
    ],
    ['an audit that failed', { error: { code: 'ENOLOCK', summary: 'no lock' } }, /npm audit itself failed/],
  ];
  for (const [name, content, words] of unreadable) {
    it(`makes one rejection of ${name} and loses nothing of the others`, async () => {
      const read = await readReports([npm6, reportFile('bad.json', content), scan], { readers, workspace });
      assert.deepEqual(
        read.reports.map(({ name: of }) => of),
        ['npm6.json', 'scan.json'],
      );
      assert.equal(read.rejected.length, 1);
      assert.deepEqual([read.rejected[0]?.file, read.rejected[0]?.path], ['bad.json', '']);
      assert.match(read.rejected[0]?.reason ?? '', words);
    });
  }

  it('makes a rejection even of a reader that breaks', async () => {
    const broken: ReportReader = {
      ...semgrepReader,
      recognises: () => true,
      read: () => Promise.reject(new TypeError('x is undefined')),
    };
    const { rejected } = await readReports([scan], { readers: [broken], workspace });
    assert.match(rejected[0]?.reason ?? '', /could not be read: x is undefined/);
  });

  it('takes the format it is told, and refuses an unknown one', async () => {
    assert.match(
      (await readReports([npm6], { readers, workspace, format: 'semgrep' })).rejected[0]?.reason ?? '',
      /not a report of Semgrep/,
    );
    assert.equal((await readReports([npm6], { readers, workspace, format: 'auto' })).reports.length, 1);
    await assert.rejects(
      readReports([npm6], { readers, workspace, format: 'zap' }),
      (e) => isHumanError(e) && /Known are auto, npm-audit, semgrep/.test(e.message),
    );
  });

  it('stops when cancelled and tells its progress', async () => {
    await assert.rejects(readReports([npm6], { readers, workspace, signal: AbortSignal.abort() }), isCancelled);
    const seen: (number | undefined)[] = [];
    await readReports([npm6, scan], { readers, workspace, onProgress: (_, fraction) => seen.push(fraction) });
    assert.deepEqual(seen, [0, 0.5, 1]);
  });
});

describe('report source', () => {
  let folder: string;
  let root: string;
  const source = () =>
    createReportSource({
      detail: (finding) => finding,
      readers,
      workspace: nodeWorkspace(root),
      globs: () => defaultReportGlobs,
      keptFolder: join(folder, 'kept'),
    });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'patchline-reports-'));
    root = join(folder, 'project');
    await mkdir(join(root, 'reports/deep'), { recursive: true });
    await mkdir(join(root, 'node_modules/x'), { recursive: true });
    await mkdir(join(root, 'src'));
    await writeFile(join(root, '.gitignore'), 'reports/\n');
    await writeFile(join(root, 'reports/deep/any-name.json'), scan.bytes ?? '');
    await writeFile(join(root, 'reports/coverage.json'), '{"total": 1}');
    await writeFile(join(root, 'npm-audit-prod.json'), npm6.bytes ?? '');
    await writeFile(join(root, 'broken.sarif'), '');
    await writeFile(join(root, 'node_modules/x/semgrep.json'), scan.bytes ?? '');
    await writeFile(join(folder, 'outside.sarif'), '{}');
    await symlink(join(folder, 'outside.sarif'), join(root, 'leak.sarif'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('finds reports, git-ignored too, and of unnamed files only what is recognised', async () => {
    assert.deepEqual(
      (await source().discover()).map((file) => file.name),
      ['broken.sarif', 'npm-audit-prod.json', 'reports/deep/any-name.json'],
    );
  });

  it('keeps what comes from elsewhere, and replaces the older copy', async () => {
    const outside = join(folder, 'elsewhere.json');
    await writeFile(outside, '{"old": true}');
    const first = await source().keep({ name: outside, fsPath: outside, size: 1 });
    await writeFile(outside, scan.bytes ?? '');
    const second = await source().keep({ name: outside, fsPath: outside, size: 1 });
    const dropped = await source().keep(reportFile('../..\\evil name.json', { dropped: true }));
    assert.equal(second.name, first.name);
    assert.match(second.name, /^imported\/[0-9a-f]{8}\/elsewhere\.json$/);
    assert.match(dropped.name, /^imported\/[0-9a-f]{8}\/evil_name\.json$/);
    assert.deepEqual(await source().keep(second), second, 'what is kept already stays as it is');
    const kept = (await source().discover()).filter((file) => file.name.startsWith('imported/'));
    assert.deepEqual(kept.map((file) => file.name).sort(), [dropped.name, second.name].sort());
    const read = await source().read(kept);
    assert.deepEqual(
      read.reports.map(({ report }) => report.findings.length),
      [3],
    );
  });

  it('names a report of the workspace by its path there', async () => {
    const fsPath = join(root, 'npm-audit-prod.json');
    assert.equal((await source().keep({ name: fsPath, fsPath, size: 1 })).name, 'npm-audit-prod.json');
  });

  const result = (line: number) => ({
    check_id: 'x.rule-eval',
    path: 'src/a.js',
    start: { line, col: 1 },
    end: { line, col: 2 },
    extra: { message: 'm', severity: 'ERROR', lines: 'requires login', metadata: {} },
  });
  const ids = async (text: string, lines: readonly number[]): Promise<readonly (string | undefined)[]> => {
    await writeFile(join(root, 'src/a.js'), text);
    const { reports } = await source().read([reportFile('semgrep.json', { results: lines.map(result), errors: [] })]);
    return reports.flatMap(({ report }) => report.findings.map((finding) => finding.id));
  };

  it('gives the same report the same ids although the source has moved on, even from a damaged memory', async () => {
    const before = await ids('evaluate(a);\nevaluate(b);\n', [1, 2, 2]);
    assert.equal(new Set(before).size, 3);
    assert.deepEqual(await ids('const fixed = 1;\nsafe(a);\nevaluate(b);\n', [1, 2, 2]), before);
    const memory = join(folder, 'kept-ids');
    for (const name of await readdir(memory)) await writeFile(join(memory, name), '[[0,"../../x"]]');
    assert.deepEqual(await ids('evaluate(a);\nevaluate(b);\n', [1, 2, 2]), before);
  });

  it('reads as well where nothing can be remembered, and says so', async () => {
    const nowhere = createReportSource({
      detail: (finding) => finding,
      readers,
      workspace: nodeWorkspace(root),
      globs: () => [],
      keptFolder: join(root, '.gitignore/kept'),
    });
    const { reports } = await nowhere.read([reportFile('semgrep.json', { results: [result(1)], errors: [] })]);
    assert.equal(reports[0]?.report.findings.length, 1);
    assert.match(reports[0]?.report.notes.join() ?? '', /could not be remembered: ENOTDIR/);
  });

  it('gives findings without fingerprint and snippet an id by their line, so that lines may move and others be fixed', async () => {
    const [first, second] = await ids('eval(a);\neval(b);\n', [1, 2]);
    assert.notEqual(first, second);
    assert.deepEqual(await ids('// comment\nsafe(a);\n  eval(b);\r\n', [3]), [second]);
  });
});
