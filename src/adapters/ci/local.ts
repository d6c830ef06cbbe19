import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { judgeChecks } from '../../core/ci/judgeChecks';
import { HumanError, isCancelled, messageOf, throwIfCancelled } from '../../core/errors';
import { cleanText } from '../../core/findings/cleanText';
import type { CiCheck, CiReport } from '../../core/model/ci';
import type { Policy } from '../../core/model/policy';
import type { TestCoverage } from '../../core/model/testReport';
import type { Change, Ci, Clock, Provider, Task } from '../../core/ports';
import { mergeCoverage } from '../../core/testReports/v8Coverage';
import { findRepository } from '../clients/cleanTrees';
import type { Repository } from '../clients/cleanTrees';
import { runGit } from '../clients/git';
import type { Lock } from '../clients/lock';
import { shutdownSignal } from '../clients/process';
import { ProviderAdapter } from '../clients/providerAdapter';
import { askForJunit } from './askForJunit';
import { planDigest, planJobs, readScripts } from './localJobs';
import type { LocalJob } from './localJobs';
import { LocalStore, latestOf, withAttempt, withNewAttempts } from './localStore';
import type { AttemptRecord, JobRecord, RunRecord } from './localStore';
import { runJobs } from './runJobs';

export const localCiProvider: Provider = {
  id: 'local',
  displayName: 'Local',
  url: 'https://docs.npmjs.com/cli/commands/npm-run-script',
  capabilities: ['checks', 'logs', 'rerun-failed', 'test-documents', 'changed-lines', 'cancel', 'offline'],
};

export interface LocalCiOptions {
  /** Absolute path of the workspace folder. */
  readonly root: string;
  /** Absolute path of the folder that keeps records, logs and test documents by commit; made when it is needed. */
  readonly dataFolder: string;
  /** Folder of installed packages by lock file; the proof's may be shared. */
  readonly cache: string;
  /** Program and first arguments of npm; undefined where it is not found. */
  npm(): readonly string[] | undefined;
  readonly clock: Clock;
  /** False in Restricted Mode: then nothing of the workspace is run. */
  mayRun(): boolean;
  readonly jobs?: NonNullable<Policy['ci']>['jobs'];
  /** Checks that must pass, by name. */
  readonly required?: readonly string[];
}

/** Runs that a process did not end are begun again by the next; a job that ends its own process would do so for ever. */
const mostInterruptions = 2;
const cancelPollMs = 250;

/** Checks without any server: the project's own commands in a clean work tree, kept by commit so that each runs once. */
export function createLocalCi(options: LocalCiOptions): Ci {
  return new LocalCi(localCiProvider, options);
}

/** What is run for a commit: all jobs of a head; those of a base that leave test documents. */
interface Side {
  readonly commit: string;
  readonly store: LocalStore;
  readonly jobs: readonly LocalJob[];
  /** Jobs that are run; the others are there for what they build. */
  readonly wanted: readonly LocalJob[];
  readonly repository: Repository;
}

class LocalCi extends ProviderAdapter<LocalCiOptions> implements Ci {
  /** What this object runs, by folder. */
  private readonly running = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();

  async read(change: Change, task: Task = {}): Promise<CiReport> {
    throwIfCancelled(task.signal);
    const side = await this.side(change, 'head', task.signal);
    return this.report(side, await this.ensure(side));
  }

  async rerunFailed(change: Change, task: Task = {}): Promise<void> {
    throwIfCancelled(task.signal);
    const side = await this.side(change, 'head', task.signal);
    const record = await side.store.read();
    if (record === undefined || record.plan !== planDigest(side.wanted)) {
      await this.ensure(side);
      return;
    }
    let lock = await side.store.lock();
    // Where all have ended, whoever ran them only clears away its work tree.
    for (let tries = 0; lock === undefined && tries < 120 && record.jobs.every((job) => hasEnded(latestOf(job))); tries++) {
      await sleep(cancelPollMs, undefined, task.signal === undefined ? {} : { signal: task.signal });
      lock = await side.store.lock();
    }
    if (lock === undefined) throw new HumanError('The checks of this commit still run. Wait until they end, or cancel them.');
    const now = (await side.store.read()) ?? record;
    const failed = new Set(now.jobs.filter((job) => latestOf(job).state !== 'successful').map(({ id }) => id));
    if (failed.size === 0) return lock.release();
    await this.begin(side, withNewAttempts({ ...now, interruptions: 0 }, failed), lock);
  }

