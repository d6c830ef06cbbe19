import assert from 'node:assert/strict';
import { combineChanges } from '../../../src/core/edits/combineChanges';
import { applyEdits } from '../../../src/core/edits/applyEdits';
import type { FileChange, TextEdit } from '../../../src/core/model/patch';

const change = (path: string, before: string, ...edits: readonly TextEdit[]): FileChange => ({
  path,
  before,
  after: applyEdits(before, edits),
  edits,
});
const edit = (start: number, end: number, text: string): TextEdit => ({ start, end, text });

describe('combineChanges', () => {
  it('joins edits of one file and keeps files apart', () => {
    const combined = combineChanges([
      { id: '1', changes: [change('a', 'one two', edit(0, 3, '1'))] },
      { id: '2', changes: [change('a', 'one two', edit(4, 7, '2')), change('b', 'x', edit(0, 1, 'y'))] },
    ]);
    assert.deepEqual(
      combined.changes.map(({ path, before, after }) => [path, before, after]),
      [
        ['a', 'one two', '1 2'],
        ['b', 'x', 'y'],
      ],
    );
    assert.deepEqual(combined.applied, ['1', '2']);
  });

  it('lets the earlier of two overlapping stay, and leaves the later out of every file', () => {
    const combined = combineChanges([
      { id: '1', changes: [change('a', 'abcdef', edit(0, 3, 'X'))] },
      { id: '2', changes: [change('b', 'x', edit(0, 1, 'y')), change('a', 'abcdef', edit(2, 4, 'Y'))] },
      { id: '3', changes: [change('a', 'abcdef', edit(3, 6, 'Z'))] },
    ]);
    assert.deepEqual(
      combined.changes.map(({ path, after }) => [path, after]),
      [['a', 'XZ']],
    );
    assert.deepEqual(combined.applied, ['1', '3']);
    assert.deepEqual(combined.skipped, [{ id: '2', because: 'it overlaps another fix in a' }]);
  });

  it('takes the same replacement and the same inserted line once, two closing brackets at one place never', () => {
    const line = edit(0, 0, 'import x;\n');
    const combined = combineChanges([
      { id: '1', changes: [change('a', 'f(a);g(b)', line, edit(2, 3, 'x(a)'))] },
      { id: '2', changes: [change('a', 'f(a);g(b)', line, edit(7, 8, 'x(b)'))] },
      { id: '3', changes: [change('a', 'f(a);g(b)', edit(2, 3, 'x(a)'))] },
    ]);
    assert.equal(combined.changes[0]?.after, 'import x;\nf(x(a));g(x(b))');
    assert.deepEqual(combined.applied, ['1', '2', '3']);
    const brackets = combineChanges([
      { id: '1', changes: [change('a', 'f', edit(1, 1, ')'))] },
      { id: '2', changes: [change('a', 'f', edit(1, 1, ')'))] },
    ]);
    // Byte for byte the same change: one finding reported twice.
    assert.deepEqual([brackets.changes[0]?.after, brackets.applied], ['f)', ['1', '2']]);
    const partly = combineChanges([
      { id: '1', changes: [change('a', 'fg', edit(0, 0, '('), edit(1, 1, ')'))] },
      { id: '2', changes: [change('a', 'fg', edit(1, 1, ')'), edit(2, 2, '!'))] },
    ]);
    assert.deepEqual([partly.changes[0]?.after, partly.skipped.map(({ id }) => id)], ['(f)g', ['2']]);
  });

  it('continues what was made on top of an earlier change', () => {
    const combined = combineChanges([
      { id: '1', changes: [{ path: 'lock', before: 'a', after: 'b' }] },
      { id: '2', changes: [{ path: 'lock', before: 'b', after: 'c' }] },
      { id: '3', changes: [{ path: 'lock', before: 'a', after: 'd' }] },
    ]);
    assert.deepEqual(combined.changes, [{ path: 'lock', before: 'a', after: 'c' }]);
    assert.deepEqual(combined.skipped, [{ id: '3', because: 'lock is already changed by another fix' }]);
  });

  it('leaves out what was made for another text', () => {
    const combined = combineChanges([
      { id: '1', changes: [change('a', 'one', edit(0, 3, '1'))] },
      { id: '2', changes: [change('a', 'uno', edit(0, 3, '2'))] },
    ]);
    assert.deepEqual(combined.skipped, [{ id: '2', because: 'a was another text when it was made' }]);
  });
});
