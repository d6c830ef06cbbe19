import { sha256Hex } from '../../core/log/digest';
import type { Policy } from '../../core/model/policy';

/** One job as it is run. */
export interface LocalJob {
  readonly id: string;
  readonly name: string;
  readonly command: readonly string[];
  /** Globs of JUnit XML files that it writes; undefined: its framework is asked where it is a known one. */
  readonly junit?: readonly string[];
  readonly timeoutMs: number;
}

/** As the policy's schema says. */
const timeoutSeconds = 900;
/** In the order in which they depend on each other. */
const scriptNames = ['build', 'test', 'lint'];

/**
 * The jobs of the policy, or the package's own build, test and lint scripts, those that there are.
 *
 * @param scripts - of the base's package.json: the patch may not take a check away
 */
export function planJobs(
  jobs: NonNullable<Policy['ci']>['jobs'],
  scripts: Readonly<Record<string, string>>,
): readonly LocalJob[] {
  const own =
    jobs ?? scriptNames.filter((name) => isOwnScript(scripts[name])).map((name) => ({ name, command: ['npm', 'run', name] }));
  return own.map((job, index) => ({
    id: `${index + 1}-${job.name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 40)}`.replace(/-+$/, ''),
    name: job.name,
    command: job.command,
    ...('junit' in job ? { junit: job.junit } : {}),
    timeoutMs: ('timeoutSeconds' in job ? job.timeoutSeconds : timeoutSeconds) * 1000,
  }));
}

/** npm init writes a test script that only says that there is none. */
function isOwnScript(script: string | undefined): boolean {
  return script !== undefined && script.trim() !== '' && !/no test specified/.test(script);
}

/** Jobs that the others may need: what they build has to be there when one of the others is run alone. */
export function isBuild({ command, name }: LocalJob): boolean {
  return name === 'build' || /^npm run(?:-script)? build$/.test(command.join(' '));
}

/** The name of the package's script that a command runs; undefined where it runs something else. */
export function scriptOf(command: readonly string[]): string | undefined {
  const [program, word, name] = command;
  if (program !== 'npm') return undefined;
  if (word === 'test' || word === 't') return 'test';
  return word === 'run' || word === 'run-script' ? name : undefined;
}

/** `scripts` of a package.json as text; empty where there are none that can be read. */
export function readScripts(manifest: string | undefined): Readonly<Record<string, string>> {
  const scripts = fieldOf(manifest, 'scripts');
  if (typeof scripts !== 'object' || scripts === null) return {};
  return Object.fromEntries(Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Globs of the package.json of the members that a package.json as text names (docs.npmjs.com/cli/using-npm/workspaces). */
export function memberPatterns(manifest: string | undefined): readonly string[] {
  const field = fieldOf(manifest, 'workspaces');
  const listed: unknown = typeof field === 'object' && field !== null && 'packages' in field ? field.packages : field;
  if (!Array.isArray(listed)) return [];
  return listed
    .filter((one): one is string => typeof one === 'string' && !leadsOut(one))
    .map((one) => `${one.replace(/^\.\//, '').replace(/\/+$/, '')}/package.json`);
}

/** A member lies in the workspace: a pattern of somewhere else would have the whole disk looked through. */
function leadsOut(pattern: string): boolean {
  return /^!?(?:[/\\~]|[A-Za-z]:)/.test(pattern) || pattern.split(/[/\\]/).includes('..');
}

function fieldOf(manifest: string | undefined, name: string): unknown {
  if (manifest === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(manifest.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  } catch {
    // No JSON: npm will say so in the log of whatever is run.
    return undefined;
  }
}

/** What results of one plan say nothing about another's. */
export function planDigest(jobs: readonly LocalJob[]): string {
  return sha256Hex(JSON.stringify(jobs.map(({ name, command, junit }) => [name, command, junit ?? null])));
}
