// @ts-check
// The two prepared ways of the sample project, and what counts as "it went as it should".

/**
 * @typedef {object} Scenario
 * @property {readonly string[]} reports relative to the project
 * @property {string} rule
 * @property {string} path file of the finding
 * @property {string} reviewer made-up identity of the sample's policy
 * @property {'deployed' | 'rolled-back'} outcome
 */

const reports = ['reports/eslint.sarif', 'reports/npm-audit.json', 'reports/prepared-review.sarif'];
const reviewer = 'Demo Reviewer (made up) <demo-reviewer@patchline.invalid>';

/** @type {Readonly<Record<string, Scenario>>} */
export const scenarios = {
  good: { reports, reviewer, rule: 'sql-template/no-unsafe-query', path: 'src/orders.js', outcome: 'deployed' },
  bad: { reports, reviewer, rule: 'sql-injection', path: 'src/search.js', outcome: 'rolled-back' },
};

/**
 * What the run came to, as one document, and what is not as the scenario wants it.
 * @param {Scenario} scenario
 * @param {number} code exit code of `patchline run`: 0 deployed, 1 otherwise
 * @param {any} document what it wrote; undefined where it wrote none
 * @returns {{ document: Record<string, unknown>, problems: readonly string[] }}
 */
export function judge(scenario, code, document) {
  const { outcome = 'error', stages = [], log, pullRequest, revert, reopened } = document ?? {};
  const bad = scenario.outcome === 'rolled-back';
  const wanted = [
    [document !== undefined, 'patchline run wrote no JSON document'],
    [code === (bad ? 1 : 0), `patchline run ended with exit code ${code}`],
    [outcome === scenario.outcome, `the outcome is ${outcome} instead of ${scenario.outcome}`],
    [pullRequest !== undefined, 'no pull request was opened'],
    [log !== undefined, 'no run log is named'],
    [!bad || revert !== undefined, 'no pull request reverts the bad fix'],
    [!bad || reopened === true, 'the finding was not reopened'],
  ];
  return {
    document: {
      outcome,
      stages: stages.map((/** @type {any} */ one) => ({
        stage: one.stage,
        outcome: one.outcome,
        seconds: one.seconds,
        evidence: one.evidence ?? [],
      })),
      ...(log === undefined ? {} : { log }),
      ...(pullRequest === undefined ? {} : { pullRequest }),
      ...(revert === undefined ? {} : { revert }),
    },
    problems: wanted.flatMap(([holds, problem]) => (holds === true ? [] : [String(problem)])),
  };
}
