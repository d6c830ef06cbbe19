import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { sarifReader, streamSarif } from '../../../src/adapters/scanners/sarif';
import { readDetail } from '../../../src/adapters/scanners/sarifDetail';
import { isHumanError } from '../../../src/core/errors';
import { identifyFindings } from '../../../src/core/findings/identity';
import { mergeFindings } from '../../../src/core/findings/merge';
import { dependencyDraft } from '../../support/drafts';
import type { DraftFinding } from '../../../src/core/findings/draft';
import { preferredFingerprint } from '../../../src/core/findings/fingerprint';
import type { ReportFile } from '../../../src/core/ports';

const repository = path.join(import.meta.dirname, '../../..');
const fixtures = path.join(repository, 'test/fixtures/sarif');
const shared = path.join(repository, '../shared/data');
const root = '/repo/project';

const fileOf = (fsPath: string, name = path.basename(fsPath)): ReportFile => ({
  name,
  fsPath,
  size: readFileSync(fsPath).length,
});
const fixture = (name: string): ReportFile => fileOf(path.join(fixtures, name));
const bytesFile = (bytes: Uint8Array, name = 'r.sarif'): ReportFile => ({ name, size: bytes.length, bytes });
const names = readdirSync(fixtures).filter((name) => name.endsWith('.sarif'));

/** The finding as streaming gives it: without what is read on opening. */
function lean({ codeFlows: _, properties: __, description: ___, fingerprints, ...finding }: DraftFinding): DraftFinding {
  const kept = Object.entries(fingerprints ?? {}).filter(
    ([name, value]) => preferredFingerprint({ [name]: value }) !== undefined,
  );
  if (kept.length === 0) return finding;
  const locations = finding.locations.map(({ snippet: ____, ...rest }) => rest);
  return { ...finding, locations, fingerprints: Object.fromEntries(kept) };
}

function stream(file: ReportFile) {
  const findings: DraftFinding[] = [];
  const rest = streamSarif(file, root, {
    add: (finding) => findings.push(finding),
    rewind(count) {
      findings.length = count;
    },
    onBytes() {},
  });
  return { findings, ...rest };
}

/** Reads a log whole and streamed; both have to agree. Gives what reading whole gave. */
async function readBothWays(file: ReportFile) {
  const whole = await sarifReader.read(file, root);
  const streamed = stream(file);
  const { findings: _, ...rest } = whole;
  const { findings: __, ...streamedRest } = streamed;
  assert.deepEqual(streamedRest, rest, file.name);
  streamed.findings.forEach(({ detail, description: ___, ...finding }, i) => {
    const { id: ____, ...draft } = whole.findings[i]!;
    assert.deepEqual(finding, lean(draft), `${file.name} ${i}`);
    assert.ok(detail !== undefined);
  });
  assert.equal(streamed.findings.length, whole.findings.length, file.name);
  return { whole, streamed };
}

