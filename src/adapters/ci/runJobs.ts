import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { glob } from 'tinyglobby';
import { isCancelled, isHumanError, isVendorError, throwIfCancelled } from '../../core/errors';
import { decodeText } from '../../core/findings/decodeText';
import type { TestCoverage } from '../../core/model/testReport';
import type { Task } from '../../core/ports';
import { openCleanTrees } from '../clients/cleanTrees';
import type { CleanTrees, Repository } from '../clients/cleanTrees';
import { runGit } from '../clients/git';
import { installDependencies } from '../clients/installDependencies';
import { readText } from '../clients/readText';
import { runSandboxed } from '../clients/sandbox';
import type { SandboxRun } from '../clients/sandbox';
import { readInside, removeInside } from '../clients/workspaceFiles';
import { askForJunit, commandsOf } from './askForJunit';
import type { JunitRequest } from './askForJunit';
import { isBuild, memberPatterns, readScripts, scriptOf } from './localJobs';
import type { LocalJob } from './localJobs';
import { openJobLog } from './jobLog';
import type { JobLog } from './jobLog';
import type { AttemptRecord, LocalStore } from './localStore';
import { readNodeCoverage, whyNotMeasured } from './nodeCoverage';

export interface JobRun {
  readonly repository: Repository;
  /** The person's workspace folder, whose node_modules may be shared. */
  readonly workspace: string;
  readonly commit: string;
  readonly store: LocalStore;
  /** All jobs, in order. */
  readonly jobs: readonly LocalJob[];
  /** Which of them are run, by id, with the number of the attempt. */
  readonly attempts: ReadonlyMap<string, number>;
  readonly npm: readonly string[] | undefined;
  readonly cache: string;
  now(): string;
  /** Records how the latest attempt of a job stands. */
  update(jobId: string, change: Partial<AttemptRecord>): Promise<void>;
}

/** More documents than this are no report of one job. */
const mostDocuments = 200;
const installTimeoutMs = 600_000;

type Tree = CleanTrees<'tree'>;

/**
 * Runs jobs one after the other in one clean work tree of a commit, so that a later one finds what an earlier one built. Where some
 * alone are run, a build that stands before them is made first.
 * @throws CancelledError when it was cancelled; what has not ended is then left as it stands in the record
 */
export async function runJobs(run: JobRun, task: Task): Promise<void> {
  const trees = await openCleanTrees(run.repository, 'checks', { tree: run.commit }, task);
  try {
    const installed = await install(run, trees, task);
    for (const [index, job] of run.jobs.entries()) {
      const attempt = run.attempts.get(job.id);
      throwIfCancelled(task.signal);
      if (attempt === undefined) {
        const needed = run.jobs.slice(index + 1).some((later) => run.attempts.has(later.id));
        if (needed && isBuild(job) && installed.ok) await execute(run, job, trees, task, undefined);
        continue;
      }
      const log = openJobLog(run.store.logFile(job.id, attempt), trees.roots.tree);
      try {
        log.write(`${installed.words}\n`);
        await run.update(job.id, { state: 'running', startedAt: run.now() });
        const ended = installed.ok ? await runJob(run, job, attempt, trees, task, log) : notRun(installed.words);
        await run.update(job.id, { completedAt: run.now(), ...ended });
      } finally {
        await log.close();
      }
    }
  } finally {
    await trees.dispose();
  }
}

/** What could not be measured is no failure of the patch: it is never green either. */
const notRun = (why: string): Partial<AttemptRecord> => ({ state: 'cancelled', summary: `Could not be run: ${why}` });

async function install(run: JobRun, trees: Tree, task: Task): Promise<{ readonly ok: boolean; readonly words: string }> {
  try {
    const words = await installDependencies({
      folder: trees.folders.tree,
      workspace: run.workspace,
      cache: run.cache,
      temporary: trees.temporary,
      npm: run.npm,
      timeoutMs: installTimeoutMs,
      ...task,
    });
    return { ok: true, words };
  } catch (error) {
    if (!isVendorError(error)) throw error;
    return { ok: false, words: error.message };
  }
}

