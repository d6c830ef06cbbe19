import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson, isPlainlyCanonical } from '../../../src/core/log/canonicalJson';

describe('canonicalJson', () => {
  // RFC 8785 §3.2.2 and §3.2.3: number forms, escapes and key order.
  const cases: readonly (readonly [unknown, string])[] = [
    // oxlint-disable-next-line no-loss-of-precision -- the RFC's own example
    [[333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001], '[333333333.3333333,1e+30,4.5,0.002,1e-27]'],
    ['\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
    [
      { b: 1, a: [true, null], '\u20ac': 'Euro', '1': 'One', '\ud83d\ude00': 'Smile', '\ufb33': 'Dalet' },
      '{"1":"One","a":[true,null],"b":1,"\u20ac":"Euro","\ud83d\ude00":"Smile","\ufb33":"Dalet"}',
    ],
    [{ a: undefined, b: -0 }, '{"b":0}'],
  ];
  for (const [value, expected] of cases) it(expected, () => assert.equal(canonicalJson(value), expected));

  for (const bad of [NaN, Infinity, '\ud800', [undefined], () => 1, 1n]) {
    it(`refuses ${typeof bad === 'string' ? 'a lone surrogate' : String(bad)}`, () =>
      assert.throws(() => canonicalJson(bad), TypeError));
  }

  it('refuses what is nested without end', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    assert.throws(() => canonicalJson(cycle), TypeError);
  });

  it('gives the same text whatever order the keys came in, and text that JSON reads back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (record) => {
        const shuffled = Object.fromEntries(Object.entries(record).reverse());
        const text = canonicalJson(JSON.parse(JSON.stringify(record)));
        assert.equal(canonicalJson(JSON.parse(JSON.stringify(shuffled))), text);
        assert.equal(canonicalJson(JSON.parse(text)), text);
      }),
    );
  });

  it('calls no text plainly canonical that is not', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, tidy) => {
        const text = tidy ? canonicalJson(JSON.parse(JSON.stringify(value))) : JSON.stringify(value);
        const parsed: unknown = JSON.parse(text);
        if (isPlainlyCanonical(parsed, text)) assert.equal(canonicalJson(parsed), text);
        assert.equal(isPlainlyCanonical(parsed, ` ${text}`), false);
      }),
    );
    assert.equal(isPlainlyCanonical({ a: [{ b: 1, c: 2 }] }, '{"a":[{"b":1,"c":2}]}'), true);
    assert.equal(isPlainlyCanonical({ a: [{ c: 2, b: 1 }] }, '{"a":[{"c":2,"b":1}]}'), false);
    assert.equal(isPlainlyCanonical('\ud800', '"\\ud800"'), false);
  });
});
