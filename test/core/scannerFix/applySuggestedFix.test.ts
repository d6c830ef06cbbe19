import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { findMatches } from '../../../src/adapters/fixers/scannerFix';
import { semgrepReader } from '../../../src/adapters/scanners/semgrep';
import { combineChanges } from '../../../src/core/edits/combineChanges';
import { isHumanError } from '../../../src/core/errors';
import type { Finding, Location, SuggestedFix } from '../../../src/core/model/finding';
import { applySuggestedFix } from '../../../src/core/scannerFix/applySuggestedFix';
import { makeFinding } from '../../support/findings';

function apply(
  location: Location | undefined,
  fix: SuggestedFix,
  files: Readonly<Record<string, string>>,
): ReturnType<typeof applySuggestedFix> {
  const finding = makeFinding({ locations: location === undefined ? [] : [location], suggestedFix: fix });
  return applySuggestedFix(finding, fix, new Map(Object.entries(files)), findMatches);
}

const region = (startLine: number, startColumn: number, endLine: number, endColumn: number): Omit<Location, 'path'> => ({
  startLine,
  startColumn,
  endLine,
  endColumn,
});
const at = (path: string, ...place: Parameters<typeof region>): Location => ({ path, ...region(...place) });

interface Case {
  readonly what: string;
  readonly location?: Location;
  readonly fix: SuggestedFix;
  readonly files: Readonly<Record<string, string>>;
  readonly expected: Readonly<Record<string, string>> | RegExp;
}

const cases: readonly Case[] = [
  {
    what: 'by lines and columns (UTF-16), keeping CRLF in inserted lines',
    location: at('a.js', 2, 1, 2, 2),
    fix: { replacements: [{ path: 'a.js', region: region(2, 6, 2, 9), text: 'new\nline' }] },
    files: { 'a.js': 'x\r\n😊 = old;\r\n' },
    expected: { 'a.js': 'x\r\n😊 = new\r\nline;\r\n' },
  },
  {
    what: 'a whole line without columns, its terminator kept',
    fix: { replacements: [{ path: 'a', region: { startLine: 2 }, text: 'B' }] },
    files: { a: 'a\nb\nc\n' },
    expected: { a: 'a\nB\nc\n' },
  },
  {
    what: 'by characters, after a byte order mark',
    fix: { replacements: [{ path: 'a', charOffset: 2, charLength: 1, text: 'X' }] },
    files: { a: '\uFEFFabcd' },
    expected: { a: '\uFEFFabXd' },
  },
  {
    what: 'not by bytes that name another column than the region, since then the line ends are others',
    location: at('a', 2, 4, 2, 7),
    fix: { replacements: [{ path: 'a', region: region(2, 4, 2, 7), byteOffset: 5, byteLength: 3, text: 'X' }] },
    files: { a: 'x\r\ny(old)\r\n' },
    expected: /changed since the scan/,
  },
  {
    what: 'by bytes where the columns count bytes, too',
    location: at('a', 1, 5, 1, 8),
    fix: { replacements: [{ path: 'a', region: region(1, 5, 1, 8), byteOffset: 4, byteLength: 3, text: 'X' }] },
    files: { a: '€=old' },
    expected: { a: '€=X' },
  },
  {
    what: 'by bytes',
    fix: { replacements: [{ path: 'a', byteOffset: 5, byteLength: 1, text: 'X' }] },
    files: { a: 'é€cd' },
    expected: { a: 'é€Xd' },
  },
  {
    what: 'several replacements in several files',
    fix: {
      replacements: [
        { path: 'a', region: region(1, 1, 1, 2), text: 'A' },
        { path: 'b', region: region(1, 1, 1, 1), text: 'import x;\n' },
        { path: 'a', region: region(1, 3, 1, 4), text: 'C' },
      ],
    },
    files: { a: 'abc', b: 'use(x)' },
    expected: { a: 'AbC', b: 'import x;\nuse(x)' },
  },
  {
    what: 'found again further down, once',
    location: at('a', 2, 3, 2, 10),
    fix: { expectedText: 'exec(c)', replacements: [{ path: 'a', region: region(2, 3, 2, 10), text: 'run(c)' }] },
    files: { a: '// new\n// lines\nx\n    exec(c)\n' },
    expected: { a: '// new\n// lines\nx\n    run(c)\n' },
  },
  {
    what: 'found again: a replacement beside the finding moves along',
    location: { path: 'a', ...region(2, 1, 2, 8), snippet: 'exec(c)' },
    fix: { replacements: [{ path: 'a', region: region(2, 1, 2, 5), text: 'run' }] },
    files: { a: 'x\ny\nexec(c)\n' },
    expected: { a: 'x\ny\nrun(c)\n' },
  },
  {
    what: 'a snippet of whole lines still stands',
    location: { path: 'a', ...region(2, 3, 2, 7), snippet: '  exec(c)' },
    fix: { replacements: [{ path: 'a', region: region(2, 3, 2, 7), text: 'run' }] },
    files: { a: 'x\n  exec(c)\n' },
    expected: { a: 'x\n  run(c)\n' },
  },
  {
    what: 'gone',
    location: at('a', 1, 1, 1, 8),
    fix: { expectedText: 'exec(c)', replacements: [{ path: 'a', region: region(1, 1, 1, 8), text: 'run(c)' }] },
    files: { a: 'safe(c)' },
    expected: /^a changed since the scan: what the scanner saw is no longer there$/,
  },
  {
    what: 'there twice',
    location: at('a', 1, 1, 1, 8),
    fix: { expectedText: 'exec(c)', replacements: [{ path: 'a', region: region(1, 1, 1, 8), text: 'run(c)' }] },
    files: { a: '//\nexec(c)\nexec(c)' },
    expected: /^a changed since the scan: .*more than once$/,
  },
  {
    what: 'moved, and the replacement has only offsets',
    location: at('a', 1, 1, 1, 8),
    fix: { expectedText: 'exec(c)', replacements: [{ path: 'a', charOffset: 0, charLength: 7, text: 'run(c)' }] },
    files: { a: '//\nexec(c)' },
    expected: /^a changed since the scan: the place of the fix/,
  },
  {
    what: 'a place that the file does not have',
    fix: { replacements: [{ path: 'a', region: region(9, 1, 9, 2), text: 'x' }] },
    files: { a: 'a' },
    expected: /^a changed since the scan/,
  },
  {
    what: 'bytes and lines that name different lines, with nothing to compare',
    location: at('a', 2, 1, 2, 2),
    fix: { replacements: [{ path: 'a', region: region(2, 1, 2, 2), byteOffset: 0, byteLength: 1, text: 'x' }] },
    files: { a: 'a\nb\n' },
    expected: /^a changed since the scan/,
  },
  {
    what: 'a file that is gone',
    fix: { replacements: [{ path: 'b', region: region(1, 1, 1, 2), text: 'x' }] },
    files: { a: 'a' },
    expected: /^b is not there any more$/,
  },
  {
    what: 'replacements that overlap',
    fix: {
      replacements: [
        { path: 'a', region: region(1, 1, 1, 3), text: 'x' },
        { path: 'a', region: region(1, 2, 1, 4), text: 'y' },
      ],
    },
    files: { a: 'abcd' },
    expected: /overlap/,
  },
  {
    what: 'nothing changes',
    fix: { replacements: [{ path: 'a', region: region(1, 1, 1, 2), text: 'a' }] },
    files: { a: 'abcd' },
    expected: /changes nothing/,
  },
  {
    what: 'a pattern, within the finding’s region only',
    location: at('a', 2, 1, 2, 12),
    fix: { replacements: [], regex: { pattern: 'load\\((.*)\\)', replacement: 'safe_load(\\1)' }, expectedText: 'yaml.load(x' },
    files: { a: 'load(a)\nyaml.load(x)\nload(b)\n' },
    expected: /matches nothing/,
  },
  {
    what: 'a pattern over the whole match',
    location: at('a', 2, 1, 2, 13),
    fix: { replacements: [], regex: { pattern: 'load\\((.*)\\)', replacement: 'safe_load(\\1)' }, expectedText: 'yaml.load(x)' },
    files: { a: 'load(a)\nyaml.load(x)\nload(b)\n' },
    expected: { a: 'load(a)\nyaml.safe_load(x)\nload(b)\n' },
  },
  {
    what: 'a pattern with a count, at a place that moved',
    location: at('a', 1, 1, 1, 4),
    fix: { replacements: [], regex: { pattern: 'a', replacement: 'b', count: 1 }, expectedText: 'aaa' },
    files: { a: '//\naaa\n' },
    expected: { a: '//\nbaa\n' },
  },
];

