import assert from 'node:assert/strict';
import { cleanLine, cleanText } from '../../../src/core/findings/cleanText';

describe('cleanText', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['leaves plain text alone', 'SQL injection in `query`\n\tsee OWASP', 'SQL injection in `query`\n\tsee OWASP'],
    ['takes out C0 and C1 controls', 'a\u0000b\u001b[31mred\u007f\u0085\u009bc', 'ab[31mredc'],
    ['takes out bidi overrides and isolates', 'if (\u202eadmin\u2066\u2069\u202c)', 'if (admin)'],
    ['takes out zero-width characters and marks', 'pay\u200bpal\ufeff\u2060\u200e', 'paypal'],
    ['takes out invisible tag characters', 'x\u{e0041}\u{e007f}y', 'xy'],
    ['takes out lone surrogates, keeps pairs', 'a\ud800b 😀', 'ab 😀'],
    ['makes every line end LF', 'a\r\nb\rc', 'a\nb\nc'],
    ['keeps other scripts', 'Größe 注入 شبكة', 'Größe 注入 شبكة'],
  ];
  for (const [name, raw, clean] of cases) {
    it(name, () => assert.equal(cleanText(raw), clean));
  }

  it('cuts long text with an ellipsis and never between two surrogates', () => {
    assert.equal(cleanText('abcdef', 4), 'abc…');
    assert.equal(cleanText('ab😀cd', 4), 'ab…');
    assert.equal(cleanText('abcd', 4), 'abcd');
    assert.equal(cleanText('x'.repeat(5_000_000), 10), 'xxxxxxxxx…');
  });
});

describe('cleanLine', () => {
  it('gives one trimmed line', () => {
    assert.equal(cleanLine('  two\r\n lines\u0007 and\ttabs '), 'two lines and tabs');
    assert.equal(cleanLine('abcdef', 4), 'abc…');
    assert.equal(cleanLine('abcd', 4), 'abcd');
  });
});
