import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { applyEdits } from '../../../src/core/edits/applyEdits';
import { applyUnifiedDiff } from '../../../src/core/edits/applyUnifiedDiff';
import { unifiedDiff } from '../../../src/core/edits/unifiedDiff';
import type { FileChange, TextEdit } from '../../../src/core/model/patch';

/** Writes the old files into an empty folder, has git apply the diff, and gives the files as they are then. */
function gitApply(changes: readonly FileChange[], diff: string): readonly string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'patchline-diff-'));
  try {
    for (const change of changes) {
      const file = path.join(folder, change.path);
      mkdirSync(path.dirname(file), { recursive: true });
      if (change.before !== null) writeFileSync(file, change.before);
    }
    // Outside any repository, and without the machine's own settings, or core.autocrlf would decide.
    const env = {
      PATH: process.env['PATH'],
      GIT_CEILING_DIRECTORIES: path.dirname(folder),
      GIT_CONFIG_NOSYSTEM: '1',
      HOME: folder,
    };
    if (diff !== '')
      execFileSync('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', 'apply', '-'], {
        cwd: folder,
        input: diff,
        env,
      });
    return changes.map((change) => readFileSync(path.join(folder, change.path), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function edited(name: string, before: string, ...edits: TextEdit[]): FileChange {
  return { path: name, before, after: applyEdits(before, edits), edits };
}

const numbered = (count: number, end = '\n'): string => Array.from({ length: count }, (_, i) => `line ${i + 1}${end}`).join('');

describe('unifiedDiff', () => {
  it('writes what git writes', () => {
    const before = numbered(9);
    const at = before.indexOf('line 5');
    assert.equal(
      unifiedDiff([edited('src/a.js', before, { start: at, end: at + 6, text: 'LINE 5' })]),
      `diff --git a/src/a.js b/src/a.js
--- a/src/a.js
+++ b/src/a.js
@@ -2,7 +2,7 @@
 line 2
 line 3
 line 4
-line 5
+LINE 5
 line 6
 line 7
 line 8
`,
    );
    assert.equal(
      unifiedDiff([{ path: 'new file.txt', before: null, after: 'x' }]),
      'diff --git a/new file.txt b/new file.txt\nnew file mode 100644\n--- /dev/null\n+++ b/new file.txt\t\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n',
    );
    assert.equal(unifiedDiff([{ path: 'a', before: 'x\n', after: 'x\n' }]), '');
  });

  const cases: Readonly<Record<string, readonly FileChange[]>> = {
    CRLF: [edited('a.js', numbered(20, '\r\n'), { start: 8, end: 8, text: 'x\r\ny' }, { start: 100, end: 120, text: '' })],
    'mixed line ends': [edited('a.js', 'a\r\nb\nc\rd\n', { start: 3, end: 4, text: 'B' })],
    'no final newline, change in the last line': [edited('a.js', 'a\nb', { start: 2, end: 3, text: 'c' })],
    'no final newline, change far above': [edited('a.js', numbered(9).trimEnd(), { start: 0, end: 1, text: 'L' })],
    'a final newline is added': [edited('a.js', 'a\nb', { start: 3, end: 3, text: '\n' })],
    'a final newline is taken away': [edited('a.js', 'a\nb\n', { start: 3, end: 4, text: '' })],
    'appended behind the end': [edited('a.js', 'a\nb\n', { start: 4, end: 4, text: 'c\nd\n' })],
    'changed in the last line and appended behind it': [
      edited('a.js', 'a\nb\n', { start: 2, end: 3, text: 'B' }, { start: 4, end: 4, text: 'c' }),
    ],
    'inserted at the start': [edited('a.js', numbered(9), { start: 0, end: 0, text: 'first\n' })],
    'all deleted': [edited('a.js', 'a\nb\n', { start: 0, end: 4, text: '' })],
    'into an empty file': [{ path: 'a.js', before: '', after: 'a\n' }],
    'a new file': [{ path: 'deep/er/a.js', before: null, after: 'a\nb\n' }],
    'a new empty file': [{ path: 'empty', before: null, after: '' }],
    'two edits in one line, three in others': [
      edited(
        'a.js',
        numbered(40),
        { start: 0, end: 1, text: 'x' },
        { start: 5, end: 6, text: 'y' },
        { start: 7, end: 7, text: 'z\n' },
        { start: 200, end: 240, text: '-' },
      ),
    ],
    'names with spaces, quotes, tabs and letters of all the world': [
      edited('a b/c "d" \\ e.js', 'a\n', { start: 0, end: 1, text: 'b' }),
      edited('ünï/日本語.js', 'a\n', { start: 0, end: 1, text: 'b' }),
      { path: 'tab\there 😀', before: null, after: 'n\n' },
    ],
    'without known edits': [{ path: 'a.json', before: numbered(300), after: numbered(300).replaceAll('9\n', '9!\n') }],
    'edits that do not give the text (typed over)': [
      { path: 'a', before: 'a\nb\nc\n', after: 'a\nX\nc\nd\n', edits: [{ start: 0, end: 1, text: 'z' }] },
    ],
  };
  for (const [name, changes] of Object.entries(cases)) {
    it(`is applied by git: ${name}`, () => {
      assert.deepEqual(
        gitApply(changes, unifiedDiff(changes)),
        changes.map((change) => change.after),
      );
    });
    it(`is applied by ourselves: ${name}`, async () => {
      const read = (file: string): Promise<string | undefined> =>
        Promise.resolve(changes.find((change) => change.path === file)?.before ?? undefined);
      assert.deepEqual(
        await applyUnifiedDiff(unifiedDiff(changes), read),
        changes.map(({ path: file, before, after }) => ({ path: file, before, after })),
      );
    });
  }

  it('is applied by git where a name ends in a space', () => {
    const change = { path: 'trailing ', before: null, after: 'n\n' };
    assert.deepEqual(gitApply([change], unifiedDiff([change])), ['n\n']);
  });

  const anyText = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\n', '\r\n', 'é'), maxLength: 60 });
  const anyChange = fc
    .tuple(
      anyText,
      fc.array(fc.tuple(fc.nat(60), fc.nat(10), fc.string({ unit: fc.constantFrom('a', 'x', '\n'), maxLength: 5 })), {
        maxLength: 4,
      }),
    )
    .map(([before, raw]) => {
      let at = 0;
      const edits = raw
        .map(([start, length, text]) => ({ start, length, text }))
        .sort((a, b) => a.start - b.start)
        .flatMap(({ start, length, text }) => {
          const from = Math.max(start, at);
          const end = from + length;
          if (end > before.length) return [];
          at = end;
          return [{ start: from, end, text }];
        });
      return edited('a.js', before, ...edits);
    });

  it('says the same of known edits and of compared texts, and both apply', async () => {
    await fc.assert(
      fc.asyncProperty(anyChange, async (change) => {
        for (const variant of [change, { path: change.path, before: change.before, after: change.after }]) {
          const diff = unifiedDiff([variant]);
          if (change.before === change.after) assert.equal(diff, '');
          else {
            const [applied] = await applyUnifiedDiff(diff, () => Promise.resolve(change.before ?? undefined));
            assert.equal(applied?.after, change.after);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is applied by git whatever the edits', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(anyChange, (change) => {
        assert.deepEqual(gitApply([change], unifiedDiff([change])), [change.after]);
      }),
      { numRuns: 60 },
    );
  });

  it('stays quick on texts that have little in common', () => {
    const before = Array.from({ length: 20_000 }, (_, i) => `${i % 7} a ${i}\n`).join('');
    const after = Array.from({ length: 20_000 }, (_, i) => (i % 3 === 0 ? `${i % 7} a ${i}\n` : `${i % 11} b\n`)).join('');
    const start = performance.now();
    const diff = unifiedDiff([{ path: 'a', before, after }]);
    assert.ok(performance.now() - start < 5000);
    assert.deepEqual(gitApply([{ path: 'a', before, after }], diff), [after]);
    // The lines in common hold the texts together: it is not one hunk that replaces all.
    assert.ok(diff.split('\n').filter((line) => line.startsWith(' ')).length > 5000);
  });
});
