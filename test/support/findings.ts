import type { Finding } from '../../src/core/model/finding';
import type { TriagedFinding } from '../../src/core/model/triage';
import { triageFindings } from '../../src/core/stages/triage';

/** A valid finding of code with overrides: tests say only what matters to them. */
export function makeFinding(overrides: Partial<Finding> = {}): Finding {
  return {
    id: 'pl-0000000000000001',
    kind: 'code',
    scanner: 'ESLint',
    ruleId: 'security/detect-child-process',
    title: 'Found child_process.exec() with non Literal first argument',
    severity: 'high',
    locations: [{ path: 'src/ping.js', startLine: 7, startColumn: 3 }],
    aliases: [],
    cwe: [],
    references: [],
    suppressed: false,
    witnesses: [{ scanner: 'ESLint', file: 'reports/eslint.sarif', ruleId: 'security/detect-child-process', index: 0 }],
    ...overrides,
  };
}

/** The same, triaged without any policy at the given instant. */
export function makeTriaged(overrides: Partial<Finding> = {}, now = Date.UTC(2026, 0, 1)): TriagedFinding {
  const [finding] = triageFindings([makeFinding(overrides)], { policy: {}, ownersOf: () => [], firstSeen: new Map(), now });
  if (finding === undefined) throw new Error('triage lost the finding');
  return finding;
}
