import { stripVTControlCharacters } from 'node:util';
import { judgeChecks } from '../../core/ci/judgeChecks';
import { HumanError, isVendorError } from '../../core/errors';
import { cleanLine, cleanText } from '../../core/findings/cleanText';
import type { CheckState, CiCheck, CiReport } from '../../core/model/ci';
import type { Change, Ci, Clock, Provider, Task } from '../../core/ports';
import type { GitHubApi, GitHubCall } from '../clients/github';
import { readTestDocuments } from '../clients/githubArtifacts';
import {
  appOfStatus,
  downloadJobLog,
  isRunningAlready,
  listCheckRuns,
  listStatuses,
  listWorkflowRuns,
  readRequiredChecks,
  rerunFailedJobs,
} from '../clients/githubChecks';
import type { GitHubCheckRun, GitHubRequiredCheck, GitHubStatus, GitHubWorkflowRun } from '../clients/githubChecks';
import { connectGitHub } from '../clients/githubConnection';
import type { GitHubConnectionOptions } from '../clients/githubConnection';
import { getPull } from '../clients/githubPulls';
import type { GitHubPull } from '../clients/githubPulls';
import { ProviderAdapter } from '../clients/providerAdapter';

export const githubActionsProvider: Provider = {
  id: 'github-actions',
  displayName: 'GitHub Actions and checks',
  url: 'https://docs.github.com/rest/checks/runs',
  capabilities: ['checks', 'required-checks', 'rerun-failed', 'logs', 'test-documents'],
};

export interface GithubActionsOptions extends GitHubConnectionOptions {
  readonly clock: Clock;
  /** Checks that must pass beside those that GitHub requires, by name. */
  readonly required?: readonly string[];
}

/** Milliseconds that GitHub may take after a push to begin the first check, and after that to begin all of them. */
const beginMs = { first: 60_000, all: 30_000 };

/** Bytes of a log that are fetched, and characters of its end that are shown. */
const logLimit = { bytes: 32 * 1024 * 1024, characters: 1_000_000 };

/**
 * Check runs and commit statuses of a pull request's head as GitHub has them, whatever wrote them; re-run, logs and test
 * documents of GitHub Actions. Nothing of GitHub's is ever cancelled.
 */
export function createGithubActions(options: GithubActionsOptions): Ci {
  return new GitHubActions(githubActionsProvider, options);
}

class GitHubActions extends ProviderAdapter<GithubActionsOptions> implements Ci {
  async read(change: Change, task: Task = {}): Promise<CiReport> {
    const { api } = await connectGitHub(this.options, task.signal);
    const call: GitHubCall = { signal: task.signal };
    const pull = await getPull(api, change.number, task.signal);
    const runs = latestRuns(await listWorkflowRuns(api, change.headCommit, call));
    const head = await readCommitChecks(api, change.headCommit, runs, call);
    const tested = testMerge(pull, change);
    const merged = tested === undefined ? [] : await readCommitChecks(api, tested, { latest: [], superseded: new Set() }, call);
    const required = await readRequiredChecks(api, change.base, call);
    const report = this.report(change, overlay(head, merged), required, notesOn(pull, change, required.known));
    const early = this.whyTooEarly(report, pull, required.known);
    return early === undefined ? report : { ...report, outcome: 'waiting', notes: [...(report.notes ?? []), early] };
  }

  async rerunFailed(change: Change, task: Task = {}): Promise<void> {
    const { api } = await connectGitHub(this.options, task.signal);
    const call: GitHubCall = { signal: task.signal };
    const { latest } = latestRuns(await listWorkflowRuns(api, change.headCommit, call));
    const failed = latest.filter((run) => mustRunAgain(run));
    if (failed.length === 0 && !latest.some(({ status }) => status !== 'completed'))
      throw new HumanError(
        `No workflow run of ${change.headCommit.slice(0, 8)} failed. A check of another service is run again by that service.`,
      );
    for (const run of failed) {
      task.onProgress?.(`Running the failed jobs of ${cleanLine(run.name ?? 'a workflow', 100)} again`);
      await rerunOnce(api, run, call);
    }
  }

