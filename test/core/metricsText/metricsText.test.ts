import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isHumanError } from '../../../src/core/errors';
import { compileLinearRegex } from '../../../src/core/metricsText/linearRegex';
import { parseMetricsText } from '../../../src/core/metricsText/parseMetricsText';
import { parseSelector, sumSeries } from '../../../src/core/metricsText/seriesSelector';

const show = (text: string): readonly string[] =>
  parseMetricsText(text).map(
    ({ name, labels, value }) => `${name}{${[...labels].map(([label, of]) => `${label}=${of}`).join()}} ${value}`,
  );
/** Nothing but HumanError may come out of what comes from outside. */
const humanOnly = (work: () => unknown): void => {
  try {
    work();
  } catch (error) {
    if (!isHumanError(error)) throw error;
  }
};

describe('metrics as text', () => {
  const pages: readonly (readonly [string, string, readonly string[]])[] = [
    ['nothing', '', []],
    ['comments and empty lines', '# HELP a What it is.\n# TYPE a counter\n\n   \na 1\n# a 2\n', ['a{} 1']],
    ['no last line end, and CR LF', 'a 1\r\nb 2', ['a{} 1', 'b{} 2']],
    ['labels and white space', ' a:b_1 { x = "1" , y="2", }\t3 ', ['a:b_1{x=1,y=2} 3']],
    ['escapes', 'a{p="C:\\\\d",q="say \\"x\\"",n="1\\n2"} 1', ['a{p=C:\\d,q=say "x",n=1\n2} 1']],
    ['braces, commas and hashes in labels', 'a{r="/{id},#"} 1', ['a{r=/{id},#} 1']],
    ['timestamps of both formats', 'a 1 1395066363000\nb 2 1395066363.5\nc 3 -5', ['a{} 1', 'b{} 2', 'c{} 3']],
    [
      'all numbers',
      'a NaN\nb +Inf\nc -Inf\nd 1.5e+3\ne .5\nf 7.\ng inf',
      ['a{} NaN', 'b{} Infinity', 'c{} -Infinity', 'd{} 1500', 'e{} 0.5', 'f{} 7', 'g{} Infinity'],
    ],
    ['exemplars', 'a_bucket{le="0.1"} 8 # {trace_id="x"} 0.067 1520879607.789\nb 1 5 # {} 1', ['a_bucket{le=0.1} 8', 'b{} 1']],
    ['the end of OpenMetrics', 'a_total 1\n# EOF\nb 2\n', ['a_total{} 1']],
    ['names in quotes', '{"my.name","a.b"="1"} 2', ['my.name{a.b=1} 2']],
    ['labels called like what objects have', 'a{__proto__="1",constructor="2"} 3', ['a{__proto__=1,constructor=2} 3']],
  ];
  for (const [name, text, expected] of pages) it(`hold ${name}`, () => assert.deepEqual(show(text), expected));

  for (const [text, expected] of [
    ['a', /Line 1 .*value must be a number/],
    ['ok 1\na 1 2 3', /Line 2 .*nothing may follow/],
    ['a x', /value must be a number/],
    ['a 0x10', /value must be a number/],
    ['a{b="c} 1', /does not end/],
    ['a{b="\\x"} 1', /unknown escape/],
    ['a{b=c} 1', /must be in quotes/],
    ['a{b="1",b="2"} 1', /there twice/],
    ['a{b} 1', /must have a value/],
    ['a{b="1"', /divided by commas/],
    ['1a 2', /name of a metric/],
    ['<html>', /name of a metric/],
    ['a 1 soon', /timestamp must be a number/],
    ['a{b="' + 'x'.repeat(5000) + '"} 1', /longer than 4096/],
  ] as const)
    it(`are refused: ${text.slice(0, 20)}`, () => {
      assert.throws(
        () => parseMetricsText(text),
        (error) => isHumanError(error) && expected.test(error.message),
      );
    });

  it('never end otherwise, whatever is in them', () => {
    const piece = fc.constantFrom(
      'a',
      '{',
      '}',
      '"',
      '\\',
      '=',
      ',',
      ' ',
      '\n',
      '#',
      '1',
      '.5',
      'NaN',
      '+Inf',
      'é',
      '\ud800',
      '\r',
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => humanOnly(() => parseMetricsText(pieces.join('')))));
    fc.assert(fc.property(fc.string(), (text) => humanOnly(() => parseMetricsText(text))));
  });

  it('come back as they were written', () => {
    const label = fc.string({ maxLength: 20 }).map((text) => text.replace(/\r/g, ''));
    // JavaScript writes a negative zero as 0.
    const plain = fc.double().map((value) => (value === 0 ? 0 : value));
    fc.assert(
      fc.property(fc.array(fc.tuple(label, plain), { maxLength: 10 }), (all) => {
        const escape = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
        const number = (value: number): string => (value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value));
        const text = all.map(([value, count]) => `m{l="${escape(value)}"} ${number(count)}\n`).join('');
        assert.deepEqual(
          parseMetricsText(text).map(({ labels, value }) => [labels.get('l'), value]),
          all,
        );
      }),
    );
  });
});

