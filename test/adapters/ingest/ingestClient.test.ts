import assert from 'node:assert/strict';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inWorker, readInWorker } from '../../../src/adapters/ingest/ingestClient';
import { sarifReader } from '../../../src/adapters/scanners/sarif';
import { isCancelled, isHumanError } from '../../../src/core/errors';
import { plainFinding } from '../../../src/core/findings/findingHandle';
import type { ReadReport, ReportFile } from '../../../src/core/ports';

const root = '/repo/project';

describe('ingest on a worker thread', function () {
  this.timeout(120_000);
  let folder = '';
  let large: ReportFile;
  const results = 12_000;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'patchline-ingest-'));
    large = writeLog(path.join(folder, 'large.sarif'), results, false);
  });
  after(() => rm(folder, { recursive: true }));

  it('gives what reading in place gives, ids included, and reports progress', async () => {
    assert.ok(sarifReader.streams(large), 'the log has to be large enough to be streamed');
    const fractions: number[] = [];
    const report = await readInWorker('sarif', large, root, { onProgress: (_, fraction) => fractions.push(fraction ?? 0) });
    assert.deepEqual(plainReport(report), await sarifReader.read(large, root));
    assert.equal(report.findings.length, results);
    assert.equal(new Set(report.findings.map(({ id }) => id)).size, results);
    assert.ok(
      fractions.length > 5 &&
        fractions.every((fraction, i) => fraction > 0 && fraction <= 1 && fraction >= (fractions[i - 1] ?? 0)),
    );
  });

  it('reads a run again when what it needs comes last', async () => {
    const late = writeLog(path.join(folder, 'late.sarif'), results, true);
    const report = await readInWorker('sarif', late, root);
    assert.deepEqual(plainReport(report), await sarifReader.read(late, root));
    assert.equal(report.findings.length, results);
    assert.ok(report.findings.every(({ severity }) => severity === 'high'));
  });

  it('runs any registered reader', async () => {
    const audit = { auditReportVersion: 2, vulnerabilities: {}, metadata: {} };
    const bytes = Buffer.from(JSON.stringify(audit));
    const report = await readInWorker('npm-audit', { name: 'npm-audit.json', bytes, size: bytes.length }, root);
    assert.deepEqual([report.format, report.findings], ['npm-audit', []]);
    await assert.rejects(readInWorker('nope', { name: 'x', bytes, size: 1 }, root), /no report reader "nope"/);
  });

  it('hands over the words for a person', async () => {
    const fsPath = path.join(folder, 'cut.sarif');
    await writeFile(fsPath, '{"version":"2.1.0","runs":[{"tool":');
    await assert.rejects(
      readInWorker('sarif', { name: 'cut.sarif', fsPath, size: 1 }, root),
      (error: unknown) => isHumanError(error) && /^cut\.sarif/.test(error.message),
    );
    await assert.rejects(
      readInWorker('sarif', { name: 'cut.sarif', fsPath: `${fsPath}x`, size: 1e9 }, root),
      (error: unknown) => isHumanError(error) && /no such file/.test(error.message),
    );
  });

  it('ends at once when it is cancelled', async () => {
    const controller = new AbortController();
    const reading = readInWorker('sarif', large, root, { signal: controller.signal, onProgress: () => controller.abort() });
    await assert.rejects(reading, (error: unknown) => isCancelled(error));
    assert.throws(() => void readInWorker('sarif', large, root, { signal: AbortSignal.abort() }), isCancelled);
  });

  it('leaves small reports where they are', async () => {
    let inPlace = 0;
    const reader = inWorker({ ...sarifReader, read: (...args) => ((inPlace += 1), sarifReader.read(...args)) }, 1000);
    const bytes = Buffer.from('{"version":"2.1.0","runs":[]}');
    assert.equal((await reader.read({ name: 'r.sarif', bytes, size: bytes.length }, root)).results, 0);
    assert.equal(inPlace, 1);
    await reader.read({ ...large }, root);
    assert.equal(inPlace, 1);
    assert.equal(reader.id, 'sarif');
  });

  const plainReport = (report: ReadReport): ReadReport => ({ ...report, findings: report.findings.map(plainFinding) });

  /** A log of some 10 MB; `late` puts the overrides, without which severities are wrong, behind the results. */
  function writeLog(fsPath: string, count: number, late: boolean): ReportFile {
    const file = openSync(fsPath, 'w');
    writeSync(
      file,
      '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Scan","rules":[{"id":"R0","helpUri":"https://example.org/"}]}},"results":[\n',
    );
    for (let i = 0; i < count; i++) {
      const result = {
        ruleId: `R${i % 7}`,
        message: { text: `Finding "${i}" ${i % 10 === 0 ? 'größer ✓' : ''}` },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: `src/file%20${i % 50}.js` },
              region: { startLine: 1 + (i % 90), snippet: { text: `call(${i})` } },
            },
          },
        ],
        ...(i % 3 === 0 ? { partialFingerprints: { primaryLocationLineHash: `${(i * 7919).toString(16)}:1` } } : {}),
        ...(i % 100 === 0 ? { suppressions: [{ kind: 'inSource' }] } : {}),
        codeFlows: [{ threadFlows: [{ locations: [] }] }],
        properties: { padding: 'p'.repeat(600) },
      };
      writeSync(file, `${i === 0 ? '' : ',\n'}${JSON.stringify(result)}`);
    }
    const overrides = Array.from({ length: 7 }, (_, i) => ({ descriptor: { id: `R${i}` }, configuration: { level: 'error' } }));
    writeSync(
      file,
      `\n]${late ? `,"invocations":[{"executionSuccessful":true,"ruleConfigurationOverrides":${JSON.stringify(overrides)}}]` : ''}}]}`,
    );
    closeSync(file);
    return { name: path.basename(fsPath), fsPath, size: statSync(fsPath).size };
  }
});
