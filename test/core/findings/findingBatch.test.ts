import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DraftFinding } from '../../../src/core/findings/draft';
import { FindingEncoder } from '../../../src/core/findings/findingBatch';
import { FindingDecoder } from '../../../src/core/findings/findingDecoder';
import { plainFinding } from '../../../src/core/findings/findingHandle';
import { identifyFindings } from '../../../src/core/findings/identity';
import type { Finding } from '../../../src/core/model/finding';

const cwe = Object.freeze(['CWE-78']);
const none: readonly string[] = Object.freeze([]);

function finding(index: number, rest: Partial<DraftFinding> = {}): DraftFinding {
  return {
    kind: 'code',
    scanner: 'S',
    ruleId: 'R',
    title: `title ${index}`,
    severity: 'high',
    locations: [{ path: 'a.js', startLine: 3 }],
    aliases: none,
    cwe,
    references: none,
    suppressed: false,
    witnesses: [{ scanner: 'S', file: 'r.sarif', ruleId: 'R', index }],
    ...rest,
  };
}

/** Packs, sends as a worker would, and keeps, in batches of `size`. */
function decoded(findings: readonly DraftFinding[], size: number): FindingDecoder {
  const encoder = new FindingEncoder(size);
  const decoder = new FindingDecoder();
  const send = (): void => {
    const batch = encoder.take();
    decoder.append(structuredClone(batch));
  };
  for (const one of findings) {
    if (encoder.isFull) send();
    encoder.add(one);
  }
  send();
  return decoder;
}

/** What has come of them; the ids are those that the findings get anywhere. */
function transport(findings: readonly DraftFinding[], size: number): readonly DraftFinding[] {
  const decoder = decoded(findings, size);
  const received: readonly Finding[] = decoder.findings.map(plainFinding);
  assert.deepEqual(received, identifyFindings(findings));
  return received.map(({ id: _, ...draft }) => draft);
}

describe('finding batches', () => {
  const kinds: Readonly<Record<string, Partial<DraftFinding>>> = {
    plain: {},
    'without location': { locations: [] },
    'a whole region and snippet': {
      locations: [{ path: 'b.js', startLine: 1, startColumn: 2, endLine: 3, endColumn: 4, snippet: 'x "y"' }],
    },
    'several locations': { locations: [{ path: 'a' }, { path: 'b', message: 'm' }] },
    'a message at its location': { locations: [{ path: 'a', message: 'm' }] },
    fingerprints: { fingerprints: { one: '1', two: '' } },
    'fingerprints in another order': { fingerprints: { two: '2', one: '1' } },
    description: { description: 'long' },
    score: { cvss: { vector: 'CVSS:3.1/x', version: '3.1', score: 9.8 } },
    baseline: { baselineState: 'new' },
    suppressed: { suppressed: true, suppressions: [{ kind: 'inSource' }] },
    detail: { detail: { file: '/r.sarif', offset: 5_000_000_000, length: 12 } },
    'a fix': { suggestedFix: { replacements: [{ path: 'a', text: 'x' }] } },
    'a package': { package: { purl: 'pkg:npm/x@1', ecosystem: 'npm', name: 'x', manifest: 'package.json', fixedVersions: [] } },
    'code flows': { codeFlows: [[{ path: 'a' }]] },
    properties: { properties: { deep: { er: [1] } } },
    'two witnesses': {
      witnesses: [
        { scanner: 'S', file: 'r', ruleId: 'R', index: 1 },
        { scanner: 'T', file: 'q', ruleId: 'Q', index: 2 },
      ],
    },
    'half a character': { title: 'half \ud83d' },
    'half a character in a fingerprint': { fingerprints: { one: '\udc00' } },
    'beyond ASCII': { title: 'größer ✓ 😀', fingerprints: { one: 'é' } },
    'placeholders for fingerprints': { fingerprints: { primaryLocationLineHash: 'none', two: '2' } },
    'columns for fingerprints': { fingerprints: { aColumn: '12' } },
    'a witness of another rule': { witnesses: [{ scanner: 'S', file: 'r', ruleId: 'Q', index: 1 }] },
  };
  for (const [what, rest] of Object.entries(kinds)) {
    it(`carry ${what}`, () =>
      assert.deepEqual(transport([finding(0), finding(1, rest), finding(2)], 8), [finding(0), finding(1, rest), finding(2)]));
  }

  it('carry any mixture in any size, in order', () => {
    const any = fc.constantFrom(...Object.values(kinds));
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (list, size) => {
        const findings = list.map((rest, i) => finding(i, rest));
        assert.deepEqual(transport(findings, size), findings);
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });

  it('send what findings share once', () => {
    const encoder = new FindingEncoder(100);
    for (let i = 0; i < 100; i++) encoder.add(finding(i, { description: 'the same' }));
    const { templates, paths, ends, whole } = encoder.take();
    assert.deepEqual([templates.length, paths.length, ends.length, whole.length], [1, 1, 100, 0]);
  });

  it('keep the ids that findings have', () => {
    const own = { ...finding(0), id: 'pl-own' };
    const decoder = decoded([own, finding(1)], 8);
    assert.deepEqual(decoder.findings.map(plainFinding), [own, ...identifyFindings([finding(1)])]);
  });

  it('forget what comes after a finding, and number equal ones anew', () => {
    const findings = Array.from({ length: 20 }, (_, i) => finding(i, i % 2 === 0 ? {} : { fingerprints: { f: 'the same' } }));
    for (const count of [0, 1, 7, 8, 20]) {
      const encoder = new FindingEncoder(20);
      const decoder = new FindingDecoder();
      const send = (list: readonly DraftFinding[]): void => {
        for (const one of list) encoder.add(one);
        decoder.append(encoder.take());
      };
      send(findings);
      encoder.rewind(count);
      decoder.truncate(count);
      send(findings.slice(0, 3));
      const expected = identifyFindings([...findings.slice(0, count), ...findings.slice(0, 3)]);
      assert.deepEqual(decoder.findings.map(plainFinding), expected, `${count}`);
    }
  });
});
