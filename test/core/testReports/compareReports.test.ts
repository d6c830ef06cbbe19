import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RegressionTest } from '../../../src/core/model/regressionTest';
import type { TestCase, TestComparison, TestReport, TestStatus } from '../../../src/core/model/testReport';
import { compareReports } from '../../../src/core/testReports/compareReports';
import { mergeReports } from '../../../src/core/testReports/mergeReports';

const status: Readonly<Record<string, TestStatus>> = { p: 'passed', f: 'failed', e: 'error', s: 'skipped' };

/** `a:p b:f c:p:1.5` → cases of suite `s`. */
function cases(words: string): readonly TestCase[] {
  return words
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [name = '', letter = 'p', seconds] = word.split(':');
      return {
        suite: 's',
        name,
        status: status[letter] ?? 'passed',
        ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
      };
    });
}

const report = (words: string, commit = 'head'): TestReport => mergeReports(commit, [{ name: 'a.xml', cases: cases(words) }]);
const compare = (head: string, base?: string, regression?: RegressionTest): TestComparison =>
  compareReports(report(head), base === undefined ? undefined : report(base, 'base'), regression);

const regressionTest = (text: string, path = 'test/x.test.js'): RegressionTest => ({
  findingId: 'f',
  framework: 'node-test',
  path,
  text,
  command: [],
  strength: 'behaviour',
  expectedFailure: '',
  claim: '',
});

describe('merging test reports', () => {
  const show = (merged: TestReport): readonly string[] =>
    merged.cases.map(({ name, status: ended, flaky }) => `${name} ${flaky === true ? 'flaky ' : ''}${ended}`);
  const merge = (...documents: readonly (readonly [name: string, words: string, attempt?: number])[]): readonly string[] =>
    show(
      mergeReports(
        'c',
        documents.map(([name, words, attempt]) => ({ name, cases: cases(words), ...(attempt === undefined ? {} : { attempt }) })),
      ),
    );

  it('the same name twice in one document', () => {
    assert.deepEqual(merge(['a', 'x:f x:p']), ['x flaky passed'], 'run again');
    assert.deepEqual(merge(['a', 'x:f x:f']), ['x failed']);
    assert.deepEqual(merge(['a', 'x:p x:f']), ['x failed'], 'failed at last');
    assert.deepEqual(merge(['a', 'x:p x:p x:s']), ['x passed', 'x (2) passed', 'x (3) skipped'], 'several of one name');
  });
  it('a name that looks numbered is not taken', () => {
    const one = { suite: '', status: 'passed' } as const;
    const names = ['x', 'x (2)', 'x'].map((name) => ({ ...one, name }));
    assert.deepEqual(show(mergeReports('c', [{ name: 'a', cases: names }])), ['x passed', 'x (3) passed', 'x (2) passed']);
  });
  it('the latest attempt is judged, and what failed before is flaky', () => {
    assert.deepEqual(merge(['a', 'x:p y:f z:p', 2], ['a', 'x:f y:f z:p w:f', 1]), ['x flaky passed', 'y failed', 'z passed']);
  });
  it('of several documents the worst counts', () => {
    assert.deepEqual(merge(['node20', 'x:p y:s z:f'], ['node22', 'x:f y:p z:p']), ['x failed', 'y passed', 'z failed']);
  });
  it('without repeated names nothing is lost or added', () => {
    const list = fc.uniqueArray(fc.tuple(fc.string(), fc.constantFrom('passed', 'failed', 'error', 'skipped')), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(list, (all) => {
        const given = all.map(([name, ended]) => ({ suite: '', name, status: ended }));
        assert.deepEqual(mergeReports('c', [{ name: 'a', cases: given }]).cases, given);
      }),
    );
  });
});

