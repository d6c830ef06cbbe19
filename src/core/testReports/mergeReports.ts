import type { TestCase, TestReport, TestStatus } from '../model/testReport';

/** What one document said. */
export interface TestDocument {
  readonly name: string;
  /** 1-based; documents of one name and different attempts are runs of the same job, one after the other. Default 1. */
  readonly attempt?: number;
  readonly cases: readonly TestCase[];
}

const isBad = (status: TestStatus): boolean => status === 'failed' || status === 'error';

/** Worse first. */
const weight: Readonly<Record<TestStatus, number>> = { failed: 3, error: 2, passed: 1, skipped: 0 };

/** What makes two cases the same test, in one report or in two. */
export function keyOf({ suite, name, file }: TestCase): string {
  return JSON.stringify([suite, name, file ?? null]);
}

/**
 * All documents of a commit as one report.
 *
 * - The same test twice in one document: where it failed and passed at last it was run again, and is flaky; where it failed and
 *   did not pass at last it failed; where none failed they are several tests of one name and stay so, numbered ` (2)`, ` (3)`.
 *   (Several tests of one name of which the first fails look like a retry; the second then counts as lost, so that it is seen.)
 * - Documents of one name by attempt: the latest is judged; what passes there and failed before is flaky.
 * - Documents of different names are different runs (a matrix): a test is as bad as in the worst of them, and ran if it ran in one.
 */
export function mergeReports(commit: string, documents: readonly TestDocument[]): TestReport {
  const merged = new Map<string, TestCase>();
  for (const cases of latestAttempts(documents)) {
    for (const [key, one] of cases) {
      const other = merged.get(key);
      merged.set(key, other === undefined ? one : worseOf(other, one));
    }
  }
  return { commit, sources: [...new Set(documents.map(({ name }) => name))], cases: [...merged.values()] };
}

function latestAttempts(documents: readonly TestDocument[]): readonly ReadonlyMap<string, TestCase>[] {
  const attemptOf = (document: TestDocument): number => document.attempt ?? 1;
  const byName = new Map<string, TestDocument[]>();
  for (const document of documents) byName.set(document.name, [...(byName.get(document.name) ?? []), document]);
  return [...byName.values()].flatMap((group) => {
    const last = Math.max(...group.map(attemptOf));
    const failedBefore = new Set(
      group
        .filter((document) => attemptOf(document) < last)
        .flatMap(({ cases }) => [...foldRetries(cases)])
        .flatMap(([key, { status, flaky }]) => (isBad(status) || flaky === true ? [key] : [])),
    );
    return group
      .filter((document) => attemptOf(document) === last)
      .map(
        ({ cases }) =>
          new Map(
            [...foldRetries(cases)].map(([key, one]) => [
              key,
              one.status === 'passed' && failedBefore.has(key) ? { ...one, flaky: true } : one,
            ]),
          ),
      );
  });
}

function foldRetries(cases: readonly TestCase[]): ReadonlyMap<string, TestCase> {
  const byKey = new Map<string, TestCase[]>();
  for (const one of cases) {
    const list = byKey.get(keyOf(one));
    if (list === undefined) byKey.set(keyOf(one), [one]);
    else list.push(one);
  }
  const folded = new Map<string, TestCase>();
  for (const [key, list] of byKey) {
    const last = list.at(-1);
    const worst = list.findLast(({ status }) => isBad(status));
    if (last !== undefined && worst !== undefined) {
      folded.set(key, last.status === 'passed' && list.length > 1 ? { ...last, flaky: true } : worst);
      continue;
    }
    let number = 1;
    for (const one of list) {
      let numbered = one;
      // A test may itself be called `x (2)`.
      while (folded.has(keyOf(numbered)) || (number > 1 && byKey.has(keyOf(numbered)))) {
        number += 1;
        numbered = { ...one, name: `${one.name} (${number})` };
      }
      folded.set(keyOf(numbered), numbered);
    }
  }
  return folded;
}

function worseOf(a: TestCase, b: TestCase): TestCase {
  const worse = weight[b.status] > weight[a.status] ? b : a;
  const seconds = [a.seconds, b.seconds].filter((value) => value !== undefined);
  const flaky = worse.status === 'passed' && (a.flaky === true || b.flaky === true);
  const { flaky: _, seconds: __, ...rest } = worse;
  return {
    ...rest,
    ...(seconds.length === 0 ? {} : { seconds: Math.max(...seconds) }),
    ...(flaky ? { flaky } : {}),
  };
}