  async log(_change: Change, checkId: string, task: Task = {}): Promise<string | undefined> {
    const job = /^check-run:(\d{1,16})$/.exec(checkId)?.[1];
    if (job === undefined) return undefined;
    const { api } = await connectGitHub(this.options, task.signal);
    const bytes = await downloadJobLog(api, Number(job), logLimit.bytes, { signal: task.signal });
    if (bytes === undefined) return undefined;
    const text = stripVTControlCharacters(new TextDecoder().decode(bytes));
    const left = text.length - logLimit.characters;
    const shown = left <= 0 ? text : `(${left} characters left out)\n${text.slice(left)}`;
    return cleanText(shown, logLimit.characters + 100);
  }

  async testDocuments(
    change: Change,
    side: 'head' | 'base',
    task: Task = {},
  ): Promise<readonly { readonly name: string; readonly text: string }[]> {
    const { api } = await connectGitHub(this.options, task.signal);
    const call: GitHubCall = { signal: task.signal };
    const commit = side === 'head' ? change.headCommit : change.baseCommit;
    const { latest } = latestRuns(await listWorkflowRuns(api, commit, call));
    // The base is what to compare with: a run of it that failed half-way would make tests look new.
    const runs = side === 'head' ? latest : latest.filter(({ conclusion }) => conclusion === 'success');
    return readTestDocuments(api, runs, call);
  }

  async cancel(): Promise<void> {
    // A service's own runs are left alone.
  }

  /**
   * GitHub makes checks some seconds after a push, and not all at once: until then none is no sign that there will be none, and a
   * first one that is green says nothing of those to come where nobody says of all whether they are required.
   */
  private whyTooEarly({ checks, outcome, commit }: CiReport, pull: GitHubPull | undefined, known: boolean): string | undefined {
    const isWithin = (instant: string | undefined, ms: number): boolean =>
      this.options.clock.now() - Date.parse(instant ?? '') < ms;
    if (checks.length === 0) {
      const isNew = pull?.state === 'open' && pull.head.sha === commit && isWithin(pull.updated_at, beginMs.first);
      return outcome === 'error' && isNew ? 'GitHub has not begun any check of this commit yet.' : undefined;
    }
    const decided = known && checks.some(({ required }) => required !== undefined);
    if (outcome !== 'successful' || decided) return undefined;
    // One that began without saying when is taken for an old one.
    return checks.every(({ startedAt }) => isWithin(startedAt, beginMs.all))
      ? 'The first checks of this commit have only just begun: others may follow, since it is not known which are required.'
      : undefined;
  }

  private report(
    change: Change,
    found: readonly FoundCheck[],
    forge: { readonly known: boolean; readonly checks: readonly GitHubRequiredCheck[] },
    notes: readonly string[],
  ): CiReport {
    // In the form in which the checks themselves have them.
    const asked = forge.checks.map((each) => ({ ...each, name: cleanLine(each.name, 300) }));
    const named = (this.options.required ?? []).map((name) => cleanLine(name, 300));
    const names = new Set([...asked.map(({ name }) => name), ...named]);
    // Nobody requires anything that we know of: then nothing is called optional, and everything must pass.
    const decided = forge.known && names.size > 0;
    const checks = found.map(({ check }): CiCheck => ({
      ...check,
      ...(names.has(check.name) ? { required: true } : decided ? { required: false } : {}),
    }));
    const foreign = asked
      .filter(({ appId }) => appId !== undefined)
      .filter(({ name, appId }) => {
        const same = found.filter(({ check }) => check.name === name);
        return same.length > 0 && !same.some((each) => each.appId === appId);
      })
      .map(({ name, appId }) => `${name} (from the app ${appId})`);
    return {
      provider: this.id,
      commit: change.headCommit,
      checks,
      ...judgeChecks(checks, [...names, ...foreign]),
      readAt: new Date(this.options.clock.now()).toISOString(),
      ...(notes.length === 0 ? {} : { notes }),
    };
  }
}

