import type { Finding, Severity } from '../../src/core/model/finding';
import { severities } from '../../src/core/model/finding';
import type { Policy } from '../../src/core/model/policy';
import { ownersOf, parseCodeowners } from '../../src/core/codeowners/codeowners';
import { triageFindings } from '../../src/core/stages/triage';
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
export function rows(): readonly Readonly<Record<string, string>>[] {
  const list = Array.from({ length: findings }, (_, index) => findingAt(index));
  return [
    measureFrom(list, `first tree page of ${findings.toLocaleString('en')} findings (median of ${rounds})`),
    measureFrom(asRows(list.map(({ id: _, ...draft }) => draft)), '… of a large report, whose findings are rows'),
  ];
}

function measureFrom(list: readonly Finding[], measure: string): Readonly<Record<string, string>> {
  const policy: Policy = {
    slaDays: { critical: 3, high: 14, medium: 45, low: 120 },
    components: [{ name: 'service', paths: ['src/module-1*/**'], points: 10 }],
    ignore: [{ rule: 'rule-7', paths: ['src/module-9/**'], reason: 'generated' }],
  };
  const codeowners = parseCodeowners('* @org/all\n/src/module-1/ @org/one\n/src/module-2*/ @org/two\n');
  const whole: number[] = [];
  const table: number[] = [];
  let shown = 0;
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    const triaged = triageFindings(list, {
      policy,
      ownersOf: (path) => ownersOf(codeowners, path),
      firstSeen: new Map(),
      now: Date.UTC(2026, 0, 1),
    });
    const between = performance.now();
    const view = createFindingsTable();
    view.replace(triaged);
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