describe('SARIF reader', () => {
  it('recognises logs by their content', () => {
    for (const name of names)
      assert.ok(sarifReader.recognises(readFileSync(path.join(fixtures, name), 'utf8').slice(0, 65536), 'x.json'), name);
    assert.ok(sarifReader.recognises('\ufeff { "$schema": "https://json.schemastore.org/sarif-2.1.0.json"', 'x'));
    assert.ok(sarifReader.recognises('{"version": "1.0.0"', 'old.sarif'));
    for (const other of [
      '{"results": [], "errors": []}',
      '{"auditReportVersion": 2}',
      '[]',
      '<sarif/>',
      '{"vulnerabilities": {}}',
    ])
      assert.ok(!sarifReader.recognises(other, 'x.json'), other);
  });

  for (const name of names) {
    it(`reads ${name} the same whole and streamed`, async () => {
      const { whole } = await readBothWays(fixture(name));
      assert.equal(new Set(whole.findings.map(({ id }) => id)).size, whole.findings.length);
      assert.ok(whole.findings.every(({ id }) => /^pl-[0-9a-f]{16}$/.test(id)));
    });

    it(`opens the streamed findings of ${name} with all their detail`, async () => {
      const { whole, streamed } = await readBothWays(fixture(name));
      streamed.findings.forEach((finding, i) => {
        const { detail, ...opened } = readDetail({ ...finding, id: whole.findings[i]!.id }, root);
        assert.ok(detail !== undefined);
        assert.deepEqual(opened, whole.findings[i]);
      });
    });
  }

  it('keeps every finding of a hostile report, and none of its ways out', async () => {
    const { findings, rejected } = await sarifReader.read(fixture('hostile.sarif'), root);
    assert.equal(findings.length, 10);
    assert.deepEqual(
      findings.flatMap(({ locations }) => locations.map((location) => location.path)),
      ['src/fine.js'],
    );
    assert.deepEqual(
      findings.flatMap(({ suggestedFix }) => suggestedFix?.replacements.map((replacement) => replacement.path) ?? []),
      ['src/fine.js'],
    );
    assert.deepEqual(
      rejected.filter((one) => one.path.includes('locations')).map((one) => one.path),
      Array.from({ length: 9 }, (_, i) => `runs[0].results[${i}].locations[0]`),
    );
    assert.ok(findings.every(({ references }) => references.length === 0));
    assert.doesNotMatch(
      JSON.stringify(findings.map(({ title, description }) => [title, description])),
      /\\u00(?:0[0-8b-f]|1)|\u202e/,
    );
  });

  it('reads the package of an advisory as tools say it, and merges it with what npm audit says of it', async () => {
    const { findings } = await sarifReader.read(fixture('advisories.sarif'), root);
    const said = findings.map((finding) => [finding.scanner, finding.package?.purl, finding.package?.manifest]);
    const minimist = ['pkg:npm/minimist@1.2.0', 'package-lock.json'];
    assert.deepEqual(said, [
      ['Trivy', ...minimist],
      ['osv-scanner', ...minimist],
      ['osv-scanner', 'pkg:npm/%40scope/minimist@1.2.0', 'package-lock.json'],
      ['Grype', ...minimist],
      ['dependency-check', ...minimist],
      ['dependency-check', 'pkg:npm/%40a/minimist@1.2.0', 'web/package.json'],
      ['dependency-check', undefined, undefined],
      ['dependency-check', undefined, undefined],
    ]);
    assert.deepEqual(findings[0]?.package?.fixedVersions, ['0.2.1', '1.2.3']);
    const audit = identifyFindings([
      dependencyDraft({ name: 'minimist', version: '1.2.0', aliases: ['GHSA-vh95-rmgr-6w4m'], file: 'audit.json' }),
    ]);
    const merged = mergeFindings([...findings, ...audit]);
    assert.equal(merged.length, 5);
    const one = merged.find(({ package: ref }) => ref?.name === 'minimist');
    assert.deepEqual([...new Set(one?.witnesses.map(({ scanner }) => scanner))].sort(), [
      'Grype',
      'Trivy',
      'dependency-check',
      'npm audit',
      'osv-scanner',
    ]);
    assert.deepEqual(one?.aliases, ['CVE-2020-7598', 'GHSA-vh95-rmgr-6w4m']);
    assert.equal(one.id, audit[0]?.id, 'npm audit knew it by this id already');
    assert.equal(one.package?.manifest, 'package.json');
  });

  it('reads UTF-16 and byte order marks', async () => {
    const text = readFileSync(path.join(fixtures, 'codeFlows.sarif'), 'utf8');
    const plain = await sarifReader.read(bytesFile(Buffer.from(text)), root);
    const little = Buffer.from(`\ufeff${text}`, 'utf16le');
    for (const bytes of [Buffer.from(`\ufeff${text}`), little, Buffer.from(little).swap16(), Buffer.from(text, 'utf16le')])
      assert.deepEqual(await sarifReader.read(bytesFile(bytes), root), plain);
  });

  it('streams no UTF-16, and nothing without a file', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'patchline-sarif-'));
    try {
      const fsPath = path.join(folder, 'r.sarif');
      const size = 64 * 1024 * 1024;
      await writeFile(fsPath, Buffer.from('\ufeff{}', 'utf16le'));
      assert.equal(sarifReader.streams({ name: 'r', fsPath, size }), false);
      await writeFile(fsPath, '{}');
      assert.equal(sarifReader.streams({ name: 'r', fsPath, size }), true);
      assert.equal(sarifReader.streams({ name: 'r', bytes: Buffer.from('{}'), size }), false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('turns columns that count code points into UTF-16 units by the source', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'patchline-sarif-'));
    try {
      await writeFile(path.join(folder, 'emoji.js'), 'let a;\nx("😀😀", y);\n');
      const { findings } = await sarifReader.read(fixture('codePoints.sarif'), folder);
      assert.deepEqual(findings[0]?.locations, [{ path: 'emoji.js', startLine: 2, startColumn: 10, endLine: 2, endColumn: 12 }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('looks up lines by offsets in the sources, whole and streamed, and never behind a link that leads outside', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'patchline-sarif-'));
    try {
      const project = path.join(folder, 'project');
      await mkdir(project);
      await writeFile(path.join(project, 'a.js'), 'one\ntwo é three\n');
      await writeFile(path.join(project, 'latin1.js'), Buffer.from([0x6f, 0x0a, 0xe9, 0x0a]));
      await writeFile(path.join(folder, 'secret.js'), 'x\ny\n');
      await symlink(path.join(folder, 'secret.js'), path.join(project, 'link.js'));
      const regions: readonly (readonly [uri: string, region: object, line: number | undefined, column: number | undefined])[] = [
        ['a.js', { charOffset: 10, charLength: 5 }, 2, 7],
        ['a.js', { byteOffset: 11, byteLength: 5 }, 2, 7],
        ['a.js', { byteOffset: 11, byteLength: 5, snippet: { text: 'three' } }, 2, 7],
        ['a.js', { byteOffset: 11, byteLength: 5, snippet: { text: 'gone!' } }, undefined, undefined],
        ['latin1.js', { charOffset: 2 }, undefined, undefined],
        ['link.js', { charOffset: 2 }, undefined, undefined],
        ['none.js', { charOffset: 2 }, undefined, undefined],
      ];
      const results = regions.map(([uri, region]) => ({
        ruleId: 'R',
        message: { text: 'm' },
        locations: [{ physicalLocation: { artifactLocation: { uri }, region } }],
        partialFingerprints: { primaryLocationLineHash: '0123456789abcdef:1' },
      }));
      const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 'Scan' } }, results }] };
      const report = path.join(folder, 'r.sarif');
      await writeFile(report, JSON.stringify(log));
      const whole = await sarifReader.read(fileOf(report), project);
      const streamed: DraftFinding[] = [];
      streamSarif(fileOf(report), project, { add: (draft) => streamed.push(draft), rewind() {}, onBytes() {} });
      const expected = regions.map(([uri, , line, column]) => [uri, line, column]);
      for (const findings of [whole.findings, streamed])
        assert.deepEqual(
          findings.map(({ locations: [one] }) => [one?.path, one?.startLine, one?.startColumn]),
          expected,
        );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says in one sentence which file could not be read, and where', async () => {
    const cases: readonly (readonly [bytes: Uint8Array, words: RegExp])[] = [
      [Buffer.from(''), /r\.sarif.*empty/],
      [Buffer.from('{"version":"2.1.0","runs":[{"results":[{"message":{"te'), /r\.sarif.*line 1/],
      [Buffer.from('{"version":"2.1.0",\n"runs":[}'), /r\.sarif.*line 2/],
      [Buffer.from('{"version":"1.0.0","runs":[]}'), /r\.sarif.*version/],
      [Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22]), /r\.sarif.*UTF/],
    ];
    for (const [bytes, words] of cases) {
      await assert.rejects(
        sarifReader.read(bytesFile(bytes), root),
        (error: unknown) => isHumanError(error) && words.test(error.message) && !error.message.includes('\n'),
      );
    }
    await assert.rejects(
      sarifReader.read({ name: 'gone.sarif', fsPath: '/nowhere/gone.sarif', size: 1 }, root),
      /gone\.sarif.*no such file/,
    );
  });

  it('gives the same findings, or one sentence, whatever happened to the file', async () => {
    const originals = names.map((name) => readFileSync(path.join(fixtures, name)));
    const damage = fc.record({
      cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      flips: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...originals), damage, async (original, { cut, flips }) => {
        const bytes = Buffer.from(original.subarray(0, cut === null ? original.length : Math.floor(cut * original.length)));
        for (const [at, value] of flips) if (bytes.length > 0) bytes[Math.floor(at * (bytes.length - 1))] = value;
        try {
          const report = await sarifReader.read(bytesFile(bytes), root);
          for (const finding of report.findings) {
            assert.ok(finding.locations.every((place) => !/^\/|^[A-Za-z]:|(?:^|\/)\.\.(?:\/|$)/.test(place.path)));
            assert.ok(finding.title.length > 0 && finding.title.length <= 300);
          }
        } catch (error) {
          if (!isHumanError(error)) throw error;
          assert.match(error.message, /^r\.sarif\b[^\n]*$/);
        }
      }),
      { numRuns: 300, endOnFailure: true },
    );
  });

  it('gives findings or one sentence, whatever stands in any place of the log', async () => {
    const logs = names.map((name) => JSON.parse(readFileSync(path.join(fixtures, name), 'utf8')) as unknown);
    const deep = JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`) as unknown;
    const wrong = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<unknown>(null, -1, 1e308, '', '../..', [], {}, deep, { __proto__: null }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...logs), fc.nat(), wrong, async (log, pick, value) => {
        const copy = structuredClone(log);
        const places = placesOf(copy);
        const place = places[pick % places.length];
        if (place !== undefined) (place.holder as Record<string, unknown>)[place.key] = value;
        try {
          const report = await sarifReader.read(bytesFile(Buffer.from(JSON.stringify(copy))), root);
          assert.ok(report.results >= report.findings.length);
        } catch (error) {
          if (!isHumanError(error)) throw error;
          assert.match(error.message, /^r\.sarif\b[^\n]*$/);
        }
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });

  it('agrees with the public logs, where they lie beside the project', async () => {
    const folder = path.join(shared, 'sarif');
    if (!existsSync(folder)) {
      console.log('      (../shared/data/sarif is not here: only the fixtures were read)');
      return;
    }
    const { logs } = JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8')) as {
      readonly logs: readonly {
        readonly path: string;
        readonly version: string | null;
        readonly results: number;
        readonly withFixes: number;
        readonly withCodeFlows: number;
      }[];
    };
    assert.ok(logs.length > 0);
    for (const log of logs) {
      if (log.version !== '2.1.0') {
        await assert.rejects(sarifReader.read(fileOf(path.join(folder, log.path)), root), isHumanError);
        continue;
      }
      const { whole } = await readBothWays(fileOf(path.join(folder, log.path)));
      assert.equal(whole.results, log.results, log.path);
      assert.ok(
        whole.findings.every(({ title }) => title !== ''),
        log.path,
      );
    }
  });

  it('finds what is expected in public reports, where they lie beside the project', async () => {
    const folder = path.join(shared, 'reports');
    if (!existsSync(folder)) {
      console.log('      (../shared/data/reports is not here: only the fixtures were read)');
      return;
    }
    interface Expected {
      readonly file_path?: string;
      readonly line?: number;
      readonly vuln_id_from_tool?: string;
    }
    const { cases } = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as {
      readonly cases: readonly {
        readonly tool: string;
        readonly file: string;
        readonly count: number;
        readonly expectError: unknown;
        readonly findings: readonly Expected[];
      }[];
    };
    const sarif = cases.filter(({ tool }) => tool === 'sarif');
    assert.ok(sarif.length > 0);
    for (const { file, count, expectError, findings } of sarif) {
      assert.equal(expectError, null);
      const report = await sarifReader.read(fileOf(path.join(folder, file)), root);
      assert.equal(report.findings.length, count, file);
      // Paths are another matter: these are of the machine of the scan. Rule and line are not.
      const key = (rule: string | undefined, line: number | undefined): string => `${rule ?? ''}:${line ?? ''}`;
      const placed = report.findings.filter(({ locations }) => locations.length > 0);
      const expected = findings.map((one) => key(one.vuln_id_from_tool, one.line));
      for (const one of placed)
        assert.ok(expected.includes(key(one.ruleId, one.locations[0]?.startLine)), `${file} ${one.title}`);
    }
  });
});

interface Place {
  readonly holder: object;
  readonly key: string;
}

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [{ holder: value, key }, ...placesOf(member)]);
}
