import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DraftFinding } from '../../../src/core/findings/draft';
import { FindingDecoder, FindingEncoder } from '../../../src/core/findings/findingBatch';

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

/** Packs, sends as a worker would, and unpacks, in batches of `size`. */
function transport(findings: readonly DraftFinding[], size: number): readonly DraftFinding[] {
  const encoder = new FindingEncoder(size);
  const decoder = new FindingDecoder();
  const received: DraftFinding[] = [];
  const send = (): void => {
    const batch = encoder.take();
    const sent = structuredClone(batch, { transfer: [batch.rows.buffer, batch.details.buffer] });
    decoder.decode(sent, (one) => received.push(one));
  };
  for (const one of findings) {
    if (encoder.isFull) send();
    encoder.add(one);
  }
  send();
  return received;
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
    const { templates, paths, texts, whole } = encoder.take();
    assert.deepEqual([templates.length, paths.length, texts.length, whole.length], [1, 1, 100, 0]);
  });
});
