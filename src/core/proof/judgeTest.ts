import type { Verdict } from './checkClean';
import type { CommandRun } from './compareSuites';
import { parseTestResults } from './testResults';

/** Failures to get as far as the assertion: what is not there, does not parse or cannot be started. */
const startFailures =
  /Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|ERR_REQUIRE_ESM|Cannot use import statement|does not provide an export named|SyntaxError:|Test suite failed to run|Could not find '|No test files found|No tests found|error TS\d+:/;

/**
 * Whether the test is red without the fix, and for the stated reason: its output holds the expected message as a failure's
 * message. A line of source code that an error report shows does not count.
 */
export function judgeRed(run: CommandRun, expectedFailure: string): Verdict {
  if (run.timedOut) return { outcome: 'error', detail: 'The test did not end in time without the fix.' };
  if (run.exitCode === 0) {
    const states = [...(parseTestResults(run.output) ?? new Map<string, string>()).values()];
    if (states.length > 0 && states.every((state) => state === 'pending')) {
      return { outcome: 'inconclusive', detail: 'The test is pending: a person must complete it.' };
    }
    return { outcome: 'failed', detail: 'The test passes without the fix: it does not show the weakness.' };
  }
  const line = failureLine(run.output, expectedFailure);
  if (line !== undefined) return { outcome: 'successful', detail: `Without the fix the test fails as expected: ${line}` };
  const start = startFailure(run.output);
  if (start !== undefined) {
    return { outcome: 'error', detail: `The test could not be run without the fix, so it shows nothing: ${start}` };
  }
  return {
    outcome: 'failed',
    detail: `Without the fix the test fails, but not for the stated reason (“${expectedFailure}”): ${firstError(run)}`,
  };
}

/** Whether the same test passes with the fix, and really ran. */
export function judgeGreen(run: CommandRun): Verdict {
  if (run.timedOut) return { outcome: 'error', detail: 'The test did not end in time with the fix.' };
  const results = parseTestResults(run.output);
  const states = [...(results ?? new Map<string, string>()).values()];
  const pending = states.filter((state) => state === 'pending').length;
  const passed = states.filter((state) => state === 'passed').length;
  if (run.exitCode !== 0) {
    const start = startFailure(run.output);
    if (start !== undefined && passed === 0) {
      return { outcome: 'error', detail: `The test could not be run with the fix: ${start}` };
    }
    return { outcome: 'failed', detail: `The test fails with the fix: ${firstError(run)}` };
  }
  if (/^(?:# |ℹ )tests 0$|^\s*0 passing\b/m.test(run.output)) return { outcome: 'error', detail: 'No test ran.' };
  if (results === undefined) return { outcome: 'successful', detail: 'The same test passes with the fix (by exit code).' };
  if (pending > 0)
    return { outcome: 'inconclusive', detail: `${pending} of ${states.length} cases are pending: they show nothing yet.` };
  if (passed === 0) return { outcome: 'error', detail: 'No test ran.' };
  return { outcome: 'successful', detail: `The same test passes with the fix: ${passed} of ${states.length} cases.` };
}

/** Why a run did not get as far as a test: the first line that says so, without colours. */
function startFailure(output: string): string | undefined {
  const lines = output
    .replace(/\u001B\[[0-9;]*m/g, '')
    .split('\n')
    .map((line) => line.trim());
  const at = lines.findIndex((line) => startFailures.test(line));
  // Jest writes what was wrong below its heading.
  const below =
    lines[at]?.endsWith('Test suite failed to run') === true ? lines.slice(at + 1).find((line) => line !== '') : undefined;
  return (below ?? lines[at])?.slice(0, 300);
}

/** The line of a failure's message that holds the expected text, cleaned of the reporter's decoration. */
function failureLine(output: string, expected: string): string | undefined {
  const line = output.split('\n').find((text) => text.includes(expected) && !/\bassert\b\s*[.(]|\bassert\.\w+\(/.test(text));
  if (line === undefined) return undefined;
  const from = line.indexOf(expected);
  return line
    .slice(from)
    .replace(/['"`]\s*$/, '')
    .trim()
    .slice(0, 300);
}

function firstError(run: CommandRun): string {
  const lines = run.output.split('\n').map((line) => line.trim());
  const message = lines.findIndex((line) => line === 'Message:');
  const telling =
    // Jest writes a failed assertion's own words on the line below.
    (message === -1 ? undefined : lines[message + 1]) ??
    lines.find((line) => /(?:^|\b)(?:\w*Error|Error \[\w+\])\b.*:/.test(line) && !/^at /.test(line)) ??
    // TAP writes a message of several lines below `error: |-`.
    lines.find((line, i) => (/^error: [|>]/.test(lines[i - 1] ?? '') ? line !== '' : /^error: [^|>]/.test(line))) ??
    lines.findLast((line) => line !== '');
  return telling === undefined ? `exit code ${run.exitCode ?? 'none'}, without any output` : telling.slice(0, 300);
}

/** Whether repeated runs say the same: every base run red for the reason, every patched run green. */
export function judgeRepeat(base: readonly Verdict[], patched: readonly Verdict[]): Verdict {
  const odd = [
    ...base.map((verdict) => ({ verdict, side: 'without' })),
    ...patched.map((verdict) => ({ verdict, side: 'with' })),
  ].find(({ verdict }) => verdict.outcome !== 'successful');
  if (odd !== undefined) {
    return {
      outcome: 'inconclusive',
      detail: `The test does not always say the same; a further run ${odd.side} the fix: ${odd.verdict.detail}`,
    };
  }
  return {
    outcome: 'successful',
    detail: `${base.length === 1 ? 'Once more' : `${base.length} times more`}: red without the fix for the same reason, green with it.`,
  };
}
