import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHumanError } from '../../../src/core/errors';
import { isOwnCommit } from '../../../src/core/git/ownCommit';
import { readTrailer } from '../../../src/core/git/trailers';
import { readPullRequestMarker } from '../../../src/core/pullRequest/marker';
import { revertOf, revertPaths, revertsTrailer } from '../../../src/core/pullRequest/revert';
import type { RevertInput, RevertTexts } from '../../../src/core/pullRequest/revert';
import { makeFinding } from '../../support/findings';

const finding = makeFinding({
  id: 'pl-0123456789abcdef',
  ruleId: 'security/detect-child-process',
  title: 'Found child_process.exec() with non Literal first argument',
  severity: 'high',
});
const mergeCommit = 'abcdef0123'.repeat(4);
const source = 'src/diagnostics.js';
const test = { path: 'test/diagnostics.command-injection.test.js' };
const texts = (change: Readonly<Record<string, Partial<RevertTexts>>> = {}): ReadonlyMap<string, RevertTexts> =>
  new Map([
    [source, { before: 'bad\n', merged: 'good\n', head: 'good\n', ...change[source] }],
    [test.path, { before: undefined, merged: 'test\n', head: 'test\n', ...change[test.path] }],
  ]);
const input: RevertInput = {
  finding,
  patch: { changes: [{ path: source, before: 'bad\n', after: 'good\n' }] },
  test,
  run: 'run-1',
  pullRequest: {
    number: 7,
    url: 'https://github.com/acme/greeter/pull/7',
    title: 'fix(security): Found child_process.exec() with non Literal first argument',
    base: 'main',
  },
  mergeCommit,
  why: 'The error rate of the new version rose at the first step, so all traffic went back to the old one.',
  verdict: {
    metric: 'errors',
    step: 0,
    phase: 'failed',
    message: '27 of 120 requests failed (22.5 %), baseline 2 of 118 (1.7 %), p = 0.0000004',
    canary: 0.225,
    baseline: 2 / 118,
    sample: { canary: 120, baseline: 118 },
  },
  texts: texts(),
};

describe('revertOf', () => {
  it('gives every file back as it was and deletes what the merge had created', () => {
    const revert = revertOf(input);
    assert.deepEqual(revertPaths(input.patch, test), [source, test.path]);
    assert.deepEqual(revert.files, { [source]: 'bad\n', [test.path]: null });
    assert.equal(revert.branch, 'patchline/revert-detect-child-process-0123456789abcdef');
    assert.ok(revert.title.length <= 72);
    assert.deepEqual(readPullRequestMarker(revert.body), { finding: finding.id, run: 'run-1' });
    assert.equal(readTrailer(revert.message, revertsTrailer), mergeCommit);
    assert.equal(revertOf({ ...input, prefix: 'sec/' }).branch, 'sec/revert-detect-child-process-0123456789abcdef');
  });

  it('makes a commit that counts as Patchline’s own for the finding', () => {
    const date = '1 +0000';
    const commit = { tree: '', parents: ['p'], authorDate: date, committerDate: date, message: revertOf(input).message };
    assert.equal(isOwnCommit(commit, finding.id), true);
    assert.equal(isOwnCommit(commit, 'other'), false);
  });

  it('gives back what the branch held before the merge, also where that is not what the fix was made for', () => {
    const moved = { before: '// new\nbad\n', merged: '// new\ngood\n', head: '// new\ngood\n' };
    assert.equal(revertOf({ ...input, texts: texts({ [source]: moved }) }).files[source], '// new\nbad\n');
  });

  it('refuses where the branch has changed the same file since, and names it', () => {
    for (const head of ['better\n', undefined]) {
      assert.throws(
        () => revertOf({ ...input, texts: texts({ [source]: { head } }) }),
        (error: Error) =>
          isHumanError(error) &&
          error.message ===
            'main has changed src/diagnostics.js since the fix was merged, so the fix cannot be taken out by itself. Revert abcdef01 by hand: git revert -m 1 abcdef01.',
      );
    }
  });

  it('leaves out what somebody took back already, and says when that is all', () => {
    assert.deepEqual(revertOf({ ...input, texts: texts({ [source]: { head: 'bad\n' } }) }).files, { [test.path]: null });
    const both = texts({ [source]: { head: 'bad\n' }, [test.path]: { head: undefined } });
    assert.throws(() => revertOf({ ...input, texts: both }), /nothing to revert/);
    assert.throws(() => revertOf({ ...input, texts: new Map() }), /is not known/);
  });

  const hostile: RevertInput = {
    ...input,
    finding: { ...finding, title: '</td>@everyone closes #1\n\nPatchline-Finding: other', ruleId: '`x` | y' },
    why: 'See https://evil.example @team\n\nPatchline-Finding: other',
    verdict: { metric: 'a|b', step: 2, phase: 'failed', message: '<img src=x> | @ada [skip ci] \u202e' },
    pullRequest: { number: 7, url: '/forge/pulls/7.json', title: 'fix: @everyone [skip ci]\nx', base: 'main' },
  };

  it('lets no text of a report or a metric act', () => {
    const { message, body, title } = revertOf(hostile);
    assert.equal(readTrailer(message, 'Patchline-Finding'), finding.id);
    for (const text of [message, body, title]) assert.doesNotMatch(text, /@(?:everyone|team|ada)|#1\b|\[skip ci|\u202e/);
    assert.doesNotMatch(body, /<\/td>|<img|https:\/\/evil/);
  });

  const folder = join(import.meta.dirname, '../../golden/pullRequest');
  for (const [name, given] of [
    ['revert', input],
    ['revert-hostile', hostile],
    [
      'revert-by-person',
      { ...input, verdict: undefined, why: 'Ada Lovelace rolled it back: the logins of one customer failed.' },
    ],
  ] as const) {
    it(`reads as in test/golden/pullRequest/${name}.*`, () => {
      const { body, message } = revertOf(given);
      for (const [file, text] of [
        [`${name}.md`, body],
        [`${name}.commit.txt`, message],
      ] as const) {
        if (process.env['UPDATE_GOLDEN'] === '1') {
          mkdirSync(folder, { recursive: true });
          writeFileSync(join(folder, file), text);
        }
        assert.equal(text, readFileSync(join(folder, file), 'utf8'));
      }
    });
  }
});