describe('comparing test reports', () => {
  const table: readonly (readonly [head: string, base: string | undefined, outcome: string, summary: RegExp])[] = [
    ['a:p b:p', 'a:p b:p', 'successful', /^2 of 2 tests pass\.$/],
    ['a:p b:f', 'a:p b:p', 'failed', /“s › b” passed on the base/],
    ['a:p b:e', 'a:p b:p', 'failed', /“s › b” passed on the base/],
    ['a:p b:f', 'a:p b:f', 'successful', /1 failed on the base already/],
    ['a:p b:p', 'a:p b:f', 'successful', /^2 of 2/],
    ['a:p c:f', 'a:p', 'failed', /“s › c” did not run on the base and fails/],
    ['a:p c:f', 'a:p c:s', 'failed', /“s › c” did not run on the base and fails/],
    ['a:p c:p', 'a:p', 'successful', /^2 of 2/],
    ['a:p', 'a:p b:p', 'inconclusive', /1 that ran on the base is gone/],
    ['a:p b:s', 'a:p b:p', 'inconclusive', /1 that ran on the base is skipped/],
    ['a:p b:s', 'a:p b:s', 'successful', /1 of 1 tests pass \(1 skipped\)/],
    ['a:p', 'a:p b:s', 'successful', /1 of 1/],
    ['a:p', undefined, 'inconclusive', /no report of the base to compare with/],
    ['a:p', '', 'inconclusive', /no report of the base/],
    ['a:f', undefined, 'inconclusive', /nothing says whether they failed before/],
    ['', 'a:p', 'error', /No test report/],
    ['', undefined, 'error', /No test report/],
    ['a:s', 'a:s', 'error', /No test ran/],
  ];
  for (const [head, base, outcome, summary] of table) {
    it(`${head || 'nothing'} beside ${base ?? 'no base'}: ${outcome}`, () => {
      const comparison = compare(head, base);
      assert.equal(comparison.outcome, outcome, comparison.summary);
      assert.match(comparison.summary, summary);
    });
  }

  it('no report at all is an error', () => {
    const none = compareReports(undefined, report('a:p'), undefined, 'abc');
    assert.deepEqual([none.outcome, none.commit], ['error', 'abc']);
  });

  it('names each kind', () => {
    const it = compare(
      'a:p:3 b:f fixed:p old:f new:p sk:s quick:p:0.9 twice:p:2.0',
      'a:p:1 b:p fixed:f old:f sk:p gone:p quick:p:0.1 twice:p:1.0',
    );
    const { broken, fixed, failingBefore, added, lost, newlySkipped, slower, counts } = it;
    assert.deepEqual(
      { broken, fixed, failingBefore, added, lost, newlySkipped },
      {
        broken: ['s › b'],
        fixed: ['s › fixed'],
        failingBefore: ['s › old'],
        added: ['s › new'],
        lost: ['s › gone'],
        newlySkipped: ['s › sk'],
      },
    );
    // twice as long is not more than twice as long; nine times of almost nothing is slower by 0.8 s.
    assert.deepEqual(
      slower.map(({ name }) => name),
      ['s › a', 's › quick'],
    );
    assert.equal(counts?.slower, 2);
    assert.equal(compare('a:p:0.55', 'a:p:0.1').slower.length, 0, 'less than half a second');
  });

  it('cuts lists and keeps counts', () => {
    const many = (letter: string): string => Array.from({ length: 500 }, (_, n) => `t${n}:${letter}`).join(' ');
    const comparison = compare(many('f'), many('p'));
    assert.equal(comparison.counts?.broken, 500);
    assert.equal(comparison.failed, 500);
    assert.equal(comparison.broken.length, 50);
    assert.ok(JSON.stringify(comparison).length < 50_000);
  });

  describe('finds the regression test', () => {
    const text = `describe("ping: it's safe", () => {\n  it('refuses ; and |', async () => {});\n  it.skip("still pings", async () => {});\n});\n`;
    const test = regressionTest(text);
    const both = (first: TestStatus, second: TestStatus, more: Partial<TestCase> = {}): readonly TestCase[] => [
      { suite: "ping: it's safe", name: 'refuses ; and |', status: first, ...more },
      { suite: "ping: it's safe", name: 'still pings', status: second, ...more },
    ];
    const stands = (list: readonly TestCase[], of: RegressionTest | undefined = test): TestComparison =>
      compareReports({ commit: 'c', sources: [], cases: [...list, ...cases('a:p')] }, report('a:p', 'base'), of);

    const by: readonly (readonly [how: string, list: readonly TestCase[], regression: string, outcome: string])[] = [
      ['by names', both('passed', 'passed'), 'passed', 'successful'],
      ['failing', both('passed', 'failed'), 'failed', 'failed'],
      ['that could not run', both('error', 'passed'), 'failed', 'failed'],
      ['pending', both('passed', 'skipped'), 'skipped', 'failed'],
      ['of which one part is missing', both('passed', 'passed').slice(1), 'missing', 'failed'],
      ['not at all', [], 'missing', 'failed'],
      ['by file', both('passed', 'passed', { file: 'test/x.test.js', name: 'other' }), 'passed', 'successful'],
      ['in a file that does not load', [{ suite: '', name: '/made-up/w/test/x.test.js', status: 'failed' }], 'failed', 'failed'],
      [
        'by names cut up otherwise (jest-junit, vitest)',
        [
          { suite: 'x', name: "ping: it's safe refuses ; and |", status: 'passed' },
          { suite: 't/x.js', name: "ping: it's safe > still pings", status: 'passed' },
        ],
        'passed',
        'successful',
      ],
    ];
    for (const [how, list, regression, outcome] of by) {
      it(how, () => {
        const comparison = stands(list);
        assert.deepEqual([comparison.regression, comparison.outcome], [regression, outcome], comparison.summary);
      });
    }

    it('and fails with it even without a base', () => {
      assert.equal(
        compareReports({ commit: 'c', sources: [], cases: both('failed', 'passed') }, undefined, test).outcome,
        'failed',
      );
      assert.equal(
        compareReports({ commit: 'c', sources: [], cases: both('passed', 'passed') }, undefined, test).outcome,
        'inconclusive',
      );
    });
    it('a namesake elsewhere is another test', () => {
      const other = both('passed', 'passed').map((one) => ({ ...one, suite: 'pong' }));
      assert.equal(stands(other).regression, 'missing');
    });
    it('none, where the patch has none', () => {
      assert.equal(compareReports(report('a:p'), report('a:p', 'base')).regression, 'none');
    });
  });

  it('is never green where a test that passed does not pass', () => {
    const side = fc.dictionary(fc.constantFrom(...'abcdefgh'), fc.constantFrom(...'pfes'));
    const words = (table: Readonly<Record<string, string>>): string =>
      Object.entries(table)
        .map(([name, letter]) => `${name}:${letter}`)
        .join(' ');
    fc.assert(
      fc.property(side, side, (head, base) => {
        const { outcome, passed, failed, skipped } = compare(words(head), words(base));
        assert.equal(passed + failed + skipped, Object.keys(head).length);
        const spoilt = Object.keys(base).some((name) => base[name] === 'p' && head[name] !== 'p');
        if (outcome === 'successful')
          assert.ok((!spoilt && passed > 0 && Object.keys(base).length > 0) || (failed > 0 && !spoilt));
      }),
    );
  });
});
