import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportReaders as readers } from '../../../src/adapters/reportReaders';
import { isHumanError } from '../../../src/core/errors';
import { mergeFindings } from '../../../src/core/findings/merge';
import { safePath } from '../../../src/core/findings/safePath';
import { severities } from '../../../src/core/model/finding';
import type { Finding } from '../../../src/core/model/finding';
import type { ReadReport, ReportReader } from '../../../src/core/ports';
import { reportFile } from '../../support/reportFile';

const root = '/project';

/** Fixtures by the registry id of their format: a reader without one fails below. */
function fixturesOf(reader: ReportReader): readonly { readonly name: string; readonly text: string }[] {
  const folder = join('test/fixtures', reader.id);
  return readdirSync(folder)
    .filter((name) => /\.(?:json|sarif)$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/** Everything that must hold of a report whatever was in the file. */
function assertSound(report: ReadReport, reader: ReportReader, file: string): void {
  assert.equal(report.format, reader.id);
  assert.ok(report.results >= 0);
  for (const finding of report.findings) {
    assert.match(finding.id, /^pl-[0-9a-f]{16}$/);
    assert.ok(severities.includes(finding.severity));
    assert.ok(finding.title.length > 0 && finding.title.length <= 1000, 'a title that can be shown');
    assert.ok(finding.witnesses.length > 0 && finding.witnesses.every((witness) => witness.file === file));
    for (const location of [...finding.locations, ...(finding.codeFlows ?? []).flat()])
      assertInside(location.path, location.startLine);
    for (const { path } of finding.suggestedFix?.replacements ?? []) assertInside(path, undefined);
    if (finding.package !== undefined) assertInside(finding.package.manifest, undefined);
    for (const link of finding.references) assert.equal(new URL(link).protocol, 'https:');

    assert.doesNotMatch(
      `${finding.title}${finding.description ?? ''}${finding.ruleId}`,
      /[\u0000-\u0008\u001b\u007f-\u009f\u202a-\u202e\u2066-\u2069]/,
    );
    for (const id of finding.aliases) assert.match(id, /^(?:GHSA(?:-[a-z0-9]{4}){3}|[A-Z0-9:._-]+)$/);
    for (const id of finding.cwe) assert.match(id, /^CWE-\d+$/);
  }
  assert.equal(
    new Set(report.findings.map((finding) => finding.id)).size,
    report.findings.length,
    'ids are unique within a report',
  );
  for (const rejection of report.rejected) assert.ok(rejection.file === file && rejection.reason !== '');
  // What was read can be sent to another thread and written down.
  assert.ok(JSON.stringify(structuredClone(report)).length > 0);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
}

function assertInside(path: string, line: number | undefined): void {
  const safe = safePath(path, root);
  assert.ok('path' in safe && safe.path === path, `${path} is a workspace path`);
  assert.ok(line === undefined || (Number.isInteger(line) && line >= 1), `${String(line)} is a line`);
}

/** Reads, and lets only errors for people pass. */
async function readOrWords(reader: ReportReader, file: string, content: unknown): Promise<ReadReport | undefined> {
  try {
    return await reader.read(reportFile(file, content), root);
  } catch (error) {
    if (!isHumanError(error)) throw error;
    assert.ok(error.message.startsWith(file), `the message names the file: ${error.message}`);
    return undefined;
  }
}

/** Values that formats do not expect, hostile ones among them. */
const odd = fc.constantFrom<unknown>(
  null,
  true,
  -1,
  0,
  1e308,
  0.5,
  '',
  'x',
  '\u0000\u001b[31m\u202e',
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\windows\\system32',
  'file:///etc/passwd',
  '%2e%2e%2fetc%2fpasswd',
  'command:workbench.action.quit',
  '\ud800',
  [],
  {},
  [[[[]]]],
  { constructor: { prototype: { polluted: true } } },
  JSON.parse('{"__proto__":{"polluted":true}}'),
);

/** Places in a document: the path of each member and element. */
function placesIn(document: unknown): readonly (readonly (string | number)[])[] {
  const places: (string | number)[][] = [];
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      const place = [...path, Array.isArray(value) ? Number(key) : key];
      places.push(place);
      walk(member, place);
    }
  };
  walk(document, []);
  return places;
}

