import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { HumanError } from '../../core/errors';
import type { TestCoverage } from '../../core/model/testReport';
import { livingHolder, takeLock } from '../clients/lock';
import type { Lock } from '../clients/lock';
import { readText } from '../clients/readText';

const attemptSchema = v.object({
  attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
  state: v.picklist(['queued', 'running', 'successful', 'failed', 'timed-out', 'cancelled']),
  startedAt: v.exactOptional(v.string()),
  completedAt: v.exactOptional(v.string()),
  summary: v.exactOptional(v.string()),
  /** Names of test documents beside the record, in order. */
  documents: v.array(v.object({ name: v.string(), file: v.pipe(v.string(), v.regex(/^[\w.-]+$/)) })),
  /** Name of the file beside the record that says which code ran; absent where it was not measured. */
  coverage: v.exactOptional(v.pipe(v.string(), v.regex(/^[\w.-]+$/))),
});

const part = v.tuple([v.number(), v.number()]);
const coverageSchema = v.object({
  files: v.array(v.object({ path: v.string(), length: v.number(), ran: v.array(part) })),
  transformed: v.boolean(),
});

const recordSchema = v.object({
  commit: v.string(),
  /** Digest of the jobs' commands: what was run by other commands says nothing of these. */
  plan: v.string(),
  /** How often a process that ran them ended in the middle. */
  interruptions: v.number(),
  jobs: v.array(
    v.object({
      id: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)),
      name: v.string(),
      /** Oldest first; never empty. */
      attempts: v.pipe(v.array(attemptSchema), v.minLength(1)),
    }),
  ),
});

export type AttemptRecord = v.InferOutput<typeof attemptSchema>;
export type JobRecord = v.InferOutput<typeof recordSchema>['jobs'][number];
export type RunRecord = v.InferOutput<typeof recordSchema>;

/** A runner gives signs of life; one on another machine that gives none for a minute is dead. */
const lockOptions = { heartbeatMs: 10_000, foreignStaleMs: 60_000 };
/** Beyond it a log keeps its start and its end. */
export const logLimit = 4 * 1024 * 1024;

/** Everything that is kept of the checks of one commit: a record, logs, documents, and the lock of who runs them. */
export class LocalStore {
  constructor(readonly folder: string) {}

  /** Undefined before the first run. @throws HumanError when the record was spoilt. */
  async read(): Promise<RunRecord | undefined> {
    const file = join(this.folder, 'record.json');
    const text = await readText(file);
    if (text === undefined) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new HumanError(`${file} is no record of checks: it holds no JSON. Delete it, and the checks run again.`);
    }
    const parsed = v.safeParse(recordSchema, value);
    if (parsed.success) return parsed.output;
    throw new HumanError(`${file} is no record of checks (${v.summarize(parsed.issues)}). Delete it, and the checks run again.`);
  }

  /** For the holder of the lock alone; readers see the old record or the new one. */
  async write(record: RunRecord): Promise<void> {
    const draft = join(this.folder, `record.${randomUUID()}`);
    await writeFile(draft, `${JSON.stringify(record, null, 1)}\n`);
    await rename(draft, join(this.folder, 'record.json'));
  }

  /** The right to run; undefined while a living process has it. */
  async lock(): Promise<Lock | undefined> {
    await mkdir(this.folder, { recursive: true });
    return takeLock(join(this.folder, 'lock'), lockOptions);
  }

  async isRunning(): Promise<boolean> {
    return (await livingHolder(join(this.folder, 'lock'), lockOptions)) !== undefined;
  }

  logFile(jobId: string, attempt: number): string {
    return join(this.folder, `${jobId}.${attempt}.log`);
  }

  /** What a job printed so far; the end of it where it is long. */
  async log(jobId: string, attempt: number): Promise<string | undefined> {
    return readText(this.logFile(jobId, attempt));
  }

  async keepDocument(jobId: string, attempt: number, index: number, text: string): Promise<string> {
    const file = `${jobId}.${attempt}.${index}.xml`;
    await writeFile(join(this.folder, file), text);
    return file;
  }

  async keepCoverage(jobId: string, attempt: number, coverage: TestCoverage): Promise<string> {
    const file = `${jobId}.${attempt}.coverage.json`;
    await writeFile(join(this.folder, file), JSON.stringify(coverage));
    return file;
  }

  /** Undefined where it is gone or spoilt: then nothing was measured. */
  async coverage(file: string): Promise<TestCoverage | undefined> {
    const text = await readText(join(this.folder, file));
    try {
      const parsed = v.safeParse(coverageSchema, JSON.parse(text ?? ''));
      return parsed.success ? parsed.output : undefined;
    } catch {
      return undefined;
    }
  }

  async document(file: string): Promise<string> {
    return readFile(join(this.folder, file), 'utf8');
  }

  /** Asks whoever runs the checks to end them. */
  async askToCancel(): Promise<void> {
    await writeFile(join(this.folder, 'cancel'), '');
  }

  async isAskedToCancel(): Promise<boolean> {
    return stat(join(this.folder, 'cancel')).then(
      () => true,
      () => false,
    );
  }

  async forgetCancel(): Promise<void> {
    await rm(join(this.folder, 'cancel'), { force: true });
  }
}

/** The attempt that counts. */
export function latestOf(job: JobRecord): AttemptRecord {
  const last = job.attempts.at(-1);
  if (last === undefined) throw new HumanError(`The record of the check ${job.name} has no attempt.`);
  return last;
}

/** The record with the latest attempt of a job changed. */
export function withAttempt(record: RunRecord, jobId: string, change: Partial<AttemptRecord>): RunRecord {
  const jobs = record.jobs.map((job) =>
    job.id === jobId ? { ...job, attempts: [...job.attempts.slice(0, -1), { ...latestOf(job), ...change }] } : job,
  );
  return { ...record, jobs };
}

/** The record with a further attempt, queued, of each of the jobs. */
export function withNewAttempts(record: RunRecord, jobIds: ReadonlySet<string>): RunRecord {
  const jobs = record.jobs.map((job): JobRecord => {
    if (!jobIds.has(job.id)) return job;
    return { ...job, attempts: [...job.attempts, { attempt: latestOf(job).attempt + 1, state: 'queued', documents: [] }] };
  });
  return { ...record, jobs };
}
