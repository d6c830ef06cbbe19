import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineIndex } from '../../../src/core/edits/lineIndex';
import { OffsetIndex } from '../../../src/core/sarif/offsetIndex';
import { logOf, readPlain } from '../../support/sarif';

describe('SARIF regions by offsets', () => {
  const text = 'one\r\ntwo é\n\u{1f600} three\n';
  const at = (startLine: number, startColumn: number, endLine: number, endColumn: number): object => ({
    startLine,
    startColumn,
    endLine,
    endColumn,
  });
  const table: readonly (readonly [region: object, read: object | undefined])[] = [
    [{ charOffset: 5, charLength: 3 }, at(2, 1, 2, 4)],
    [{ charOffset: 0, charLength: 8 }, at(1, 1, 2, 4)],
    [
      { charOffset: 14, charLength: 5, snippet: { text: 'three' } },
      { ...at(3, 4, 3, 9), snippet: 'three' },
    ],
    [{ charOffset: 5, charLength: 3, snippet: { text: 'six' } }, undefined],
    [{ charOffset: 3 }, at(1, 4, 1, 4)],
    [{ charOffset: 20, charLength: 1 }, undefined],
    [{ charOffset: -1 }, undefined],
    [{ byteOffset: 9, byteLength: 2 }, at(2, 5, 2, 6)],
    [{ byteOffset: 17, byteLength: 5 }, at(3, 4, 3, 9)],
    [{ byteOffset: 10, byteLength: 1 }, undefined],
    [{ byteOffset: 99 }, undefined],
    [{ startLine: 1 }, undefined],
  ];
  for (const [region, read] of table)
    it(JSON.stringify(region), () => assert.deepEqual(new OffsetIndex(text).regionOf(region), read));

  it('do not count a byte order mark as a character, but as bytes', () => {
    const index = new OffsetIndex('\uFEFFab\ncd');
    assert.deepEqual(index.regionOf({ charOffset: 3, charLength: 2 }), at(2, 1, 2, 3));
    assert.deepEqual(index.regionOf({ byteOffset: 6, byteLength: 2 }), at(2, 1, 2, 3));
  });

  it('are found by bytes wherever a character begins, also in long texts', () => {
    const unit = fc.constantFrom('a', '\n', 'é', '€', '\u{1f600}');
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 4000 }), (units, seed) => {
        const characters = Array.from({ length: 4000 }, (_, i) => units[(i * (i % 7)) % units.length] ?? 'a');
        const whole = characters.join('');
        const before = characters.slice(0, seed).join('');
        const { line, column } = new LineIndex(whole).positionAt(before.length);
        const region = new OffsetIndex(whole).regionOf({ byteOffset: Buffer.byteLength(before) });
        assert.deepEqual(region, at(line, column, line, column));
      }),
      { numRuns: 60 },
    );
  });

  it('are looked up in the text that the report holds itself', () => {
    const result = (region: object): object => ({
      message: { text: 'm' },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'a.js' }, region } }],
      codeFlows: [
        { threadFlows: [{ locations: [{ location: { physicalLocation: { artifactLocation: { index: 0 }, region } } }] }] },
      ],
    });
    const artifacts = [{ location: { uri: 'a.js' }, contents: { text: 'one\ntwo' } }];
    const [finding] = readPlain(logOf([result({ charOffset: 4, charLength: 3 })], { artifacts })).findings;
    assert.deepEqual(finding?.locations, [{ path: 'a.js', ...at(2, 1, 2, 4) }]);
    assert.deepEqual(finding.codeFlows, [[{ path: 'a.js', ...at(2, 1, 2, 4) }]]);
    const unknown = readPlain(logOf([result({ charOffset: 4, charLength: 3 })])).findings[0];
    assert.deepEqual(unknown?.locations, [{ path: 'a.js' }]);
  });
});
