import assert from 'node:assert/strict';
import { installedMatchesLock } from '../../../src/core/proof/installedMatchesLock';
import { judgeGreen, judgeRed } from '../../../src/core/proof/judgeTest';
import { judgeLock, lockInstances } from '../../../src/core/proof/lockInstances';
import { compareScans, judgeGone } from '../../../src/core/proof/rescan';
import { makeFinding } from '../../support/findings';

const run = (exitCode: number | null, output: string, timedOut = false) => ({ exitCode, output, timedOut });

describe('red and green', () => {
  const expected = 'Patchline: x:';
  const red: readonly (readonly [name: string, given: ReturnType<typeof run>, outcome: string])[] = [
    ['the stated reason in TAP', run(1, "  error: 'Patchline: x: it happened'"), 'successful'],
    ['the stated reason in a stack', run(1, 'AssertionError [ERR_ASSERTION]: Patchline: x: it happened'), 'successful'],
    [
      'only the source line shows it',
      run(1, "  > 3 | assert.equal(a, b, 'Patchline: x: it happened');\nTypeError: a is not a function"),
      'failed',
    ],
    ['a module is missing', run(1, "Error: Cannot find module '../src/x'"), 'error'],
    ['a syntax error', run(1, "assert.ok(x 'Patchline: x: y')\nSyntaxError: missing )"), 'error'],
    ['another assertion', run(1, 'AssertionError [ERR_ASSERTION]: something else'), 'failed'],
    ['green', run(0, 'TAP version 13\nok 1 - a\n'), 'failed'],
    ['pending', run(0, 'TAP version 13\nnot ok 1 - a # TODO\n'), 'inconclusive'],
    ['too long', run(null, "error: 'Patchline: x: y'", true), 'error'],
  ];
  for (const [name, given, outcome] of red) it(`red: ${name}`, () => assert.equal(judgeRed(given, expected).outcome, outcome));

  const green: readonly (readonly [name: string, given: ReturnType<typeof run>, outcome: string])[] = [
    ['passes', run(0, 'TAP version 13\nok 1 - a\n'), 'successful'],
    ['by exit code', run(0, 'done'), 'successful'],
    ['fails', run(1, 'TAP version 13\nnot ok 1 - a\n'), 'failed'],
    ['cannot start', run(1, 'Error [ERR_MODULE_NOT_FOUND]: x'), 'error'],
    ['nothing ran', run(0, '# tests 0'), 'error'],
    ['nothing ran in mocha', run(0, '\n  0 passing (1ms)\n'), 'error'],
    ['one is pending', run(0, 'TAP version 13\nok 1 - a\nok 2 - b # SKIP\n'), 'inconclusive'],
    ['too long', run(0, '', true), 'error'],
  ];
  for (const [name, given, outcome] of green) it(`green: ${name}`, () => assert.equal(judgeGreen(given).outcome, outcome));

  it('says what kept a test from running, below Jest’s heading and without its colours', () => {
    const output =
      'FAIL src/a.test.ts\n  ● Test suite failed to run\n\n    \u001B[96msrc/a.test.ts\u001B[0m:1:8 - \u001B[91merror\u001B[0m TS1259: no default\n';
    const why = 'src/a.test.ts:1:8 - error TS1259: no default';
    assert.equal(
      judgeRed(run(1, output), expected).detail,
      `The test could not be run without the fix, so it shows nothing: ${why}`,
    );
    assert.equal(judgeGreen(run(1, output)).detail, `The test could not be run with the fix: ${why}`);
  });

  it('says what failed in a message of several lines', () => {
    const tap =
      "not ok 1 - a\n  ---\n  failureType: 'testCodeFailure'\n  error: |-\n    it is 2\n    \n    2 !== 1\n  code: 'X'\n";
    assert.equal(judgeGreen(run(1, `TAP version 13\n${tap}`)).detail, 'The test fails with the fix: it is 2');
  });
});

describe('a second look by the scanner', () => {
  const finding = makeFinding({ ruleId: 'r', locations: [{ path: 'a.js', startLine: 3 }] });
  const at = (ruleId: string, path: string, startLine: number) => makeFinding({ ruleId, locations: [{ path, startLine }] });
  const scan = (...findings: readonly ReturnType<typeof at>[]) => ({ findings, tool: 'ESLint 9' });

  it('gone although the other places moved', () => {
    const result = compareScans(finding, 'r', scan(at('r', 'a.js', 3), at('r', 'a.js', 9)), scan(at('r', 'a.js', 11)));
    assert.equal(result.outcome, 'successful');
  });

  it('still there', () => {
    const result = compareScans(finding, 'r', scan(at('r', 'a.js', 3)), scan(at('r', 'a.js', 4)));
    assert.equal(result.outcome, 'failed');
    assert.equal(
      judgeGone('gone', result, true).outcome,
      'inconclusive',
      'our rule and the test say otherwise: a person decides',
    );
    assert.equal(judgeGone('gone', result, false).outcome, 'failed');
    assert.equal(judgeGone(undefined, result, true).outcome, 'failed');
    assert.equal(judgeGone('there', result, true).outcome, 'failed');
  });

  it('gone, but something new', () => {
    const result = compareScans(finding, 'r', scan(at('r', 'a.js', 3)), scan(at('q', 'a.js', 4)));
    assert.equal(result.outcome, 'failed');
    assert.equal(judgeGone('gone', result, true).outcome, 'failed', 'new findings block whatever else is said');
  });

  it('not there before either', () => assert.equal(compareScans(finding, 'r', scan(), scan()).outcome, 'inconclusive'));

  it('another version of the tool', () => {
    const result = compareScans(finding, 'r', scan(at('r', 'a.js', 3)), { findings: [], tool: 'ESLint 10' });
    assert.equal(result.outcome, 'error');
  });

  it('nobody could look', () => assert.equal(judgeGone(undefined, undefined, true).outcome, 'inconclusive'));
});

