import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lineHashes } from '../../../src/core/findings/lineHash';

/** The definition with BigInt, slow and plain: for each line the next hundred characters weighted by powers of 37. */
function byDefinition(text: string): string[] {
  const characters: number[] = [];
  const starts: number[] = [];
  let lineStart = true;
  const normal = text.replace(/\r\n|\r/g, '\n');
  for (const code of [...Array(normal.length).keys()].map((i) => normal.charCodeAt(i)).concat(65535)) {
    if (code === 32 || code === 9) continue;
    if (lineStart) starts.push(characters.length);
    lineStart = code === 10;
    characters.push(code);
  }
  return starts.map((start) => {
    let hash = 0n;
    for (let i = 0; i < 100; i++) hash = BigInt.asUintN(64, hash * 37n + BigInt(characters[start + i] ?? 0));
    return hash.toString(16);
  });
}

describe('lineHashes', () => {
  it('agrees with the public vectors of codeql-action', () => {
    assert.deepEqual(lineHashes(''), ['c129715d7a2bc9a3']);
    assert.deepEqual(lineHashes(' a\nb\n  \t\tc\n d'), [
      '271789c17abda88f',
      '54703d4cd895b18',
      '180aee12dab6264',
      'a23a3dc5e078b07b',
    ]);
    assert.deepEqual(lineHashes(' hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n'), [
      'e9496ae3ebfced30',
      'fb7c023a8b9ccb3f',
      'ce8ba1a563dcdaca',
      'e20e36e16fcb0cc8',
      'b3edc88f2938467e',
      'c8e28b0b4002a3a0',
      'c129715d7a2bc9a3',
    ]);
  });

  it('agrees with the definition on any text', () => {
    const piece = fc.constantFrom('a', 'b', ' ', '\t', '\n', '\r\n', '\r', 'ä', '\uffff', '😀', 'x'.repeat(60));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
        const text = pieces.join('').replace(/\r(?=[ \t]+\n)/g, '');
        assert.deepEqual(lineHashes(text), byDefinition(text));
      }),
    );
  });

  it('stays when lines are inserted above, and with other line endings and indentation', () => {
    const text = 'const a = 1;\nexec(`ls ${a}`);\nmodule.exports = a;\n';
    const moved = `// header\r\n// more\r\n${text.replace(/\n/g, '\r\n').replace('exec', '    exec')}`;
    assert.equal(lineHashes(moved)[3], lineHashes(text)[1]);
  });
});
