import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Relocation } from '../../../src/editor/diagnostics/relocate';

const lines = (text: string): string[] => text.split(' ');

describe('Relocation', () => {
  const cases: readonly { readonly before: string; readonly after: string; readonly moved: readonly (number | undefined)[] }[] = [
    { before: 'a b c', after: 'a b c', moved: [0, 1, 2] },
    { before: 'a b c', after: 'x a b c', moved: [1, 2, 3] },
    { before: 'a b c', after: 'a x c', moved: [0, undefined, 2] },
    { before: 'a b c', after: 'a c', moved: [0, undefined, 1] },
    { before: 'a b c d e', after: 'a x b c d y e', moved: [0, 2, 3, 4, 6] },
    { before: 'a b b c', after: 'x a b b y c', moved: [1, 2, 3, 5] },
    // One of two equal lines went: which one is not known, so neither is claimed.
    { before: 'a b x b c', after: 'A b C', moved: [undefined, undefined, undefined, undefined, undefined] },
    { before: 'a', after: '', moved: [undefined] },
  ];
  for (const { before, after, moved } of cases) {
    it(`${before} → ${after}`, () => {
      const relocation = new Relocation(lines(before), lines(after));
      assert.deepEqual(
        lines(before).map((_, line) => relocation.line(line)),
        moved,
      );
    });
  }

  it('only ever names a line with the same text, each at most once', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', '{', '}'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const relocation = new Relocation(before, after);
        const places = before.map((_, line) => relocation.line(line));
        places.forEach((place, line) => assert.ok(place === undefined || after[place] === before[line]));
        const named = places.filter((place) => place !== undefined);
        assert.equal(new Set(named).size, named.length);
      }),
    );
  });

  it('gives nothing for a line that never was', () => assert.equal(new Relocation(['a'], ['a']).line(7), undefined));
});