describe('selectors', () => {
  const page = parseMetricsText(
    'r{code="200",route="/a"} 90\nr{code="500",route="/a"} 4\nr{code="503",route="/x"} 6\nother{code="500"} 9\nbad NaN\n',
  );
  for (const [selector, expected] of [
    ['r', 100],
    ['r{}', 100],
    ['r{code="500"}', 4],
    ['r{code!="200"}', 10],
    ['r{code=~"5.."}', 10],
    ['r{code=~"5"}', undefined],
    ['r{code!~"5.."}', 90],
    ['r{code=~"5..", route!="/x",}', 4],
    ["r { code = '500' }", 4],
    ['r{route=~`/\\w`}', 100],
    ['r{absent=""}', 100],
    ['r{absent!=""}', undefined],
    ['bad', undefined],
    ['gone', undefined],
  ] as const)
    it(`sum what they mean: ${selector}`, () => assert.equal(sumSeries(page, parseSelector(selector)), expected));

  for (const [selector, expected] of [
    ['', /name of a metric/],
    ['{a="b"}', /name of a metric/],
    ['r[5m]', /only labels in braces/],
    ['sum(r)', /only labels in braces/],
    ['r{code=500}', /cannot be read from character 3/],
    ['r{code="500"', /cannot be read/],
    ['r{code="500"} > 1', /nothing may follow/],
    ['r{code="\\q"}', /unknown escape/],
    ['r{code=~"("}', /bracket does not close/],
    ['r{code=~"' + 'x'.repeat(600) + '"}', /longer than 500/],
    ['x'.repeat(3000), /longer than 2000/],
  ] as const)
    it(`are refused in words: ${selector.slice(0, 20)}`, () => {
      assert.throws(
        () => parseSelector(selector),
        (error) => isHumanError(error) && expected.test(error.message),
      );
    });

  it('never end otherwise', () => {
    const piece = fc.constantFrom('r', '{', '}', '"', "'", '\\', '=', '~', '!', ',', ' ', 'code', '(', '[', '*', '`');
    fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => humanOnly(() => parseSelector(pieces.join('')))));
  });
});

describe('regular expressions in linear time', () => {
  it('match what the platform’s own do', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\d',
      '\\w',
      '[a-c0-9]',
      '(?:a|b)',
      '(ab)',
      '\\.',
      '(a|)',
      '[]a]',
      '[a\\-]',
    );
    const part = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?')).map(([a, b]) => a + b);
    const pattern = fc
      .array(
        fc.array(part, { maxLength: 4 }).map((parts) => parts.join('')),
        { minLength: 1, maxLength: 3 },
      )
      .map((parts) => parts.join('|'));
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '1', '.', ']', '-'), { maxLength: 8 })
      .map((letters) => letters.join(''));
    fc.assert(
      fc.property(pattern, text, (of, on) => {
        const own = new RegExp(`^(?:${of.replaceAll('[]a]', '[\\]a]')})$`).test(on);
        assert.equal(compileLinearRegex(of)(on), own, `${of} on ${on}`);
      }),
      { numRuns: 500 },
    );
  });

  it('know case, anchors and many letters', () => {
    assert.equal(compileLinearRegex('(?i)^get|post$')('POST'), true);
    assert.equal(compileLinearRegex('..')('😀é'), true);
    assert.equal(compileLinearRegex('a\\$')('a$'), true);
  });

  it('take no longer for what brings others to a stand', () => {
    assert.equal(compileLinearRegex('(a+)+b')('a'.repeat(4000)), false);
    assert.equal(compileLinearRegex('(a|a)*(a|a)*(a|a)*c')('a'.repeat(4000)), false);
  });

  for (const pattern of [
    '(',
    ')',
    '[a',
    'a**',
    '*',
    '\\',
    'a{3,1}',
    '[b-a]',
    '(?=a)',
    '\\b',
    'a^b',
    '((a{999}){999}){999}',
    '((){999}){999}',
    '('.repeat(100),
  ])
    it(`refuse ${pattern.slice(0, 20)}`, () => {
      assert.throws(() => compileLinearRegex(pattern), isHumanError);
    });

  it('never end otherwise', () => {
    const piece = fc.constantFrom('a', '(', ')', '[', ']', '|', '*', '{', '2', ',', '}', '\\', '^', '$', '-', '?', ':');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => humanOnly(() => compileLinearRegex(pieces.join(''))('aa-2'))),
    );
  });
});
