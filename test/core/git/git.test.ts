import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { branchNameProblem, isCommitId } from '../../../src/core/git/refName';
import { repositoryPathProblem } from '../../../src/core/git/repositoryPath';
import { readTrailer } from '../../../src/core/git/trailers';

describe('branchNameProblem', () => {
  it('takes nothing that git itself refuses', () => {
    const part = fc.string({ unit: fc.constantFrom(...'aaaaaabZ09-_./@{~: \u007fé'.split('')), minLength: 1, maxLength: 6 });
    let asked = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          part,
          fc.tuple(part, part).map((two) => two.join('/')),
        ),
        (name) => {
          if (branchNameProblem(name) !== undefined) return;
          asked += 1;
          execFileSync('git', ['check-ref-format', '--branch', name], { stdio: 'ignore' });
        },
      ),
      { numRuns: 200 },
    );
    assert.ok(asked > 10, 'enough names were put to git');
  });

  it('takes ordinary names', () => {
    for (const name of ['main', 'patchline/lodash-1a2b3c4d', 'fix/CVE-2021-23337', 'é', 'a@b', 'a-b.c_d']) {
      assert.equal(branchNameProblem(name), undefined, name);
    }
    assert.equal(branchNameProblem('a'.repeat(201)), 'it is longer than 200 characters');
    assert.equal(branchNameProblem('a\u0000'), 'it holds a space or a control character');
    assert.equal(branchNameProblem('a:b'), 'it holds ":"');
  });
});

describe('repositoryPathProblem', () => {
  it('never lets a path resolve outside or into .git', () => {
    const part = fc.constantFrom(
      'a',
      '..',
      '.',
      '',
      '.git',
      '.GIT',
      '.git ',
      '.git.',
      'GIT~1',
      '.git::$INDEX_ALLOCATION',
      '.gi\u200ct',
      '.gitignore',
      'x',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const path = parts.join('/');
        if (repositoryPathProblem(path) !== undefined) return;
        assert.ok(
          parts.every((each) => ['a', 'x', '.gitignore'].includes(each)),
          path,
        );
      }),
    );
    assert.equal(repositoryPathProblem('src/.github/x.yml'), undefined);
    assert.equal(repositoryPathProblem('.gitattributes'), undefined);
    assert.equal(repositoryPathProblem('src/ü ß/x.js'), undefined);
  });
});

describe('readTrailer', () => {
  for (const [message, expected] of [
    ['s\n\nb\n\nPatchline-Finding: f\n', 'f'],
    ['s\n\nPatchline-Finding: a\nPatchline-Finding: b', 'b'],
    ['s\r\n\r\npatchline-finding: f\r\nOther: x\r\n', 'f'],
    ['s\n\nPatchline-Finding: f\n\nlater text', undefined],
    ['s\n\nPatchline-Finding: f\nprose', undefined],
    ['Patchline-Finding: f', undefined],
    ['s\n\nOther: f', undefined],
  ] as const) {
    it(`${JSON.stringify(message)} → ${expected}`, () => assert.equal(readTrailer(message, 'Patchline-Finding'), expected));
  }
});

describe('isCommitId', () => {
  it('takes full lower-case ids only', () => {
    assert.deepEqual(
      ['a'.repeat(40), '0'.repeat(64), 'a'.repeat(39), 'A'.repeat(40), 'HEAD', `${'a'.repeat(40)}\n`].map(isCommitId),
      [true, true, false, false, false, false],
    );
  });
});