interface FoundCheck {
  readonly check: CiCheck;
  readonly appId?: number;
}

interface LatestRuns {
  readonly latest: readonly GitHubWorkflowRun[];
  /** Check suites of older runs of the same workflow for the same event, which a newer one has replaced. */
  readonly superseded: ReadonlySet<number>;
}

function latestRuns(runs: readonly GitHubWorkflowRun[]): LatestRuns {
  const newest = new Map<string, GitHubWorkflowRun>();
  for (const run of runs) {
    const key = `${run.workflow_id} ${run.event}`;
    if ((newest.get(key)?.run_number ?? -1) < run.run_number) newest.set(key, run);
  }
  const latest = [...newest.values()];
  const old = runs.filter((run) => !latest.includes(run)).flatMap(({ check_suite_id }) => check_suite_id ?? []);
  return { latest, superseded: new Set(old) };
}

async function readCommitChecks(
  api: GitHubApi,
  commit: string,
  { latest, superseded }: LatestRuns,
  call: GitHubCall,
): Promise<readonly FoundCheck[]> {
  const checkRuns = (await listCheckRuns(api, commit, call)).filter(
    ({ check_suite }) => !superseded.has(check_suite?.id ?? Number.NaN),
  );
  const statuses = await listStatuses(api, commit, call);
  const ofSuite = (id: number | undefined): readonly GitHubCheckRun[] =>
    id === undefined ? [] : checkRuns.filter(({ check_suite }) => check_suite?.id === id);
  const runOf = (check: GitHubCheckRun): GitHubWorkflowRun | undefined =>
    latest.find(({ check_suite_id }) => check_suite_id !== undefined && check_suite_id === check.check_suite?.id);
  return [
    ...checkRuns.map((each) => fromCheckRun(each, runOf(each))),
    ...latest.filter((run) => saysMoreThanItsJobs(run, ofSuite(run.check_suite_id))).map(fromRun),
    ...statuses.map(fromStatus),
  ];
}

/**
 * A workflow run that has no job yet, was never started (a broken workflow file, a first-time contributor's run that waits to be
 * allowed) or goes on with jobs that are not made yet is no green check although no check of it is red.
 */
function saysMoreThanItsJobs(run: GitHubWorkflowRun, jobs: readonly GitHubCheckRun[]): boolean {
  const passing = new Set<CheckState>(['successful', 'neutral', 'skipped']);
  if (passing.has(stateOf(run.status, run.conclusion))) return false;
  return jobs.every((job) => passing.has(stateOf(job.status, job.conclusion)));
}

function fromCheckRun(each: GitHubCheckRun, run: GitHubWorkflowRun | undefined): FoundCheck {
  const summary = cleanLine(each.output?.title ?? '', 300);
  const check: CiCheck = {
    id: `check-run:${each.id}`,
    name: cleanLine(each.name, 300),
    kind: 'check-run',
    state: stateOf(each.status, each.conclusion),
    attempt: run?.run_attempt ?? 1,
    ...(each.started_at ? { startedAt: each.started_at } : {}),
    ...(each.completed_at ? { completedAt: each.completed_at } : {}),
    ...link(each.html_url),
    ...(summary === '' ? {} : { summary }),
    hasLog: each.app?.slug === 'github-actions',
  };
  return { check, ...(each.app ? { appId: each.app.id } : {}) };
}

function fromRun(run: GitHubWorkflowRun): FoundCheck {
  const check: CiCheck = {
    id: `run:${run.id}`,
    name: cleanLine(run.name ?? `workflow ${run.workflow_id}`, 300),
    kind: 'job',
    state: stateOf(run.status, run.conclusion),
    attempt: run.run_attempt,
    startedAt: run.created_at,
    ...(run.status === 'completed' ? { completedAt: run.updated_at } : {}),
    ...link(run.html_url),
    summary: 'The workflow run as a whole',
    hasLog: false,
  };
  return { check };
}