async function runJob(
  run: JobRun,
  job: LocalJob,
  attempt: number,
  trees: Tree,
  task: Task,
  log: JobLog,
): Promise<Partial<AttemptRecord>> {
  const folder = trees.folders.tree;
  const asked = await prepareReport(job, trees);
  const request = 'because' in asked ? undefined : asked.request;
  const coverage = 'because' in asked ? undefined : await prepareCoverage(job, trees, log);
  let result: SandboxRun;
  let texts: readonly { readonly name: string; readonly text: string }[];
  try {
    result = await execute(run, job, trees, task, log, request, coverage);
    texts = await collect(job, folder, asked.reports, log);
    if (request !== undefined && texts.length === 0 && result.exitCode !== 0 && /reporter/i.test(result.stdout + result.stderr)) {
      log.write(`\n${request.framework} did not take the question for a report: run again without it.\n`);
      result = await execute(run, job, trees, task, log);
    }
  } catch (error) {
    // A program that is not there, a folder that is missing: said, and no measurement.
    if (isCancelled(error) || !(isHumanError(error) || isVendorError(error))) throw error;
    log.write(`${error.message}\n`);
    return notRun(error.message);
  }
  const documents: { readonly name: string; readonly file: string }[] = [];
  for (const [index, { name, text }] of texts.entries()) {
    const plain = text.replaceAll(`${folder}/`, '').replaceAll(`${trees.roots.tree}/`, '');
    documents.push({ name: `${job.name}/${name}`, file: await run.store.keepDocument(job.id, attempt, index + 1, plain) });
  }
  const none =
    documents.length > 0
      ? ''
      : job.junit !== undefined
        ? ` It left no test report under ${job.junit.join(', ')}.`
        : ' It left no test report';
  const why = documents.length > 0 || job.junit !== undefined ? '' : 'because' in asked ? `: ${asked.because}.` : '.';
  const mentions = documents.length === 0 && (job.junit !== undefined || isTest(job)) ? `${none}${why}` : '';
  const seen = coverage === undefined || documents.length === 0 ? undefined : await collectCoverage(coverage, trees, task);
  const kept = seen === undefined ? {} : { coverage: await run.store.keepCoverage(job.id, attempt, seen) };
  return { ...judge(result, job, mentions), documents, ...kept };
}