describe('lock files', () => {
  const v3 = JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { name: 'app' },
      'node_modules/x': { version: '1.0.0', integrity: 'a' },
      'node_modules/b/node_modules/x': { version: '2.0.0', integrity: 'b' },
      'node_modules/alias': { name: 'x', version: '3.0.0', integrity: 'c' },
      'node_modules/@s/x': { version: '9.0.0', integrity: 'd' },
      'node_modules/member': { resolved: 'packages/x', link: true },
    },
  });
  const v1 = JSON.stringify({
    lockfileVersion: 1,
    dependencies: {
      x: { version: '1.0.0' },
      b: { version: '1.0.0', dependencies: { x: { version: '2.0.0' } } },
      alias: { version: 'npm:x@3.0.0' },
    },
  });

  it('every copy, aliases too', () => {
    assert.deepEqual(
      lockInstances(v3, 'x')?.map((one) => one.version),
      ['1.0.0', '2.0.0', '3.0.0'],
    );
    assert.deepEqual(lockInstances(v1, 'x'), [
      { where: 'node_modules/x', version: '1.0.0' },
      { where: 'node_modules/b/node_modules/x', version: '2.0.0' },
      { where: 'node_modules/alias', version: '3.0.0' },
    ]);
    assert.equal(lockInstances(`\uFEFF${v1}`, 'x')?.length, 3);
    assert.equal(lockInstances('nonsense', 'x'), undefined);
  });

  const finding = (range: string | undefined, id: string) =>
    makeFinding({
      id,
      kind: 'dependency',
      aliases: [id],
      locations: [],
      package: {
        purl: 'pkg:npm/x@1.0.0',
        ecosystem: 'npm',
        name: 'x',
        manifest: 'package.json',
        fixedVersions: [],
        ...(range === undefined ? {} : { vulnerableRange: range }),
      },
    });

  it('all copies must be outside of all known advisories', () => {
    const own = finding('<1.0.0', 'GHSA-A');
    assert.equal(judgeLock(own, [own], v3).outcome, 'successful');
    assert.equal(judgeLock(own, [own, finding('>=2 <3', 'GHSA-B')], v3).outcome, 'failed');
    assert.match(judgeLock(own, [finding('>=2 <3', 'GHSA-B')], v3).detail, /node_modules\/b\/node_modules\/x 2\.0\.0 \(GHSA-B\)/);
    assert.equal(judgeLock(own, [own, finding(undefined, 'GHSA-C')], v3).outcome, 'inconclusive');
    assert.equal(judgeLock(own, [own], undefined).outcome, 'error');
    const fromGit = v1.replace('"2.0.0"', '"git+https://example.org/x.git#0f0f"');
    const verdict = judgeLock(own, [own], fromGit);
    assert.equal(verdict.outcome, 'inconclusive', 'what has no version cannot be called clean');
    assert.match(verdict.detail, /node_modules\/b\/node_modules\/x is “git\+https:[^”]+”, which is no version to compare/);
  });

  it('installed packages match the lock file only when all do', () => {
    const hidden = (packages: object) => JSON.stringify({ packages });
    const lock = hidden({
      '': {},
      'node_modules/x': { version: '1', integrity: 'a' },
      'node_modules/fsevents': { version: '2', optional: true },
    });
    const x = { 'node_modules/x': { version: '1', integrity: 'a' } };
    assert.equal(installedMatchesLock(lock, hidden(x)), true);
    assert.equal(installedMatchesLock(lock, hidden({ 'node_modules/x': { version: '2', integrity: 'a' } })), false);
    assert.equal(installedMatchesLock(lock, hidden({ 'node_modules/x': { version: '1', integrity: 'tampered' } })), false);
    assert.equal(installedMatchesLock(lock, hidden({ ...x, 'node_modules/extra': { version: '1' } })), false);
    assert.equal(installedMatchesLock(lock, hidden({})), false);
    assert.equal(installedMatchesLock(v1, hidden(x)), false);
  });
});
