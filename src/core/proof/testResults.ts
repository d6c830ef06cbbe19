import { isHumanError } from '../errors';
import { parseJunit } from '../testReports/parseJunit';

/** How one test ended. `pending` is what the framework skips or marks as todo: it never counts as passed. */
export type TestState = 'passed' | 'failed' | 'pending';

/** Full name (suite › test) → how it ended. A name that occurs several times gets ` (2)`, ` (3)`, … */
export type TestResults = ReadonlyMap<string, TestState>;

/**
 * The tests in a runner's output: TAP (nested, as node:test writes it), JUnit XML, or the tree that the spec reporters of
 * node:test, mocha, jest and vitest print. Undefined when no format is recognised; then only the exit code speaks.
 */
export function parseTestResults(output: string): TestResults | undefined {
  // Terminal colours (ECMA-48, select graphic rendition).
  const text = output.replace(/\u001B\[[0-9;]*m/g, '').replace(/\r\n/g, '\n');
  for (const read of [readJunit, readTap, readSpec]) {
    const results = read(text);
    if (results !== undefined && results.size > 0) return results;
  }
  return undefined;
}

class Collector {
  readonly results = new Map<string, TestState>();

  add(names: readonly string[], state: TestState): void {
    const name = names.filter((part) => part !== '').join(' › ');
    let unique = name;
    for (let number = 2; this.results.has(unique); number++) unique = `${name} (${number})`;
    this.results.set(unique, state);
  }
}

/** TAP 13/14 with node:test's indented subtests: a line of a suite repeats what its tests said and is left out. */
function readTap(text: string): TestResults | undefined {
  if (!/^TAP version 1[34]$/m.test(text)) return undefined;
  const collector = new Collector();
  const lines = text.split('\n');
  const path: string[] = [];
  let deepest = -1;
  let block: string | undefined;
  for (const line of lines) {
    // A YAML block tells about the line above; what stands in it is data.
    if (block !== undefined) {
      if (line === `${block}...`) block = undefined;
      continue;
    }
    block = /^( *)---$/.exec(line)?.[1];
    const comment = /^( *)# Subtest: (.*)$/.exec(line);
    if (comment !== null) {
      const depth = (comment[1]?.length ?? 0) / 4;
      path.length = depth;
      path[depth] = comment[2] ?? '';
      deepest = depth;
      continue;
    }
    const point = /^( *)(ok|not ok) \d+(?: - (.*?))?(?:\s+# (SKIP|TODO)\b.*)?$/i.exec(line);
    if (point === null) continue;
    const depth = (point[1]?.length ?? 0) / 4;
    // Subtests were reported below this line: it is their suite.
    const isSuite = deepest > depth;
    deepest = depth;
    if (isSuite) continue;
    const state = point[4] !== undefined ? 'pending' : point[2] === 'ok' ? 'passed' : 'failed';
    collector.add([...path.slice(0, depth), point[3] ?? ''], state);
  }
  return collector.results;
}

/** JUnit XML in what a runner printed: other lines may stand around it, and it may have run several times. */
function readJunit(text: string): TestResults | undefined {
  const whole = text.match(/<testsuites[\s>][^]*?<\/testsuites>/g);
  const single = whole === null ? /<testsuite[\s>][^]*<\/testsuite>/.exec(text)?.[0] : undefined;
  const documents = whole ?? (single === undefined ? [] : [`<testsuites>${single}</testsuites>`]);
  const collector = new Collector();
  try {
    for (const document of documents) {
      for (const { suite, name, status } of parseJunit(document, 'the output')) {
        collector.add([suite, name], status === 'passed' ? 'passed' : status === 'skipped' ? 'pending' : 'failed');
      }
    }
  } catch (error) {
    // What looks like JUnit XML and is none says nothing: the exit code speaks.
    if (isHumanError(error)) return undefined;
    throw error;
  }
  return collector.results;
}

const duration = /\s+\((?:\d+(?:\.\d+)?)\s*m?s\)\s*$|\s+\d+(?:\.\d+)?\s*m?s\s*$/;

/** Marks at the start of a line, indentation as nesting: `✔ name (1.2ms)`, `✓ name`, `✖ name`, `1) name`, `- name`. */
function readSpec(text: string): TestResults | undefined {
  const collector = new Collector();
  const files: { readonly name: string; readonly state: TestState }[] = [];
  const suites: { readonly depth: number; readonly name: string }[] = [];
  for (const line of text.split('\n')) {
    // The list of failures that follows repeats them.
    if (/^\s*(?:✖ failing tests:|\d+ (?:passing|failing|pending)\b|⎯+|Failed Tests|Summary of all failing tests)/.test(line))
      break;
    const match = /^(\s*)(✔|✓|√|✖|✕|×|﹣|○|↓|⚠|▶|❯|PASS|FAIL|\d+\)|-(?= ))\s+(.+)$/.exec(line);
    if (match === null) {
      const heading = /^( {2,})(\S.*)$/.exec(line);
      if (heading !== null && !/^\s*(?:at |\||\d+ \||Error|Expected|Received)/.test(line))
        push(suites, heading[1]?.length ?? 0, heading[2] ?? '');
      continue;
    }
    const depth = match[1]?.length ?? 0;
    const mark = match[2] ?? '';
    // node:test writes the reason of a skip or todo behind the duration: `name (0.1ms) # later`.
    const reason = /^(.*?\(\d[\d.]*m?s\))\s+#\s/.exec(match[3] ?? '')?.[1];
    const name = (reason ?? match[3] ?? '').replace(duration, '').trim();
    if (mark === '▶') {
      push(suites, depth, name);
      continue;
    }
    while ((suites.at(-1)?.depth ?? -1) >= depth) suites.pop();
    // node:test closes a suite with a mark of its own after its tests: `✔ suite (3ms)` at the depth of `▶ suite`.
    const closed = /^(?:✔|✖)$/.test(mark) && new RegExp(`^\\s{${depth}}▶ ${escape(name)}(?:\\s|$)`, 'm').test(text);
    if (closed || mark === '❯') continue;
    const state = /[✔✓√]|PASS/.test(mark) ? 'passed' : /[﹣○↓⚠-]/.test(mark) ? 'pending' : 'failed';
    if (mark === 'PASS' || mark === 'FAIL') files.push({ name, state });
    else collector.add([...suites.map((suite) => suite.name), name], reason === undefined ? state : 'pending');
  }
  // Jest names the tests of a single file, and only the files of several.
  const named = collector.results.size > 0;
  for (const file of files) if (!named || file.state === 'failed') collector.add([file.name], file.state);
  return collector.results;
}

function push(suites: { readonly depth: number; readonly name: string }[], depth: number, name: string): void {
  while ((suites.at(-1)?.depth ?? -1) >= depth) suites.pop();
  suites.push({ depth, name });
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
