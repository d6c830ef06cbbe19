import assert from 'node:assert/strict';
import { isHumanError } from '../../../src/core/errors';
import { applyUnifiedDiff } from '../../../src/core/edits/applyUnifiedDiff';
import { unifiedDiff } from '../../../src/core/edits/unifiedDiff';

const files: Readonly<Record<string, string>> = { 'a.js': 'one\ntwo\nthree\n', 'crlf.js': 'one\r\ntwo\r\n' };
const read = (path: string): Promise<string | undefined> => Promise.resolve(files[path]);

describe('applyUnifiedDiff', () => {
  it('finds a hunk that moved down as a whole', async () => {
    const before = Array.from({ length: 9 }, (_, i) => `${i}\n`).join('');
    const diff = unifiedDiff([{ path: 'm.js', before, after: before.replace('5', 'five') }]);
    const [change] = await applyUnifiedDiff(diff, () => Promise.resolve(`new\nlines\n${before}`));
    assert.equal(change?.after, `new\nlines\n${before}`.replace('5', 'five'));
  });

  const refused: Readonly<Record<string, readonly [string, RegExp]>> = {
    'a hunk that does not apply': ['--- a/a.js\n+++ b/a.js\n@@ -1,2 +1,2 @@\n one\n-zwei\n+2\n', /a\.js.*has changed/],
    'other line endings': ['--- a/crlf.js\n+++ b/crlf.js\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n', /crlf\.js.*has changed/],
    'a file that is not there': ['--- a/b.js\n+++ b/b.js\n@@ -1 +1 @@\n-a\n+b\n', /b\.js.*no such file/],
    'a file that is there already': ['--- /dev/null\n+++ b/a.js\n@@ -0,0 +1 @@\n+b\n', /a\.js.*already/],
    'a deletion': ['--- a/a.js\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-one\n-two\n-three\n', /deletes a\.js/],
    'a move': ['diff --git a/a.js b/b.js\nsimilarity index 100%\nrename from a.js\nrename to b.js\n', /moves a\.js/],
    'a way out': ['--- a/../../x\n+++ b/../../x\n@@ -1 +1 @@\n-a\n+b\n', /outside/],
    'an absolute path': ['--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-a\n+b\n', /outside/],
    'nonsense in a hunk': ['--- a/a.js\n+++ b/a.js\n@@ -1,2 +1,2 @@\n?what\n', /no unified diff/],
  };
  for (const [name, [diff, message]] of Object.entries(refused))
    it(`refuses ${name}`, () =>
      assert.rejects(applyUnifiedDiff(diff, read), (error: unknown) => isHumanError(error) && message.test(error.message)));
});
