import type { Verdict } from './checkClean';
import { parseTestResults } from './testResults';
import type { TestResults } from './testResults';

/** One run of a command, as the rules see it. */
export interface CommandRun {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** stdout and stderr. */
  readonly output: string;
  readonly timedOut: boolean;
}

/**
 * Whether the project's own tests are worse with the fix: test by test where the output names the tests, else by exit code, and
 * then saying so. A test that passed before and fails, is skipped or is gone now is worse; one that failed before and still
 * fails is not this fix's fault, but is told.
 */
export function compareSuites(base: CommandRun, patched: CommandRun): Verdict {
  if (base.timedOut || patched.timedOut) {
    return { outcome: 'error', detail: `The project's tests did not end in time ${base.timedOut ? 'without' : 'with'} the fix.` };
  }
  const before = parseTestResults(base.output);
  const after = parseTestResults(patched.output);
  if (before !== undefined && after !== undefined) return compareResults(before, after, base, patched);
  if (base.exitCode === 0 && patched.exitCode === 0) {
    return {
      outcome: 'successful',
      detail: "The project's tests pass without and with the fix (by exit code: the output names no tests).",
    };
  }
  if (base.exitCode === 0) {
    return {
      outcome: 'failed',
      detail: `The project's tests passed without the fix and end with exit code ${patched.exitCode ?? 'none'} with it.`,
    };
  }
  return {
    outcome: 'inconclusive',
    detail: `The project's tests end with exit code ${base.exitCode ?? 'none'} without the fix already, and the output names no tests to compare.`,
  };
}

function compareResults(before: TestResults, after: TestResults, base: CommandRun, patched: CommandRun): Verdict {
  const passed = [...before].filter(([, state]) => state === 'passed').map(([name]) => name);
  const worse = passed.filter((name) => after.get(name) !== 'passed');
  const fresh = [...after].filter(([name, state]) => state === 'failed' && !before.has(name)).map(([name]) => name);
  if (worse.length > 0 || fresh.length > 0) {
    const words = [
      ...worse.map(
        (name) =>
          `“${name}” passed and now ${after.get(name) === undefined ? 'is gone' : after.get(name) === 'failed' ? 'fails' : 'is skipped'}`,
      ),
      ...fresh.map((name) => `“${name}” is new and fails`),
    ];
    return { outcome: 'failed', detail: `Worse with the fix: ${some(words)}.` };
  }
  // Something outside of the single tests may fail: coverage thresholds, lint steps, a process that does not end.
  if (base.exitCode === 0 && patched.exitCode !== 0) {
    return {
      outcome: 'failed',
      detail: `All ${passed.length} tests still pass, but the test command ends with exit code ${patched.exitCode ?? 'none'} with the fix and with 0 without it.`,
    };
  }
  if (passed.length === 0) {
    return { outcome: 'inconclusive', detail: "None of the project's own tests passes without the fix: nothing is compared." };
  }
  const failing = [...after].filter(([, state]) => state === 'failed').map(([name]) => `“${name}”`);
  const rest = failing.length === 0 ? '' : ` ${failing.length} failed before and still fail: ${some(failing)}.`;
  const all =
    passed.length === 1
      ? 'The one test that passed without the fix passes'
      : `All ${passed.length} tests that passed without the fix pass`;
  return { outcome: 'successful', detail: `${all} with it.${rest}` };
}

function some(words: readonly string[]): string {
  const shown = words.slice(0, 5).join('; ');
  return words.length > 5 ? `${shown}; and ${words.length - 5} more` : shown;
}
