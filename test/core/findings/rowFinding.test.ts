import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DraftFinding } from '../../../src/core/findings/draft';
import { FindingHandle, plainFinding } from '../../../src/core/findings/findingHandle';
import { alternativeIds, identifyFindings } from '../../../src/core/findings/identity';
import type { Finding } from '../../../src/core/model/finding';
import { noDetection } from '../../../src/core/stages/detection';
import { importInto } from '../../support/importInto';
import { triageFindings } from '../../../src/core/stages/triage';
import { createFindingsTable } from '../../../src/core/triage/findingsTable';
import { codeDraft } from '../../support/drafts';
import { asRows } from '../../support/rowFindings';
import { finish } from '../../../src/core/steps';

const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', 'half \ud83d', 'größer ✓ 😀', 'a"b\\'));
const number = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined });
const draft: fc.Arbitrary<DraftFinding> = fc
  .record({
    rule: fc.constantFrom('R0', 'R1', 'rule-7'),
    path: fc.constantFrom('a.js', 'src/é.js', 'src/module-9/b.js', 'test/c.js'),
    line: fc.integer({ min: 1, max: 5 }),
    column: number,
    snippet: fc.option(text, { nil: undefined }),
    title: text,
    severity: fc.constantFrom('critical', 'high', 'low'),
    fingerprints: fc.option(
      fc.dictionary(fc.constantFrom('primaryLocationLineHash', 'x/v1', 'aColumn'), fc.constantFrom('none', '1', 'f0'.repeat(9)), {
        noNullPrototype: true,
      }),
      { nil: undefined },
    ),
    more: fc.constantFrom<Partial<Finding>>(
      {},
      { description: 'long' },
      { baselineState: 'new' },
      { suppressed: true },
      { suppressed: true, suppressions: [{ kind: 'inSource' }] },
      { cvss: { vector: 'CVSS:3.1/x', version: '3.1', score: 9.8 } },
      { detail: { file: '/r.sarif', offset: 5_000_000_000, length: 12 } },
      { locations: [] },
      { codeFlows: [[{ path: 'a' }]] },
    ),
  })
  .map(({ title, severity, fingerprints, more, rule, path, line, column, snippet }) => {
    const given = { title, severity, ...(fingerprints === undefined ? {} : { fingerprints }), ...more };
    const place = { ...(column === undefined ? {} : { column }), ...(snippet === undefined ? {} : { snippet }) };
    return codeDraft({ rule, path, line, file: 'r.sarif', ...place, more: given });
  });
const drafts = fc
  .array(draft, { maxLength: 12 })
  .map((list) => list.map((one, index) => ({ ...one, witnesses: one.witnesses.map((witness) => ({ ...witness, index })) })));

function check(property: (rows: readonly Finding[], plain: readonly Finding[]) => void): void {
  fc.assert(
    fc.property(drafts, (list) => property(asRows(list, 5), identifyFindings(list))),
    { numRuns: 200, endOnFailure: true },
  );
}

const reportOf = (findings: readonly Finding[], name = 'r.sarif') => ({
  name,
  report: { format: 'sarif', scanner: 'S', findings, rejected: [], results: findings.length, notes: [], complete: true },
});
const context = {
  policy: {
    ignore: [{ rule: 'R1', paths: ['src/**'], reason: 'generated' }],
    components: [{ name: 'tests', paths: ['test/**'], points: 5 }],
  },
  ownersOf: (path: string) => [`@${path}`],
  firstSeen: new Map<string, string>(),
  now: Date.UTC(2026, 0, 1),
};

describe('a finding that is read from its row', () => {
  it('is none of its own members, so that the tests below mean something', () => {
    const [row] = asRows([codeDraft({})]);
    assert.ok(row instanceof FindingHandle);
    assert.equal(({ ...row } as Partial<Finding>).title, undefined);
    const own = { ...codeDraft({}), id: 'x' };
    assert.equal(plainFinding(own), own);
  });

  it('says in every member, in JSON and as a plain finding what the plain one says', () => {
    check((rows, plain) => {
      assert.deepEqual(rows.map(plainFinding), plain);
      // JSON replaces what no text can say in the same way on both sides.
      assert.deepEqual(JSON.parse(JSON.stringify(rows)), JSON.parse(JSON.stringify(plain)));
      rows.forEach((row, i) => {
        for (const name of Object.keys(plain[i] ?? {}) as (keyof Finding)[]) assert.deepEqual(row[name], plain[i]?.[name], name);
      });
    });
  });

  it('goes through detection, triage and the table as a plain one does', () => {
    check((rows, plain) => {
      const passed = [rows, plain].map((findings) => {
        // Some were seen before, under what another version of the fingerprint gave.
        const former = findings.flatMap((one) => alternativeIds(one).filter((id) => id !== one.id));
        const formerly = new Map(former.map((id) => [id, '2024-01-01T00:00:00Z']));
        const first = importInto(noDetection, [reportOf(findings)], [], [], formerly);
        // The same results told by a second report are merged; what was known keeps its id.
        const others = findings.slice(0, 3).map((one): Finding => ({
          ...plainFinding(one),
          id: `pl-${'0'.repeat(16)}`,
          witnesses: [{ scanner: 'T', file: 'q.sarif', ruleId: one.ruleId, index: 0 }],
        }));
        const firstSeen = new Map(others.map(({ id }) => [id, '2025-01-01T00:00:00Z']));
        const second = importInto(first.detection, [reportOf(others, 'q.sarif')], [], [], firstSeen);
        const triaged = triageFindings(second.detection.findings, context);
        const table = createFindingsTable();
        finish(table.replaceSteps(triaged));
        return {
          changes: [first, second].map(({ detection, ...change }) => [change, detection.findings.map(plainFinding)]),
          triaged: triaged.map(plainFinding),
          json: JSON.stringify(triaged),
          rows: table.rows(undefined, 0, 100, { suppressed: true }),
          found: table.rows(undefined, 0, 100, { text: 'high' }),
        };
      });
      const [ofRows, ofPlain] = passed;
      assert.deepEqual({ ...ofRows, json: '' }, { ...ofPlain, json: '' });
      assert.deepEqual(JSON.parse(ofRows?.json ?? ''), JSON.parse(ofPlain?.json ?? ''));
    });
  });
});