function fromStatus(each: GitHubStatus): FoundCheck {
  const summary = cleanLine(each.description ?? '', 300);
  const state = each.state === 'success' ? 'successful' : each.state === 'pending' ? 'running' : 'failed';
  const check: CiCheck = {
    id: `status:${each.context}`,
    name: cleanLine(each.context, 300),
    kind: 'status',
    state,
    attempt: 1,
    ...(each.created_at ? { startedAt: each.created_at } : {}),
    ...(each.updated_at && state !== 'running' ? { completedAt: each.updated_at } : {}),
    ...link(each.target_url),
    ...(summary === '' ? {} : { summary }),
    hasLog: false,
  };
  const appId = appOfStatus(each);
  return { check, ...(appId === undefined ? {} : { appId }) };
}

/** docs.github.com/rest/checks/runs: status and conclusion. A word that GitHub adds later does not pass. */
function stateOf(status: string | null, conclusion: string | null): CheckState {
  if (status === 'in_progress') return 'running';
  if (status !== 'completed') return 'queued';
  const states: Readonly<Record<string, CheckState>> = {
    success: 'successful',
    failure: 'failed',
    startup_failure: 'failed',
    neutral: 'neutral',
    skipped: 'skipped',
    cancelled: 'cancelled',
    timed_out: 'timed-out',
    action_required: 'action-required',
  };
  return (conclusion !== null && Object.hasOwn(states, conclusion) ? states[conclusion] : undefined) ?? 'stale';
}

function link(url: string | null | undefined): { readonly url?: string } {
  return typeof url === 'string' && URL.canParse(url) && new URL(url).protocol === 'https:' ? { url } : {};
}

/** The merge of an open pull request with its base that GitHub made to test it; undefined where it is not of this head. */
function testMerge(pull: GitHubPull | undefined, change: Change): string | undefined {
  if (pull === undefined || pull.state !== 'open' || pull.mergeable !== true) return undefined;
  return pull.head.sha === change.headCommit ? (pull.merge_commit_sha ?? undefined) : undefined;
}

/**
 * Where the test merge has a check of a name, that one must pass in place of the head's
 * (docs.github.com: troubleshooting required status checks, conflicts between head commit and test merge commit).
 */
function overlay(head: readonly FoundCheck[], merged: readonly FoundCheck[]): readonly FoundCheck[] {
  const key = ({ check }: FoundCheck): string => `${check.kind} ${check.name}`;
  const replaced = new Set(merged.map(key));
  return [...head.filter((each) => !replaced.has(key(each))), ...merged];
}

function notesOn(pull: GitHubPull | undefined, change: Change, known: boolean): readonly string[] {
  const notes: string[] = [];
  if (!known) notes.push(`GitHub does not say which checks ${change.base} requires: every check that is reported must pass.`);
  if (pull === undefined || pull.state !== 'open') return notes;
  if (pull.head.sha !== change.headCommit)
    notes.push(`The pull request moved on to ${pull.head.sha.slice(0, 8)}: these checks say nothing about that.`);
  if (pull.mergeable_state === 'dirty') notes.push(`The pull request conflicts with ${change.base}.`);
  if (pull.mergeable_state === 'behind')
    notes.push(`${change.base} moved on, and must be in the branch before it can be merged.`);
  return notes;
}

function mustRunAgain({ status, conclusion }: GitHubWorkflowRun): boolean {
  return status === 'completed' && ['failed', 'timed-out', 'cancelled'].includes(stateOf(status, conclusion));
}

/** A lost answer is no reason to run twice: what counts is whether a later attempt is there. */
async function rerunOnce(api: GitHubApi, run: GitHubWorkflowRun, call: GitHubCall): Promise<void> {
  try {
    await rerunFailedJobs(api, run.id, call);
  } catch (error) {
    if (!isRunningAlready(error) && !(isVendorError(error) && error.options.retryable)) throw error;
    const now = (await listWorkflowRuns(api, run.head_sha, call)).find(({ id }) => id === run.id);
    if (now === undefined || (now.run_attempt <= run.run_attempt && now.status === 'completed')) throw error;
  }
}