/** An empty folder for Node's own coverage; undefined where the job is better left alone. */
async function prepareCoverage(job: LocalJob, trees: Tree, log: JobLog): Promise<string | undefined> {
  const scripts = readScripts(await readText(join(trees.folders.tree, 'package.json')));
  const why = whyNotMeasured(commandsOf(job.command, scripts));
  if (why !== undefined) {
    log.write(`(Which lines are run is not measured: ${why}.)\n`);
    return undefined;
  }
  const folder = join(trees.temporary, `coverage-${job.id}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

async function collectCoverage(folder: string, trees: Tree, task: Task): Promise<TestCoverage | undefined> {
  const root = trees.folders.tree;
  const listed = await runGit(['ls-files', '-z'], { cwd: root, signal: task.signal });
  const tracked = new Set(listed.stdout.split('\0'));
  const seen = await readNodeCoverage(folder, root, (path) => tracked.has(path));
  await rm(folder, { recursive: true, force: true });
  return seen;
}

const isTest = (job: LocalJob): boolean => /test/i.test(job.name) || scriptOf(job.command) === 'test';

function judge(result: SandboxRun, job: LocalJob, mentions: string): Partial<AttemptRecord> {
  if (result.timedOut)
    return { state: 'timed-out', summary: `Ended after ${job.timeoutMs / 1000} seconds, the limit.${mentions}` };
  if (result.exitCode === 0) return { state: 'successful', summary: `Ended with exit code 0.${mentions}` };
  const how = result.exitCode === null ? `Ended by ${result.signal ?? 'a signal'}.` : `Ended with exit code ${result.exitCode}.`;
  return { state: 'failed', summary: `${how}${mentions}` };
}

/** Makes sure that only what this run writes counts as its report, and asks the framework for one where the job names none. */
async function prepareReport(
  job: LocalJob,
  trees: Tree,
): Promise<{ readonly reports: string } & ({ readonly request: JunitRequest | undefined } | { readonly because: string })> {
  const folder = trees.folders.tree;
  const reports = join(trees.temporary, `junit-${job.id}`);
  await rm(reports, { recursive: true, force: true });
  await mkdir(reports, { recursive: true });
  if (job.junit !== undefined) {
    // A report that somebody committed once is not this run's.
    for (const path of await find(job.junit, folder)) await removeInside(folder, path);
    return { reports, request: undefined };
  }
  const manifest = await readText(join(folder, 'package.json'));
  const members = await Promise.all(
    (await find(memberPatterns(manifest), folder)).map(async (path) => readScripts(await readText(join(folder, path)))),
  );
  const answer = askForJunit(job.command, { scripts: readScripts(manifest), folder: reports, members });
  if ('because' in answer) return { reports, ...answer };
  for (const { name, text } of answer.helpers) await writeFile(join(reports, name), text);
  if (answer.env['NODE_OPTIONS'] !== undefined && !(await takesOptions(trees, answer.env)))
    return { reports, because: 'the Node on PATH has no JUnit reporter' };
  return { reports, request: answer };
}

/** Node before 19.9 and 18.17 refuses the options, and then every program with it. */
async function takesOptions(trees: Tree, env: Readonly<Record<string, string>>): Promise<boolean> {
  const probe = ['node', '-e', "import('node:test/reporters').then((all) => process.exit('junit' in all ? 0 : 1))"];
  try {
    const { exitCode } = await runSandboxed(probe, { cwd: trees.roots.tree, temporary: trees.temporary, timeoutMs: 30_000, env });
    return exitCode === 0;
  } catch (error) {
    // No node on PATH.
    if (isHumanError(error)) return false;
    throw error;
  }
}

async function execute(
  run: JobRun,
  job: LocalJob,
  trees: Tree,
  task: Task,
  log: JobLog | undefined,
  request?: JunitRequest,
  coverage?: string,
): Promise<SandboxRun> {
  const command = withArguments(job.command, request?.args ?? []);
  log?.write(`$ ${job.command.join(' ')}\n`);
  const [program, ...rest] = command;
  const result = await runSandboxed(program === 'npm' && run.npm !== undefined ? [...run.npm, ...rest] : command, {
    cwd: trees.folders.tree,
    temporary: trees.temporary,
    timeoutMs: job.timeoutMs,
    ...(task.signal === undefined ? {} : { signal: task.signal }),
    env: { ...request?.env, ...(coverage === undefined ? {} : { NODE_V8_COVERAGE: coverage }) },
    ...(log === undefined ? {} : { onOutput: (text) => log.write(text) }),
  });
  if (!result.isolated) log?.write('(The network could not be switched off on this system.)\n');
  return result;
}

function withArguments(command: readonly string[], args: readonly string[]): readonly string[] {
  if (args.length === 0) return command;
  return scriptOf(command) !== undefined && !command.includes('--') ? [...command, '--', ...args] : [...command, ...args];
}

function find(globs: readonly string[], folder: string): Promise<readonly string[]> {
  return glob([...globs], {
    cwd: folder,
    dot: true,
    onlyFiles: true,
    followSymbolicLinks: false,
    ignore: ['**/node_modules/**', '**/.git/**'],
  }).then((paths) =>
    paths
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => !path.startsWith('../'))
      .sort(),
  );
}

/** The documents that a job left: by its globs, or in the folder that its framework was told of. */
async function collect(
  job: LocalJob,
  folder: string,
  reports: string,
  log: JobLog,
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const globbed = job.junit !== undefined;
  const root = globbed ? folder : reports;
  const paths = globbed
    ? await find(job.junit ?? [], folder)
    : (await readdir(reports)).filter((name) => name.endsWith('.xml')).sort();
  if (paths.length > mostDocuments) log.write(`${paths.length} test reports; the first ${mostDocuments} are kept.\n`);
  const found: { readonly name: string; readonly text: string }[] = [];
  for (const [index, path] of paths.slice(0, mostDocuments).entries()) {
    const bytes = await readInside(root, path);
    if (bytes === undefined || bytes.length === 0) continue;
    // What is no text is kept as what it is worth: whoever reads it says so.
    const text = decodeText(bytes) ?? Buffer.from(bytes).toString('utf8');
    // Names that the framework's reporter makes up differ from run to run; their order does not.
    found.push({ name: globbed ? path : `tests-${index + 1}.xml`, text });
  }
  return found;
}
