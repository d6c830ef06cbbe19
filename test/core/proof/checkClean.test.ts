import assert from 'node:assert/strict';
import type { Patch } from '../../../src/core/model/patch';
import { checkClean } from '../../../src/core/proof/checkClean';
import { foldVerdict } from '../../../src/core/proof/foldVerdict';
import { forbiddenManifestFields, forbiddenPath } from '../../../src/core/proof/forbiddenPaths';
import { addedSuppressions } from '../../../src/core/proof/suppressions';

const patch = (path: string, before: string | null, after: string): Patch => ({
  findingId: 'f',
  fixer: 'x',
  trust: 'rule',
  title: 't',
  reason: 'r',
  changes: [{ path, before, after }],
  notes: [],
});

describe('what a fix may not touch', () => {
  const forbidden: readonly (readonly [path: string, why: RegExp])[] = [
    ['test/app.test.js', /test/],
    ['src/app.spec.ts', /test/],
    ['src/__tests__/app.js', /test/],
    ['test/support/server.js', /tests/],
    ['packages/a/tests/fixtures/x.json', /tests/],
    ['src/__snapshots__/a.snap', /compare/],
    ['jest.config.js', /harness/],
    ['packages/a/vitest.config.mts', /harness/],
    ['.mocharc.json', /harness/],
    ['.github/workflows/ci.yml', /CI/],
    ['.gitlab-ci.yml', /CI/],
    ['.circleci/config.yml', /CI/],
    ['Jenkinsfile', /CI/],
    ['.husky/pre-commit', /CI/],
    ['eslint.config.mjs', /scanner/],
    ['packages/a/.eslintrc.json', /scanner/],
    ['.semgrepignore', /scanner/],
    ['.snyk', /scanner/],
    ['sonar-project.properties', /scanner/],
    ['.patchline.json', /policy/],
    ['.npmrc', /installed/],
    ['reports/eslint.sarif', /report/],
  ];
  for (const [path, why] of forbidden) it(path, () => assert.match(forbiddenPath(path) ?? '', why));

  for (const path of [
    'src/app.js',
    'package.json',
    'package-lock.json',
    'src/testing/bench.ts',
    'src/latest.js',
    'lib/contest/a.js',
    'docs/ci.md',
  ]) {
    it(`${path} may change`, () => assert.equal(forbiddenPath(path), undefined));
  }

  it('package.json changes in its dependencies alone', () => {
    const before = '{"name":"a","scripts":{"test":"node --test"},"dependencies":{"x":"1"}}';
    assert.deepEqual(forbiddenManifestFields(before, before.replace('"1"', '"2"')), []);
    assert.deepEqual(forbiddenManifestFields(before, before.replace('node --test', 'true')), ['scripts']);
    assert.deepEqual(forbiddenManifestFields(before, '{"name":"a","scripts":{"test":"node --test"},"jest":{}}'), ['jest']);
    assert.deepEqual(forbiddenManifestFields(before, '{'), ['(not readable as JSON)']);
    assert.deepEqual(forbiddenManifestFields('{"name":"a"}', '{"name":"a","overrides":{"x":"2"}}'), []);
  });

  const silencers: readonly string[] = [
    '// eslint-disable-next-line security/detect-child-process',
    '/* eslint security/detect-child-process: off */',
    '// nosemgrep: rule',
    'run(); // NOSONAR',
    '// nosec',
    '// snyk:ignore',
    '// lgtm[js/command-line-injection]',
    '// codeql[js/sql-injection]',
    '# noqa',
    '// @ts-ignore',
    '/* istanbul ignore next */',
    '// oxlint-disable-next-line no-eval',
    '// biome-ignore lint: x',
    '// njsscan-ignore: x',
  ];
  for (const line of silencers) {
    it(`adds ${line}`, () => {
      assert.equal(addedSuppressions('run();\n', `${line}\nrun();\n`).length, 1);
      assert.deepEqual(addedSuppressions(`${line}\nrun();\n`, `run();\n${line}\n`), [], 'one that moved is none');
    });
  }

  it('words that merely resemble one are none', () => {
    assert.deepEqual(addedSuppressions('', 'const nosecret = lint; // see eslint.org, sonar, semgrep\n'), []);
  });

  it('tells everything at once', () => {
    const verdict = checkClean(patch('.github/workflows/ci.yml', 'a', 'a # noqa'), 'test/x.test.js');
    assert.equal(verdict.outcome, 'failed');
    assert.match(verdict.detail, /build or CI.*silences a scanner \(noqa\)/);
    assert.match(checkClean(patch('test/x.test.js', null, ''), 'test/x.test.js').detail, /the regression test itself/);
    assert.equal(checkClean(patch('src/a.js', 'a', 'b'), 'test/x.test.js').outcome, 'successful');
    assert.equal(checkClean({ ...patch('a', '', ''), changes: [] }, 'x').outcome, 'failed');
  });

  it('folds: failed, error, inconclusive, successful; nothing is no proof', () => {
    assert.equal(foldVerdict(['successful', 'error', 'failed', 'inconclusive']), 'failed');
    assert.equal(foldVerdict(['successful', 'error', 'inconclusive']), 'error');
    assert.equal(foldVerdict(['successful', 'inconclusive']), 'inconclusive');
    assert.equal(foldVerdict(['successful', 'waiting']), 'inconclusive');
    assert.equal(foldVerdict(['successful', 'successful']), 'successful');
    assert.equal(foldVerdict([]), 'error');
  });
});