  async log(change: Change, checkId: string): Promise<string | undefined> {
    const store = this.store(change.headCommit, 'head');
    const job = (await store.read())?.jobs.find(({ id }) => id === checkId);
    if (job === undefined) return undefined;
    const text = await store.log(job.id, latestOf(job).attempt);
    // Terminal colours (ECMA-48, select graphic rendition) and what could hide or reorder text.
    return text === undefined ? undefined : cleanText(text.replace(/\u001B\[[0-9;]*m/g, ''), text.length + 1);
  }

  async testDocuments(
    change: Change,
    which: 'head' | 'base',
    task: Task = {},
  ): Promise<readonly { readonly name: string; readonly text: string; readonly attempt: number }[]> {
    throwIfCancelled(task.signal);
    const side = await this.side(change, which, task.signal);
    // A base that could not be run once may be now; a head is run again only where somebody asks.
    let record: RunRecord | undefined = which === 'head' ? await side.store.read() : await this.ensure(side, 'cancelled too');
    // None yet: somebody else has just begun.
    const isOpen = (): boolean =>
      side.wanted.length > 0 && (record === undefined || record.jobs.some((job) => !hasEnded(latestOf(job))));
    while (which === 'base' && isOpen()) {
      await sleep(cancelPollMs, undefined, task.signal === undefined ? {} : { signal: task.signal });
      record = await this.ensure(side);
    }
    const documents: { readonly name: string; readonly text: string; readonly attempt: number }[] = [];
    for (const job of record?.jobs ?? []) {
      // Where the latest attempt left nothing, an earlier one's documents would be judged in its place.
      if (latestOf(job).documents.length === 0) continue;
      for (const { attempt, documents: left } of job.attempts)
        for (const { name, file } of left) documents.push({ name, text: await side.store.document(file), attempt });
    }
    return documents;
  }

  async coverage(change: Change, task: Task = {}): Promise<TestCoverage | undefined> {
    throwIfCancelled(task.signal);
    const store = this.store(change.headCommit, 'head');
    const seen: TestCoverage[] = [];
    for (const job of (await store.read())?.jobs ?? []) {
      const { coverage: file } = latestOf(job);
      const one = file === undefined ? undefined : await store.coverage(file);
      if (one !== undefined) seen.push(one);
    }
    return seen.length === 0 ? undefined : mergeCoverage(seen);
  }

  async cancel(change: Change): Promise<void> {
    for (const [commit, which] of [
      [change.headCommit, 'head'],
      [change.baseCommit, 'base'],
    ] as const) {
      const store = this.store(commit, which);
      const own = this.running.get(store.folder);
      if (own !== undefined) {
        await store.askToCancel();
        own.stop.abort();
        await own.done;
      } else if (which === 'head' && (await store.isRunning())) {
        await store.askToCancel();
        // Whoever runs them looks often; one that hangs is seen to be dead sooner or later, or holds the lock and is shown so.
        for (let tries = 0; tries < 120 && (await store.isRunning()); tries++) await sleep(cancelPollMs);
      }
    }
  }

  private store(commit: string, which: 'head' | 'base'): LocalStore {
    if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(commit)) throw new HumanError(`“${commit}” is no commit id.`);
    return new LocalStore(join(this.options.dataFolder, which === 'head' ? commit : `base-${commit}`));
  }

  private async side(change: Change, which: 'head' | 'base', signal: AbortSignal | undefined): Promise<Side> {
    const commit = which === 'head' ? change.headCommit : change.baseCommit;
    const store = this.store(commit, which);
    const repository = await findRepository(this.options.root, signal);
    if (repository === undefined) throw new HumanError('Checks need a git repository: they run in a clean checkout of a commit.');
    // The base decides what is run: the patch must not get a say in it.
    const manifest = await this.manifest(repository, change.baseCommit, signal);
    const scripts = readScripts(manifest);
    const jobs = planJobs(this.options.jobs, scripts);
    const leavesDocuments = (job: LocalJob): boolean =>
      job.junit !== undefined || !('because' in askForJunit(job.command, { scripts, folder: '/', members: 'unknown' }));
    return { commit, store, jobs, repository, wanted: which === 'head' ? jobs : jobs.filter(leavesDocuments) };
  }

  private async manifest(repository: Repository, commit: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    this.store(commit, 'base');
    const path = [...repository.inside.split(/[\\/]/), 'package.json'].filter((part) => part !== '').join('/');
    const result = await runGit(['cat-file', 'blob', `${commit}:${path}`], { cwd: repository.root, signal, exitCodes: [0, 128] });
    return result.exitCode === 0 ? result.stdout : undefined;
  }

  /** The record as it stands; begins the run where there was none, and again what a process that died left behind. */
  private async ensure(side: Side, again?: 'cancelled too'): Promise<RunRecord | undefined> {
    const plan = planDigest(side.wanted);
    const known = await side.store.read();
    const isDue = (job: JobRecord): boolean =>
      !hasEnded(latestOf(job)) || (again !== undefined && latestOf(job).state === 'cancelled');
    const isSettled = (record: RunRecord): boolean => record.plan === plan && !record.jobs.some(isDue);
    if (side.wanted.length === 0 || (known !== undefined && isSettled(known))) return known?.plan === plan ? known : undefined;
    if (this.running.has(side.store.folder) || (known?.plan === plan && (await side.store.isRunning()))) return side.store.read();
    if (!this.options.mayRun()) {
      throw new HumanError(
        'Checks run code of the workspace, and the workspace is not trusted. Trust it first (Workspaces: Manage Workspace Trust).',
      );
    }
    const lock = await side.store.lock();
    if (lock === undefined) return side.store.read();
    // Between reading and locking another may have run them.
    const now = await side.store.read();
    if (now !== undefined && isSettled(now)) {
      await lock.release();
      return now;
    }
    if (now?.plan !== plan) {
      const jobs = side.wanted.map(({ id, name }): JobRecord => ({
        id,
        name,
        attempts: [{ attempt: 1, state: 'queued', documents: [] }],
      }));
      return this.begin(side, { commit: side.commit, plan, interruptions: 0, jobs }, lock);
    }
    if (now.jobs.some((job) => !hasEnded(latestOf(job)))) return this.recover(side, now, lock);
    const due = new Set(now.jobs.filter(isDue).map(({ id }) => id));
    return this.begin(side, withNewAttempts({ ...now, interruptions: 0 }, due), lock);
  }

