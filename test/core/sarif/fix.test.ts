import assert from 'node:assert/strict';
import { logOf, readPlain } from '../../support/sarif';

type Json = Readonly<Record<string, unknown>>;

const change = (uri: string, ...replacements: readonly Json[]): Json => ({ artifactLocation: { uri }, replacements });
const replace = (deletedRegion: Json, text?: string): Json => ({
  deletedRegion,
  ...(text === undefined ? {} : { insertedContent: { text } }),
});
const read = (fixes: unknown) => {
  const { findings, rejected } = readPlain(logOf([{ ruleId: 'R', message: { text: 'm' }, fixes }]));
  assert.equal(findings.length, 1);
  return { fix: findings[0]?.suggestedFix, rejected };
};

describe('SARIF fixes', () => {
  it('take every change and every replacement, in each kind of region', () => {
    const { fix, rejected } = read([
      {
        description: { text: 'Use execFile' },
        artifactChanges: [
          change('a.js', replace({ startLine: 2, startColumn: 3, endColumn: 7 }, 'x\r\n\ty'), replace({ startLine: 5 })),
          change('b/c.js', replace({ charOffset: 10, charLength: 4 }, 'é'), replace({ byteOffset: 0 }, '// ')),
        ],
      },
    ]);
    assert.deepEqual(rejected, []);
    assert.deepEqual(fix, {
      description: 'Use execFile',
      replacements: [
        { path: 'a.js', region: { startLine: 2, startColumn: 3, endLine: 2, endColumn: 7 }, text: 'x\r\n\ty' },
        { path: 'a.js', region: { startLine: 5, endLine: 5 }, text: '' },
        { path: 'b/c.js', charOffset: 10, charLength: 4, text: 'é' },
        { path: 'b/c.js', byteOffset: 0, byteLength: 0, text: '// ' },
      ],
    });
  });

  const good = change('a.js', replace({ startLine: 1 }, 'x'));
  const refused: readonly (readonly [what: string, fix: unknown, reason: RegExp])[] = [
    ['leaves the workspace', { artifactChanges: [good, change('../b.js', replace({ startLine: 1 }))] }, /outside/],
    [
      'touches the repository',
      { artifactChanges: [change('.git/hooks/pre-commit', replace({ startLine: 1 }, 'rm'))] },
      /\.git\/hooks/,
    ],
    ['touches a nested repository', { artifactChanges: [change('x/.GIT/config', replace({ startLine: 1 }, 'rm'))] }, /\.GIT/],
    ['names no file', { artifactChanges: [{ replacements: [replace({ startLine: 1 })] }] }, /no file/],
    ['has no region', { artifactChanges: [change('a.js', { insertedContent: { text: 'x' } })] }, /deletedRegion/],
    ['has an empty region', { artifactChanges: [change('a.js', replace({}))] }, /without a place/],
    [
      'is binary',
      { artifactChanges: [change('a.js', { deletedRegion: { startLine: 1 }, insertedContent: { binary: 'AA==' } })] },
      /binary/,
    ],
    ['changes nothing', { artifactChanges: [] }, /nothing/],
    ['is nothing', 7, /nothing/],
    [
      'is endless',
      { artifactChanges: [change('a.js', ...Array.from({ length: 1001 }, () => replace({ startLine: 1 })))] },
      /1000/,
    ],
  ];
  for (const [what, fix, reason] of refused) {
    it(`are left out, and the finding kept, where one ${what}`, () => {
      const { fix: kept, rejected } = read([fix]);
      assert.equal(kept, undefined);
      assert.deepEqual(
        rejected.map(({ path }) => path),
        ['runs[0].results[0].fixes[0]'],
      );
      assert.match(rejected[0]?.reason ?? '', reason);
    });
  }

  it('are alternatives: the first that can be carried out is taken', () => {
    const { fix, rejected } = read([
      { artifactChanges: [change('/etc/passwd', replace({ startLine: 1 }))] },
      { artifactChanges: [good] },
    ]);
    assert.equal(fix?.replacements[0]?.path, 'a.js');
    assert.equal(rejected.length, 1);
  });
});
