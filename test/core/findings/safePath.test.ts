import assert from 'node:assert/strict';
import fc from 'fast-check';
import { safePath } from '../../../src/core/findings/safePath';

describe('safePath', () => {
  const taken: readonly (readonly [raw: string, root: string, path: string])[] = [
    ['src/a.js', '/w', 'src/a.js'],
    ['./src//a.js', '/w', 'src/a.js'],
    ['src\\a.js', '/w', 'src/a.js'],
    ['src/../lib/a.js', '/w', 'lib/a.js'],
    ['/w/src/a.js', '/w', 'src/a.js'],
    ['/w/src/a.js', '/w/', 'src/a.js'],
    ['/w/x/../a.js', '/w', 'a.js'],
    ['C:\\Work\\src\\a.cs', 'c:\\work', 'src/a.cs'],
    ['\\\\?\\C:\\work\\a.cs', 'C:\\work', 'a.cs'],
    ['\\\\Server\\share\\proj\\a.cs', '\\\\server\\share\\proj', 'a.cs'],
    ['100%.js', '/w', '100%.js'],
    ['a%20b.js', '/w', 'a%20b.js'],
    ['...a', '/w', '...a'],
    ['föö/ünï.js', '/w', 'föö/ünï.js'],
  ];
  for (const [raw, root, path] of taken) {
    it(`takes ${JSON.stringify(raw)} in ${root} as ${path}`, () => assert.deepEqual(safePath(raw, root), { path }));
  }

  const refused: readonly (readonly [raw: string, reason: RegExp])[] = [
    ['', /empty/],
    ['.', /workspace folder/],
    ['/w', /workspace folder/],
    ['../a', /outside/],
    ['a/../../b', /outside/],
    ['..\\a', /outside/],
    ['/etc/passwd', /absolute/],
    ['/wx/a', /absolute/],
    ['/w/../etc/passwd', /absolute/],
    ['//server/share/a', /absolute/],
    ['\\\\server\\share\\a', /absolute/],
    ['C:\\w\\a', /absolute/],
    ['C:a', /outside/],
    ['./C:a', /drive/],
    ['a/.. /b', /dots/],
    ['...', /dots/],
    ['a\0b', /control/],
    ['a\nb', /control/],
    ['a\u2028b', /control/],
    ['%2e%2e/a', /percent/],
    ['%2E%2e%2fa', /percent/],
    ['%252e%252e/a', /percent/],
    ['a%5c..%5cb', /percent/],
    ['a%00', /percent/],
    ['x'.repeat(5000), /longer/],
  ];
  for (const [raw, reason] of refused) {
    it(`refuses ${JSON.stringify(raw.slice(0, 40))}`, () => {
      const answer = safePath(raw, '/w');
      assert.ok('reason' in answer, JSON.stringify(answer));
      assert.match(answer.reason, reason);
    });
  }

  it('never lets anything lead outside, whatever it is given', () => {
    const segment = fc.oneof(fc.constantFrom('..', '.', '', '%2e%2e', 'C:', '~', 'w', 'a', '%2f', '\0', '…'), fc.string());
    const raw = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.constantFrom('', '/', '\\', '//', '\\\\', 'C:\\', '\\\\?\\C:\\'), fc.array(segment), fc.constantFrom('/', '\\'))
        .map(([start, segments, separator]) => start + segments.join(separator)),
    );
    fc.assert(
      fc.property(raw, fc.constantFrom('/w', '/', '/w/x', 'C:\\w', '\\\\s\\h'), (text, root) => {
        const answer = safePath(text, root);
        if ('reason' in answer) return answer.reason.length > 0;
        const segments = answer.path.split('/');
        assert.ok(
          segments.every((one) => one !== '' && one !== '.' && one !== '..'),
          answer.path,
        );
        assert.doesNotMatch(answer.path, /^[A-Za-z]:$|^[A-Za-z]:\/|\\|\0/);
        // What was taken is taken again as it is.
        assert.deepEqual(safePath(answer.path, root), answer);
        return true;
      }),
      { numRuns: 1000, endOnFailure: true },
    );
  });
});
