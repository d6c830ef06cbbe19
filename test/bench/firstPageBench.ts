import type { Finding, Severity } from '../../src/core/model/finding';
import { severities } from '../../src/core/model/finding';
import type { Policy } from '../../src/core/model/policy';
import { ownersOf, parseCodeowners } from '../../src/core/codeowners/codeowners';
import { importSteps, noDetection } from '../../src/core/stages/detection';
import { triageFindings, triageSteps } from '../../src/core/stages/triage';
import { finish, inTurns } from '../../src/core/steps';
import { createFindingsTable } from '../../src/core/triage/findingsTable';
import { makeFinding } from '../support/findings';
import { asRows } from '../support/rowFindings';

const findings = 100_000;
const page = 200;
const rounds = 7;

/**
 * From findings that are read to the first page of the tree: triage with a policy and owners, the table, the groups and at most 200
 * rows, which is all that ever reaches VS Code. Beside it the table and the page alone, as after a change that needs no triage. Once
 * with findings as small reports give them, once as they come from a large one (and with ids that are hashes, in no order).
 */
export async function rows(): Promise<readonly Readonly<Record<string, string>>[]> {
  const list = Array.from({ length: findings }, (_, index) => findingAt(index));
  const large = asRows(list.map(({ id: _, ...draft }) => draft));
  return [
    measureFrom(list, `first tree page of ${findings.toLocaleString('en')} findings (median of ${rounds})`),
    measureFrom(large, '… of a large report, whose findings are rows'),
    await measureTurns(large, '… taken in, triaged and shown: longest that the thread was kept'),
  ];
}

const policy: Policy = {
  slaDays: { critical: 3, high: 14, medium: 45, low: 120 },
  components: [{ name: 'service', paths: ['src/module-1*/**'], points: 10 }],
  ignore: [{ rule: 'rule-7', paths: ['src/module-9/**'], reason: 'generated' }],
};
const codeowners = parseCodeowners('* @org/all\n/src/module-1/ @org/one\n/src/module-2*/ @org/two\n');
const context = {
  policy,
  ownersOf: (path: string) => ownersOf(codeowners, path),
  firstSeen: new Map<string, string>(),
  now: Date.UTC(2026, 0, 1),
};

/** As the application does it, in turns; each turn is timed from the end of the one before. */
async function measureTurns(list: readonly Finding[], measure: string): Promise<Readonly<Record<string, string>>> {
  const whole: number[] = [];
  const longest: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let most = 0;
    let last = performance.now();
    const nextTurn = async (): Promise<void> => {
      most = Math.max(most, performance.now() - last);
      await new Promise((next) => setImmediate(next));
      last = performance.now();
    };
    const clock = { now: () => performance.now(), nextTurn };
    const began = last;
    const report = {
      format: 'sarif',
      scanner: 'bench',
      findings: list,
      rejected: [],
      results: list.length,
      notes: [],
      complete: true,
    };
    const { detection } = await inTurns(importSteps(noDetection, [{ name: 'bench.sarif', report }], []), clock);
    const view = createFindingsTable();
    await inTurns(view.replaceSteps(await inTurns(triageSteps(detection.findings, context), clock)), clock);
    most = Math.max(most, performance.now() - last);
    whole.push(performance.now() - began);
    longest.push(most);
  }
  return {
    measure,
    value: `${median(longest).toFixed(0)} ms`,
    beside: `all of it ${median(whole).toFixed(0)} ms`,
    aim: '≤ 16 ms',
  };
}

function measureFrom(list: readonly Finding[], measure: string): Readonly<Record<string, string>> {
  const whole: number[] = [];
  const table: number[] = [];
  let shown = 0;
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    const triaged = triageFindings(list, context);
    const between = performance.now();
    const view = createFindingsTable();
    finish(view.replaceSteps(triaged));
    const first = view.groups()[0];
    shown = view.rows(first?.band, 0, page).length;
    const ended = performance.now();
    whole.push(ended - began);
    table.push(ended - between);
  }
  if (shown !== page) throw new Error(`the first page has ${shown} rows`);
  const [all, part] = [median(whole), median(table)];
  return {
    measure,
    value: `${all.toFixed(0)} ms`,
    beside: `table and page without triage ${part.toFixed(0)} ms`,
    ratio: (all / part).toFixed(1),
  };
}

function findingAt(index: number): Finding {
  const severity: Severity = severities[index % severities.length] ?? 'low';
  return makeFinding({
    id: `pl-${index.toString(16).padStart(16, '0')}`,
    ruleId: `rule-${index % 400}`,
    severity,
    title: `Finding ${index}`,
    locations: [{ path: `src/module-${index % 150}/file-${index % 12_000}.ts`, startLine: 1 + (index % 2000) }],
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
