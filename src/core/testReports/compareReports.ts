import type { Outcome } from '../model/outcome';
import type { RegressionTest } from '../model/regressionTest';
import type { TestCase, TestComparison, TestName, TestReport } from '../model/testReport';
import { findRegression } from './findRegression';
import { keyOf } from './mergeReports';

/** Names that are listed of a kind; a comparison goes into the run log. Counts stay exact. */
const listed = 50;
const longestName = 300;

/**
 * Slower beyond noise: more than twice as long, and by more than half a second. Times of single tests in CI vary with what else
 * the machine does, with cold caches and compilation, by well up to a factor of two; and below half a second a factor says
 * nothing. It is shown and decides nothing: one run on each side is no measurement.
 */
const slowFactor = 2;
const slowSeconds = 0.5;

/**
 * The tests of a patch beside those of its base.
 *
 * failed: a test that passed on the base fails, one fails that is new or did not run before, or the regression test did not pass,
 * whether there is a base or not. error: no report, or nothing ran in it. inconclusive: no base to compare with, or tests that ran on the
 * base do not run with the patch. successful: otherwise; tests that fail on both sides are said and not held against the patch.
 *
 * @param head - undefined: the checks left no report
 * @param base - undefined, or without cases: there is nothing to compare with
 * @param regressionTest - the patch's own; undefined: it has none
 */
export function compareReports(
  head: TestReport | undefined,
  base: TestReport | undefined,
  regressionTest?: RegressionTest,
  /** Commit of the patch, where there is no report that names it. */
  commit = head?.commit ?? '',
): TestComparison {
  const after = head?.cases ?? [];
  const known = base === undefined || base.cases.length === 0 ? undefined : base;
  const before = new Map((known?.cases ?? []).map((one) => [keyOf(one), one]));
  const now = new Set(after.map(keyOf));
  const was = (one: TestCase): Standing => standing(before.get(keyOf(one)));
  const failing = after.filter((one) => standing(one) === 'bad');

  const kinds = {
    broken: failing.filter((one) => was(one) === 'passed'),
    newlyFailing: known === undefined ? [] : failing.filter((one) => was(one) === 'absent' || was(one) === 'skipped'),
    failingBefore: failing.filter((one) => was(one) === 'bad'),
    fixed: after.filter((one) => one.status === 'passed' && was(one) === 'bad'),
    added: known === undefined ? [] : after.filter((one) => was(one) === 'absent'),
    lost: [...before.values()].filter((one) => one.status !== 'skipped' && !now.has(keyOf(one))),
    newlySkipped: after.filter((one) => one.status === 'skipped' && (was(one) === 'passed' || was(one) === 'bad')),
    flaky: after.filter((one) => one.flaky === true),
  };
  const slower = after
    .flatMap((one) => {
      const [old, seconds] = [before.get(keyOf(one))?.seconds, one.seconds];
      if (one.status !== 'passed' || was(one) !== 'passed' || old === undefined || seconds === undefined) return [];
      const isSlower = seconds > slowFactor * old && seconds - old > slowSeconds;
      return isSlower ? [{ name: titleOf(one), before: old, after: seconds }] : [];
    })
    .sort((a, b) => b.after - b.before - (a.after - a.before));
  const regression = findRegression(after, regressionTest);
  const counts = {
    broken: kinds.broken.length,
    newlyFailing: kinds.newlyFailing.length,
    failingBefore: kinds.failingBefore.length,
    fixed: kinds.fixed.length,
    added: kinds.added.length,
    lost: kinds.lost.length,
    newlySkipped: kinds.newlySkipped.length,
    flaky: kinds.flaky.length,
    slower: slower.length,
  };
  const facts: Facts = {
    passed: after.filter(({ status }) => status === 'passed').length,
    failed: failing.length,
    skipped: after.filter(({ status }) => status === 'skipped').length,
    regression,
    hasBase: known !== undefined,
    counts,
  };
  return {
    commit,
    ...(known === undefined ? {} : { base: known.commit }),
    passed: facts.passed,
    failed: facts.failed,
    skipped: facts.skipped,
    broken: names(kinds.broken),
    newlyFailing: names(kinds.newlyFailing),
    fixed: names(kinds.fixed),
    failingBefore: names(kinds.failingBefore),
    added: names(kinds.added),
    lost: names(kinds.lost),
    newlySkipped: names(kinds.newlySkipped),
    flaky: names(kinds.flaky),
    slower: slower.slice(0, listed),
    counts,
    regression,
    outcome: judge(facts),
    summary: summarise(facts, names(kinds.broken), names(kinds.newlyFailing)),
  };
}

