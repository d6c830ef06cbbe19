import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyEdits } from '../../../src/core/edits/applyEdits';
import { hunksOf, rejectHunk } from '../../../src/core/edits/hunks';

const before = 'a\nb\nc\nd\ne\nf\n';
const edits = [
  { start: 0, end: 0, text: 'new\n', reason: 'Brings in what line 4 needs.' },
  { start: 6, end: 7, text: 'D', reason: 'Names the argument.' },
];

describe('hunksOf', () => {
  it('gives each run of changed lines with its reason', () => {
    assert.deepEqual(hunksOf(before, applyEdits(before, edits), edits), [
      { id: '1+0', beforeStart: 1, beforeLines: 0, afterStart: 1, afterLines: 1, reason: 'Brings in what line 4 needs.' },
      { id: '4+1', beforeStart: 4, beforeLines: 1, afterStart: 5, afterLines: 1, reason: 'Names the argument.' },
    ]);
    assert.deepEqual(hunksOf('a', 'a'), []);
  });

  it('keeps reasons and ids where a person typed on the right side', () => {
    const typed = applyEdits(before, edits).replace('D', 'D\nmore').replace('f', 'F');
    assert.deepEqual(
      hunksOf(before, typed, edits).map(({ id, reason }) => [id, reason]),
      [
        ['1+0', 'Brings in what line 4 needs.'],
        ['4+1', 'Names the argument.'],
        ['6+1', undefined],
      ],
    );
  });

  it('is quick on a file of 10,000 lines, with and without the edits', () => {
    const big = Array.from({ length: 10_000 }, (_, i) => `const v${i} = ${i % 13};\n`).join('');
    const places = [10, 5000, 9990].map((line) => big.indexOf(`const v${line} `));
    const many = places.map((start) => ({ start, end: start + 5, text: 'let', reason: 'r' }));
    const after = applyEdits(big, many);
    const start = performance.now();
    assert.equal(hunksOf(big, after, many).length, 3);
    assert.equal(hunksOf(big, `${after}typed\n`, many).length, 4);
    assert.ok(performance.now() - start < 1000);
  });
});

describe('rejectHunk', () => {
  it('takes one hunk back and leaves the others', () => {
    const after = applyEdits(before, edits);
    const [first, second] = hunksOf(before, after, edits);
    assert.ok(first && second);
    assert.equal(rejectHunk(before, after, first), 'a\nb\nc\nD\ne\nf\n');
    assert.equal(rejectHunk(before, after, second), 'new\na\nb\nc\nd\ne\nf\n');
  });

  it('keeps CRLF and a missing final newline', () => {
    const old = 'a\r\nb';
    const now = 'A\r\nb\r\nc\r\n';
    const last = hunksOf(old, now).at(-1);
    assert.ok(last);
    assert.equal(hunksOf(old, now).length, 1);
    assert.equal(rejectHunk(old, now, last), old);
  });

  it('gives the old text back when every hunk is rejected, in any order', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\n', '\r\n'), maxLength: 80 });
    fc.assert(
      fc.property(text, text, fc.infiniteStream(fc.nat()), (old, now, picks) => {
        let current = now;
        for (let hunks = hunksOf(old, current); hunks.length > 0; hunks = hunksOf(old, current)) {
          const pick = hunks[(picks.next().value ?? 0) % hunks.length];
          assert.ok(pick);
          const next = rejectHunk(old, current, pick);
          assert.ok(hunksOf(old, next).length < hunks.length);
          current = next;
        }
        assert.equal(current, old);
      }),
    );
  });
});
