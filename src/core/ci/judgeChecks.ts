import type { CheckState, CiCheck, CiReport } from '../model/ci';

/** Skipped by a job's own `if` counts as success at GitHub, and so does neutral (docs.github.com/pull-requests: about status checks). */
export const passing: ReadonlySet<CheckState> = new Set(['successful', 'neutral', 'skipped']);
const bad: ReadonlySet<CheckState> = new Set(['failed', 'timed-out']);
/** Ended without a result: nothing was measured. */
const unmeasured: ReadonlySet<CheckState> = new Set(['cancelled', 'stale']);

/**
 * What the checks of a commit say together. Two checks of one name both count. A check that its provider calls not required is
 * shown but decides nothing, as at GitHub; where the provider does not say, every check decides.
 *
 * failed: one failed or ran out of time, whatever still runs. waiting: one runs, waits for somebody's action, or is required and
 * not reported yet. error: one was cancelled or given up, or no check decides at all. successful: all passed.
 *
 * @param checks - the latest attempt of each
 * @param required - names that must be among the checks
 */
export function judgeChecks(checks: readonly CiCheck[], required: readonly string[]): Pick<CiReport, 'missing' | 'outcome'> {
  const reported = new Set(checks.map(({ name }) => name));
  const missing = [...new Set(required)].filter((name) => !reported.has(name));
  const named = new Set(required);
  const states = checks.filter((check) => check.required !== false || named.has(check.name)).map(({ state }) => state);
  const outcome = (): CiReport['outcome'] => {
    if (states.some((state) => bad.has(state))) return 'failed';
    if (missing.length > 0) return 'waiting';
    if (states.some((state) => !passing.has(state) && !unmeasured.has(state))) return 'waiting';
    if (states.length === 0 || states.some((state) => unmeasured.has(state))) return 'error';
    return 'successful';
  };
  return { missing, outcome: outcome() };
}