describe('applySuggestedFix', () => {
  for (const { what, location, fix, files, expected } of cases)
    it(what, () => {
      if (expected instanceof RegExp) {
        assert.throws(
          () => apply(location, fix, files),
          (error) => isHumanError(error) && expected.test(error.message),
        );
        return;
      }
      const { changes } = apply(location, fix, files);
      assert.deepEqual(Object.fromEntries(changes.map((change) => [change.path, change.after])), expected);
      for (const change of changes) assert.equal(change.before, files[change.path]);
    });

  it('says when the place moved, and when nothing told whether it did', () => {
    const moved = apply(
      at('a', 1, 1, 1, 4),
      { expectedText: 'abc', replacements: [{ path: 'a', region: region(1, 1, 1, 4), text: 'x' }] },
      { a: '\n\nabc' },
    );
    assert.deepEqual(moved.notes, ['The place moved since the scan: it was found again 2 lines further down in a.']);
    const blind = apply(
      at('a', 1, 1, 1, 4),
      { replacements: [{ path: 'a', region: region(1, 1, 1, 4), text: 'x' }] },
      { a: 'abc' },
    );
    assert.match(blind.notes.join(), /does not say what stood at the place/);
  });

  const shared = '../shared/data/scanner-fix.json';
  it('writes what Semgrep itself wrote in the public cases, where they are present', async function () {
    if (!existsSync(shared)) {
      console.log('      (the public case file is not here: nothing compared)');
      return;
    }
    const { cases: all } = JSON.parse(readFileSync(shared, 'utf8')) as {
      cases: { id: string; input: string; expected: string; report: unknown; nWithFix: number }[];
    };
    assert.ok(all.length >= 6);
    for (const each of all) {
      const bytes = new TextEncoder().encode(JSON.stringify(each.report));
      const { findings } = await semgrepReader.read({ name: 'semgrep.json', size: bytes.length, bytes }, '/workspace');
      // In the order of the report: of two that overlap Semgrep applies the first.
      const inOrder = [...findings].sort((a, b) => (a.witnesses[0]?.index ?? 0) - (b.witnesses[0]?.index ?? 0));
      assert.equal(inOrder.length, each.nWithFix, each.id);
      const combined = combineChanges(inOrder.map((finding) => ({ id: finding.id, changes: changesOf(finding, each.input) })));
      assert.equal(combined.changes[0]?.after, each.expected, each.id);
    }
  });
});

function changesOf(finding: Finding, input: string): ReturnType<typeof applySuggestedFix>['changes'] {
  const fix = finding.suggestedFix;
  assert.ok(fix !== undefined);
  const path = finding.locations[0]?.path ?? '';
  return applySuggestedFix(finding, fix, new Map([[path, input]]), findMatches).changes;
}