function mutate(
  document: unknown,
  place: readonly (string | number)[],
  how: 'replace' | 'remove' | 'repeat',
  value: unknown,
): void {
  let parent = document as Record<string | number, unknown>;
  for (const key of place.slice(0, -1)) {
    const next = parent[key];
    if (typeof next !== 'object' || next === null) return;
    parent = next as Record<string | number, unknown>;
  }
  const key = place.at(-1) ?? '';
  // A copy: a later change may lead into it, and with the value itself the document would hold itself.
  if (how === 'replace') parent[key] = structuredClone(value);
  else if (how === 'remove') delete parent[key];
  else if (Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]));
}

for (const reader of readers) {
  describe(`report reader contract: ${reader.id}`, () => {
    const fixtures = fixturesOf(reader);

    it('describes itself', () => {
      assert.match(reader.id, /^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      assert.equal(new URL(reader.url).protocol, 'https:');
      assert.ok(reader.displayName !== '' && reader.capabilities.length > 0 && fixtures.length > 0);
    });

    for (const { name, text } of fixtures) {
      it(`reads ${name} soundly, alone recognises it, and the same twice gives the same`, async () => {
        assert.deepEqual(
          readers.filter((one) => one.recognises(text.slice(0, 65_536), 'report.json')).map((one) => one.id),
          [reader.id],
        );
        const first = await reader.read(reportFile(name, text), root);
        assertSound(first, reader, name);
        assert.ok(first.results > 0 || first.notes.length > 0 || first.findings.length === 0);
        assert.deepEqual(await reader.read(reportFile(name, text), root), first);
        const ids = (findings: readonly Finding[]): readonly string[] => mergeFindings(findings).map((finding) => finding.id);
        assert.deepEqual(ids([...first.findings, ...first.findings]), ids(first.findings));
      });

      it(`gives findings or words for whatever becomes of ${name}`, async function () {
        this.timeout(60_000);
        const places = placesIn(JSON.parse(text));
        const change = fc.record({
          place: fc.constantFrom(...places),
          how: fc.constantFrom('replace' as const, 'remove' as const, 'repeat' as const),
          value: odd,
        });
        await fc.assert(
          fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
            const document = JSON.parse(text) as unknown;
            for (const { place, how, value } of changes) mutate(document, place, how, value);
            const report = await readOrWords(reader, name, document);
            if (report !== undefined) assertSound(report, reader, name);
          }),
          { numRuns: 150 },
        );
      });

      it(`says in words where ${name} is cut off`, async () => {
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 0, max: text.trimEnd().length - 1 }), async (end) => {
            assert.equal(
              await readOrWords(reader, name, text.slice(0, end)),
              undefined,
              'a cut report is never taken for a whole one',
            );
          }),
          { numRuns: 50 },
        );
      });
    }

    it('never breaks on the head of a foreign file', () => {
      fc.assert(
        fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (head) =>
          assert.equal(typeof reader.recognises(head, 'x'), 'boolean'),
        ),
      );
    });

    it('recognises hostile heads in time', () => {
      const started = process.cpuUsage();
      for (const head of [
        '{'.repeat(65_536),
        '{"'.repeat(32_768),
        '{"message":'.repeat(6_000),
        '{"error":{'.repeat(6_000),
        `{${' '.repeat(65_000)}`,
        '"results":['.repeat(6_000),
      ]) {
        reader.recognises(head, 'x.json');
      }
      const { user, system } = process.cpuUsage(started);
      assert.ok((user + system) / 1000 < 3000, `took ${String((user + system) / 1000)} ms`);
    });
  });
}
