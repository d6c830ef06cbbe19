import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isHumanError } from '../../../src/core/errors';
import { LineIndex, byteToUtf16Offset } from '../../../src/core/edits/lineIndex';

describe('LineIndex', () => {
  it('counts LF, CRLF and a lone CR as line ends', () => {
    const index = new LineIndex('a\nbc\r\nd\re');
    assert.equal(index.lineCount, 4);
    assert.deepEqual(
      [1, 2, 3, 4].map((line) => index.lineText(line)),
      ['a', 'bc', 'd', 'e'],
    );
    assert.equal(index.offsetAt(2, 1), 2);
    assert.equal(index.offsetAt(2, 3), 4);
    assert.deepEqual(index.positionAt(5), { line: 2, column: 4 });
    assert.deepEqual(index.positionAt(9), { line: 4, column: 2 });
  });

  it('has a last, empty line behind a final newline, and counts UTF-16 code units', () => {
    const index = new LineIndex('😀x\n');
    assert.equal(index.lineCount, 2);
    assert.equal(index.lineText(2), '');
    assert.equal(index.offsetAt(1, 3), 2);
  });

  it('does not count a byte order mark as a column', () => {
    const index = new LineIndex('\uFEFFab\nc');
    assert.equal(index.offsetAt(1, 1), 1);
    assert.deepEqual(index.positionAt(1), { line: 1, column: 1 });
    assert.equal(index.lineText(1), 'ab');
  });

  it('says so when there is no such place', () => {
    const index = new LineIndex('ab\r\ncd');
    for (const [line, column] of [
      [0, 1],
      [3, 1],
      [1, 0],
      [1, 4],
      [2, 4],
      [1.5, 1],
      [1, 1.5],
    ] as const)
      assert.throws(() => index.offsetAt(line, column), isHumanError, `${line}:${column}`);
    assert.throws(() => index.positionAt(7), isHumanError);
    assert.throws(() => index.positionAt(-1), isHumanError);
  });

  it('goes there and back over any text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r', '\r\n', 'é', '😀') });
    fc.assert(
      fc.property(text, (value) => {
        const index = new LineIndex(value);
        assert.equal(index.lineCount, value.split(/\r\n|\r|\n/).length);
        for (let line = 1; line <= index.lineCount; line++)
          for (let column = 1; column <= index.lineText(line).length + 1; column++)
            assert.deepEqual(index.positionAt(index.offsetAt(line, column)), { line, column });
      }),
    );
  });
});

describe('byteToUtf16Offset', () => {
  it('agrees with the encoder at every character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        let at = 0;
        for (const character of text) {
          assert.equal(byteToUtf16Offset(text, new TextEncoder().encode(text.slice(0, at)).length), at);
          at += character.length;
        }
      }),
    );
  });

  it('refuses a byte inside a character or behind the text', () => {
    for (const byte of [1, 3, 4, -1]) assert.throws(() => byteToUtf16Offset('é', byte), isHumanError, String(byte));
  });
});