type Standing = 'passed' | 'bad' | 'skipped' | 'absent';

function standing(one: TestCase | undefined): Standing {
  if (one === undefined) return 'absent';
  return one.status === 'failed' || one.status === 'error' ? 'bad' : one.status;
}

const titleOf = ({ suite, name }: TestCase): TestName => {
  const title = suite === '' ? name : `${suite} › ${name}`;
  return title.length > longestName ? `${title.slice(0, longestName - 1)}…` : title;
};
const names = (cases: readonly TestCase[]): readonly TestName[] => cases.slice(0, listed).map(titleOf);

interface Facts extends Pick<TestComparison, 'passed' | 'failed' | 'skipped' | 'regression'> {
  readonly hasBase: boolean;
  readonly counts: Required<TestComparison>['counts'];
}

/** A report in which everything was skipped measured as little as none. */
const nothingRan = ({ passed, failed }: Facts): boolean => passed + failed === 0;

const regressionIsBad = ({ regression }: Facts): boolean => regression !== 'passed' && regression !== 'none';

function judge(facts: Facts): Outcome {
  const { counts, hasBase } = facts;
  if (nothingRan(facts)) return 'error';
  if (counts.broken + counts.newlyFailing > 0 || regressionIsBad(facts)) return 'failed';
  return hasBase && counts.lost + counts.newlySkipped === 0 ? 'successful' : 'inconclusive';
}

const regressionWords: Readonly<Record<TestComparison['regression'], string>> = {
  passed: 'the regression test passes',
  failed: 'the regression test fails',
  skipped: 'the regression test was skipped',
  missing: 'the regression test is not in the report',
  none: '',
};

function summarise(facts: Facts, broken: readonly TestName[], newlyFailing: readonly TestName[]): string {
  const { passed, failed, skipped, counts, hasBase, regression } = facts;
  if (passed + failed + skipped === 0)
    return 'No test report: the checks left none, or there is no test in it. Each check says why; “junit” of a job in the policy names the files that it writes.';
  if (nothingRan(facts)) return `No test ran: all ${skipped} were skipped.`;
  const words = [`${passed} of ${passed + failed} tests pass${skipped === 0 ? '' : ` (${skipped} skipped)`}`];
  if (counts.broken > 0) words.push(`${some(counts.broken, broken)} passed on the base`);
  if (counts.newlyFailing > 0)
    words.push(`${some(counts.newlyFailing, newlyFailing)} did not run on the base and fail${one(counts.newlyFailing)}`);
  if (counts.failingBefore > 0) words.push(`${counts.failingBefore} failed on the base already`);
  if (counts.lost > 0) words.push(`${counts.lost} that ran on the base ${counts.lost === 1 ? 'is' : 'are'} gone`);
  if (counts.newlySkipped > 0)
    words.push(`${counts.newlySkipped} that ran on the base ${counts.newlySkipped === 1 ? 'is' : 'are'} skipped`);
  if (counts.flaky > 0) words.push(`${counts.flaky} passed only when run again`);
  if (!hasBase)
    words.push(
      failed > 0
        ? 'nothing says whether they failed before: there is no report of the base'
        : 'there is no report of the base to compare with',
    );
  if (regression !== 'none') words.push(regressionWords[regression]);
  return `${words.join('; ')}.`;
}

const one = (count: number): string => (count === 1 ? 's' : '');

function some(count: number, titles: readonly TestName[]): string {
  const first = titles[0] ?? '';
  return count === 1 ? `“${first}”` : `“${first}” and ${count - 1} more`;
}