  /** Nobody runs what has not ended: the process that did ended in the middle. */
  private async recover(side: Side, record: RunRecord, lock: Lock): Promise<RunRecord> {
    const open = new Set(record.jobs.filter((job) => !hasEnded(latestOf(job))).map(({ id }) => id));
    let next: RunRecord = { ...record, interruptions: record.interruptions + 1 };
    for (const id of open) {
      next = withAttempt(next, id, { state: 'cancelled', summary: 'The process that ran it ended in the middle.' });
    }
    if (next.interruptions <= mostInterruptions) return this.begin(side, withNewAttempts(next, open), lock);
    await side.store.write(next);
    await lock.release();
    return next;
  }

  /** Runs what is queued, in the background of this process. The record is on the disk when it resolves. */
  private async begin(side: Side, record: RunRecord, lock: Lock): Promise<RunRecord> {
    const { store } = side;
    try {
      await store.forgetCancel();
      await store.write(record);
    } catch (error) {
      await lock.release();
      throw error;
    }
    const stop = new AbortController();
    const done = this.run(side, record, stop).finally(async () => {
      this.running.delete(store.folder);
      await lock.release();
    });
    // Whatever happened is in the record, or the record could not be written: then it stands open, and the next reader recovers it.
    this.running.set(store.folder, { stop, done: done.catch(() => undefined) });
    return record;
  }

  private async run(side: Side, begun: RunRecord, stop: AbortController): Promise<void> {
    const { store } = side;
    let record = begun;
    const update = async (jobId: string, change: Partial<AttemptRecord>): Promise<void> => {
      record = withAttempt(record, jobId, change);
      await store.write(record);
    };
    const close = async (state: 'cancelled', summary: string): Promise<void> => {
      for (const job of record.jobs)
        if (!hasEnded(latestOf(job))) await update(job.id, { state, summary, completedAt: this.now() });
    };
    const signal = AbortSignal.any([stop.signal, shutdownSignal()]);
    const poll = setInterval(() => {
      void store.isAskedToCancel().then((asked) => (asked ? stop.abort() : undefined));
    }, cancelPollMs);
    poll.unref();
    try {
      await runJobs(
        {
          ...side,
          workspace: this.options.root,
          attempts: new Map(
            record.jobs.filter((job) => latestOf(job).state === 'queued').map((job) => [job.id, latestOf(job).attempt]),
          ),
          npm: this.options.npm(),
          cache: this.options.cache,
          now: () => this.now(),
          update,
        },
        { signal },
      );
    } catch (error) {
      // Ended from outside without anybody asking for it: left open, so that the next who looks begins it again.
      if (isCancelled(error) && !(await store.isAskedToCancel())) return;
      await close('cancelled', isCancelled(error) ? 'Cancelled.' : `Could not be run: ${messageOf(error)}`);
    } finally {
      clearInterval(poll);
      await store.forgetCancel();
    }
  }

  private report(side: Side, record: RunRecord | undefined): CiReport {
    const checks = (record?.jobs ?? []).map((job) => checkOf(job));
    const planned = side.wanted.map(({ name }) => name);
    return {
      provider: this.id,
      commit: side.commit,
      checks,
      readAt: this.now(),
      ...judgeChecks(checks, [...planned, ...(this.options.required ?? [])]),
    };
  }

  private now(): string {
    return new Date(this.options.clock.now()).toISOString();
  }
}

function checkOf(job: JobRecord): CiCheck {
  const { attempt, state, startedAt, completedAt, summary } = latestOf(job);
  const failedBefore = state === 'successful' && job.attempts.some((one) => one.state === 'failed' || one.state === 'timed-out');
  const words = failedBefore ? `${summary ?? ''} It failed before, and passed when it was run again.`.trim() : summary;
  return {
    id: job.id,
    name: job.name,
    kind: 'job',
    state,
    attempt,
    required: true,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(completedAt === undefined ? {} : { completedAt }),
    ...(words === undefined ? {} : { summary: words }),
    hasLog: startedAt !== undefined,
  };
}

const hasEnded = ({ state }: AttemptRecord): boolean => state !== 'queued' && state !== 'running';
