import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { jestReporter, mochaReporter, nodeReporter } from './junitReporters';
import { scriptOf } from './localJobs';

/** How a framework is asked for JUnit XML beside what it prints, without changing the project. */
export interface JunitRequest {
  readonly framework: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** Files that must lie in the folder first. */
  readonly helpers: readonly { readonly name: string; readonly text: string }[];
}

export interface JunitFacts {
  /** The project's scripts at the commit. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Absolute; helpers and documents go there. */
  readonly folder: string;
  /** The scripts of each member of the workspace; `unknown` where it only matters whether there may be a report. */
  readonly members?: readonly Readonly<Record<string, string>>[] | 'unknown';
}

/**
 * The built-in reporters of node:test (by NODE_OPTIONS), mocha and vitest, and one of our own for jest (by arguments).
 * Only where it is safe: the command is one of these and sets no reporter of its own.
 *
 * @returns the reason, where it cannot be asked
 */
export function askForJunit(command: readonly string[], facts: JunitFacts): JunitRequest | { readonly because: string } {
  const direct = memberScriptOf(command.join(' '));
  if (direct !== undefined) return askMembers(direct, facts);
  const script = scriptOf(command);
  const text = script === undefined ? command.join(' ') : facts.scripts[script];
  if (text === undefined) return { because: `package.json has no script “${script ?? ''}”` };
  const ofMembers = memberScriptOf(text);
  if (ofMembers !== undefined) {
    const asked = askMembers(ofMembers, facts);
    return 'because' in asked || asked.args.length === 0 ? asked : { ...asked, args: ['--', ...asked.args] };
  }
  const parts = expand(text, facts.scripts);
  const node = parts.filter((part) => /(?:^|[\s/])node(?:\.exe)?\s(?:.*\s)?--test(?:\s|$)/.test(part));
  if (node.length > 0) return askNode(node, text, facts);
  // Arguments reach the last command of a script alone.
  const last = text.split(/&&|\|\||[;|&]/).at(-1) ?? '';
  const runs = (name: string): boolean =>
    new RegExp(`(?:^|[\\s/])_?${name}(?:\\.m?js)?(?:\\s|$)`).test(last) &&
    parts.filter((part) => part.includes(name)).length === 1;
  const asked = (framework: string, request: Partial<JunitRequest>): JunitRequest | { readonly because: string } =>
    /\s(?:--reporters?|-R)\b/.test(last)
      ? { because: `the command sets a reporter of ${framework} itself` }
      : { framework, env: {}, args: [], helpers: [], ...request };
  if (runs('mocha'))
    return asked('mocha', {
      env: { PATCHLINE_JUNIT: facts.folder },
      args: ['--reporter', join(facts.folder, 'mochaReporter.cjs')],
      helpers: [{ name: 'mochaReporter.cjs', text: mochaReporter }],
    });
  if (runs('vitest'))
    return asked('vitest', {
      args: ['--reporter=default', '--reporter=junit', `--outputFile.junit=${join(facts.folder, 'vitest.xml')}`],
    });
  if (runs('jest'))
    return asked('jest', {
      env: { PATCHLINE_JUNIT: facts.folder },
      args: ['--reporters=default', `--reporters=${join(facts.folder, 'jestReporter.cjs')}`],
      helpers: [{ name: 'jestReporter.cjs', text: jestReporter }],
    });
  return { because: 'its test framework is none that can be asked for one; name the files it writes as “junit” of the job' };
}

/** The script that a command such as `npm test --workspaces` runs in every member; undefined for any other command. */
function memberScriptOf(text: string): string | undefined {
  const all = /\s(?:--workspaces(?:=true)?|-ws)(?:\s|$)/.test(text) && !/[;&|]/.test(text);
  return all ? scriptOf(text.trim().split(/\s+/)) : undefined;
}

/** What is asked of one member reaches all of them: it must be the same for each that has the script. */
function askMembers(script: string, { folder, members = [] }: JunitFacts): JunitRequest | { readonly because: string } {
  if (members === 'unknown') return { framework: 'that of the members', env: {}, args: [], helpers: [] };
  const requests: JunitRequest[] = [];
  for (const scripts of members.filter((one) => one[script] !== undefined)) {
    const answer = askForJunit(['npm', 'run', script], { scripts, folder });
    if ('because' in answer) return answer;
    requests.push(answer);
  }
  const [first, ...others] = requests;
  if (first === undefined) return { because: `no member of the workspace has a script “${script}”` };
  if (others.some((one) => JSON.stringify(one) !== JSON.stringify(first)))
    return { because: 'the members of the workspace have several test frameworks, and what is asked reaches all of them' };
  if (first.framework === 'vitest' && others.length > 0)
    return { because: 'vitest would write the reports of all members into one file' };
  return first;
}

/** The single commands that a command comes down to, those of the scripts that it calls. */
export function commandsOf(command: readonly string[], scripts: Readonly<Record<string, string>>): readonly string[] {
  return expand(command.join(' '), scripts);
}

/** The single commands of a script, scripts that it calls included. */
function expand(text: string, scripts: Readonly<Record<string, string>>, depth = 0): readonly string[] {
  return text.split(/&&|\|\||[;|&]/).flatMap((part) => {
    const called = scriptOf(part.trim().split(/\s+/));
    const inner = called === undefined ? undefined : scripts[called];
    return inner === undefined || depth > 3 ? [part.trim()] : expand(inner, scripts, depth + 1);
  });
}

/**
 * Node takes as many destinations as reporters, those of NODE_OPTIONS first (nodejs.org/api/test.html: multiple reporters), so what
 * is added depends on what the command says itself. Node's own child processes of a test run ignore both.
 */
function askNode(parts: readonly string[], text: string, facts: JunitFacts): JunitRequest | { readonly because: string } {
  if (/NODE_OPTIONS/.test([text, ...parts].join(' '))) return { because: 'the command sets NODE_OPTIONS itself' };
  const kinds = new Set(
    parts.map((part) => {
      const reporters = part.match(/\s--test-reporter[=\s]/g)?.length ?? 0;
      const destinations = part.match(/\s--test-reporter-destination[=\s]/g)?.length ?? 0;
      if (reporters === 0 && destinations === 0) return 'none';
      if (reporters === destinations) return 'paired';
      return reporters === 1 ? 'alone' : 'odd';
    }),
  );
  const [kind] = kinds;
  if (kinds.size !== 1 || kind === 'odd') return { because: 'the command sets reporters of node:test itself, in several ways' };
  const own = `--test-reporter=${pathToFileURL(join(facts.folder, 'nodeReporter.mjs')).href}`;
  const more = {
    none: ['--test-reporter=spec', '--test-reporter-destination=stdout'],
    alone: ['--test-reporter-destination=stdout'],
    paired: [],
  }[kind ?? 'none'];
  return {
    framework: 'node:test',
    env: { PATCHLINE_JUNIT: facts.folder, NODE_OPTIONS: [own, '--test-reporter-destination=stdout', ...more].join(' ') },
    args: [],
    helpers: [{ name: 'nodeReporter.mjs', text: nodeReporter }],
  };
}
