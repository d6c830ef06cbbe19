import assert from 'node:assert/strict';
import { findMatches } from '../../../src/adapters/fixers/scannerFix';
import { isHumanError } from '../../../src/core/errors';
import { expandTemplate, translatePattern } from '../../../src/core/scannerFix/pythonRegex';

/** What Python's re.sub(pattern, replacement, text, count) gives, by way of the translation. */
function sub(pattern: string, replacement: string, text: string, count?: number): string {
  const { source, flags } = translatePattern(pattern);
  let result = '';
  let at = 0;
  for (const match of findMatches(source, flags, text, count)) {
    result += text.slice(at, match.index) + expandTemplate(replacement, match);
    at = match.index + match.text.length;
  }
  return result + text.slice(at);
}

describe('pythonRegex', () => {
  // Every expected value was printed by CPython 3's re.sub.
  const cases: readonly [pattern: string, replacement: string, text: string, expected: string, count?: number][] = [
    ['foo', 'bar', 'foo foo', 'bar bar'],
    ['foo', 'bar', 'foo foo', 'bar foo', 1],
    ['(.*)\\)', '\\1, Loader=SafeLoader)', 'yaml.load(x)', 'yaml.load(x, Loader=SafeLoader)'],
    ['(?P<fn>\\w+)\\((?P<arg>.*)\\)', 'safe_\\g<fn>(\\g<arg>)', 'run(x)', 'safe_run(x)'],
    ['(a)(b)?', '[\\1\\2]', 'ab a', '[ab] [a]'],
    ['(a)\\1', '\\g<0>!', 'aa', 'aa!'],
    ['(?P<q>[\'"])x(?P=q)', 'y', '"x" \'x\'', 'y y'],
    ['x$', 'y', 'x\nx\n', 'x\ny\n'],
    ['(?m)x$', 'y', 'x\nx', 'y\ny'],
    ['\\Ax', 'y', 'xx', 'yx'],
    ['x\\Z', 'y', 'xx', 'xy'],
    ['(?i)FOO', 'bar', 'foo', 'bar'],
    ['a.b', 'c', 'a\rb a\nb', 'c a\nb'],
    ['(?s)a.b', 'c', 'a\nb', 'c'],
    ['a{,2}b', 'c', 'aab b', 'c c'],
    ['{a}', 'b', '{a}', 'b'],
    ['a{', 'b', 'a{', 'b'],
    ['[]a]', 'x', ']a', 'xx'],
    ['[^]a]', 'x', ']ab', ']ax'],
    ['\\"a\\"', '\\n', '"a"', '\n'],
    ['\\.\\-\\ ', '_', '.- ', '_'],
    ['x*', '-', 'abxd', '-a-b--d-'],
    ['(?#comment)a', 'b', 'a', 'b'],
    ['a', '$1 $& \\\\', 'a', '$1 $& \\'],
    ['.', 'x', '😊', 'x'],
  ];
  for (const [pattern, replacement, text, expected, count] of cases)
    it(`re.sub(${JSON.stringify(pattern)}, ${JSON.stringify(replacement)}, ${JSON.stringify(text)})`, () => {
      assert.equal(sub(pattern, replacement, text, count), expected);
    });

  for (const [pattern, replacement] of [
    ['(?x) a b', ''],
    ['(?>a)', ''],
    ['(a)?(?(1)b|c)', ''],
    ['\\0', ''],
    ['[a', ''],
    ['(a', ''],
    ['a', '\\1'],
    ['a', '\\g<name>'],
    ['a', '\\q'],
    ['a'.repeat(2000), ''],
  ] as const)
    it(`refuses ${pattern.slice(0, 20)} → ${replacement} with a reason`, () => {
      assert.throws(() => sub(pattern, replacement, 'a'), isHumanError);
    });

  it('ends a pattern that backtracks without end', () => {
    const started = Date.now();
    assert.throws(
      () => sub('(a+)+$', 'x', `${'a'.repeat(50)}!`),
      (error) => isHumanError(error) && error.message.includes('runs too long'),
    );
    assert.ok(Date.now() - started < 5000);
  });

  it('lets nothing of this process into a pattern’s context', () => {
    assert.throws(() => findMatches('a(', 'gu', 'a', undefined), isHumanError);
    assert.deepEqual(findMatches('(?<x>a)(b)?', 'gu', 'a', undefined), [
      { index: 0, text: 'a', groups: ['a', undefined], named: { x: 'a' } },
    ]);
  });
});
