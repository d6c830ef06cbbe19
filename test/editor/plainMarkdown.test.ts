import assert from 'node:assert/strict';
import fc from 'fast-check';
import { httpsLink, plainMarkdown } from '../../src/editor/plainMarkdown';

describe('plainMarkdown', () => {
  it('makes links, emphasis, HTML, icons and bare addresses plain', () => {
    assert.equal(plainMarkdown('[x](command:a)'), '\\[x\\]\\(command\\:a\\)');
    assert.equal(plainMarkdown('<img src=x>'), '&lt;img src\\=x\\>');
    assert.equal(plainMarkdown('$(zap) a&b'), '\\$\\(zap\\) a&amp;b');
    assert.equal(plainMarkdown('https://e.example'), 'https\\:\\/\\/e\\.example');
  });

  it('never leaves an unescaped character that Markdown acts on', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const rest = plainMarkdown(text).replace(/\\[!-/:-@[-`{-~]|&amp;|&lt;/g, '');
        assert.doesNotMatch(rest, /[!-/:-@[-`{-~\n]/);
      }),
    );
  });
});

describe('httpsLink', () => {
  const cases: readonly (readonly [string | undefined, string | undefined])[] = [
    ['https://cwe.mitre.org/78', 'https://cwe.mitre.org/78'],
    ['http://cwe.mitre.org/78', undefined],
    ['command:workbench.action.quit', undefined],
    ['javascript:alert(1)', undefined],
    ['https://user:secret@example.org/', undefined],
    ['no link', undefined],
    [undefined, undefined],
  ];
  for (const [link, expected] of cases) it(`${link} → ${expected}`, () => assert.equal(httpsLink(link), expected));
});
