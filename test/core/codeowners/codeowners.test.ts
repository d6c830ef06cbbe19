import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compilePattern, ownersOf, parseCodeowners } from '../../../src/core/codeowners/codeowners';

const file = `
# who looks after what
*                 @acme/everyone
/src/             @acme/core ada@example.org   # the heart
apps/             @acme/apps
docs/*            @acme/docs
*.sql             @acme/data
/src/generated/
a\\ b.txt          @acme/space
**/logs           @acme/ops
/build/**/out     @acme/build
!x                @acme/no
x[ab]             @acme/no
y                 not-an-owner
`;

describe('codeowners', () => {
  const owners = parseCodeowners(file);
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['README.md', ['@acme/everyone']],
    ['src/a.js', ['@acme/core', 'ada@example.org']],
    ['lib/src/a.js', ['@acme/everyone']],
    ['x/apps/y/z.js', ['@acme/apps']],
    ['docs/a.md', ['@acme/docs']],
    ['docs/deep/a.md', ['@acme/everyone']],
    ['src/db/schema.sql', ['@acme/data']],
    ['src/generated/a.js', []],
    ['a b.txt', ['@acme/space']],
    ['logs/today', ['@acme/ops']],
    ['deep/er/logs/today', ['@acme/ops']],
    ['build/out', ['@acme/build']],
    ['build/1/2/out', ['@acme/build']],
    ['x', ['@acme/everyone']],
  ];
  for (const [where, expected] of cases) {
    it(`${where} → ${expected.join(' ') || 'nobody'}`, () => assert.deepEqual(ownersOf(owners, where), expected));
  }

  it('passes over lines GitHub does not read, and says which and why', () => {
    assert.deepEqual(owners.skipped, [
      { line: 12, reason: 'patterns cannot be negated with !' },
      { line: 13, reason: 'character ranges [ ] are not supported' },
      { line: 14, reason: '“not-an-owner” is neither @user, @org/team nor an email address' },
    ]);
  });

  it('takes no longer for patterns with many stars', function () {
    this.timeout(5000);
    const deep = 'd/'.repeat(1000);
    for (const [pattern, place, expected] of [
      [`${'**/'.repeat(100)}zz`, `${deep}z`, false],
      [`${'**/'.repeat(100)}zz`, `${deep}zz`, true],
      [`/${'a*'.repeat(100)}b`, 'a'.repeat(4000), false],
      [`/${'a*'.repeat(100)}b`, `${'a'.repeat(4000)}b`, true],
      ['/a/**/', 'a/b', false],
      ['/a/**/', 'a/b/c', true],
    ] as const)
      assert.equal(compilePattern(pattern)(place), expected, pattern.slice(0, 20));
  });

  it('ignores a file over 3 MB', () => {
    assert.equal(parseCodeowners(`* @a\n${'#'.repeat(3 * 1024 * 1024)}`).rules.length, 0);
  });

  const shared = path.resolve(__dirname, '../../../../shared/data/codeowners.json');
  it(`agrees with the public cases${existsSync(shared) ? '' : ' (not here: nothing compared)'}`, () => {
    if (!existsSync(shared)) return;
    const { match } = JSON.parse(readFileSync(shared, 'utf8')) as {
      match: { pattern: string; path: string; matches: boolean }[];
    };
    assert.deepEqual(
      match.filter((c) => compilePattern(c.pattern)(c.path) !== c.matches),
      [],
    );
  });
});
