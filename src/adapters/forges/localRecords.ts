import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { HumanError, throwIfCancelled } from '../../core/errors';
import type { PullRequest } from '../../core/model/pullRequest';
import { takeLock } from '../clients/lock';
import { writeDurably } from '../clients/writeDurably';

/** A pull request of the local forge, and what came of it. */
export type LocalRecord = PullRequest & { readonly mergeCommit?: string | undefined };

const recordSchema = v.object({
  forge: v.literal('local'),
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  url: v.string(),
  title: v.string(),
  body: v.string(),
  branch: v.string(),
  base: v.string(),
  headCommit: v.string(),
  baseCommit: v.string(),
  state: v.picklist(['open', 'merged', 'closed']),
  mergeCommit: v.optional(v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/))),
});

/** A record is written in milliseconds; whoever died over it is seen to be dead at once where it ran on this machine. */
const lockOptions = { heartbeatMs: 5000, foreignStaleMs: 60_000 };

/** The records of the local forge: one JSON file per pull request in `folder`, which is made when it is needed. */
export class LocalRecords {
  constructor(private readonly folder: string) {}

  /** @throws HumanError when the file is no record. */
  async read(number: number): Promise<LocalRecord | undefined> {
    if (!Number.isSafeInteger(number) || number < 1) return undefined;
    const path = this.pathOf(number);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new HumanError(`${path} is no pull request record: it holds no JSON.`);
    }
    const parsed = v.safeParse(recordSchema, value);
    if (!parsed.success) throw new HumanError(`${path} is no pull request record: ${v.summarize(parsed.issues)}`);
    return parsed.output;
  }

  async all(): Promise<readonly LocalRecord[]> {
    await mkdir(this.folder, { recursive: true });
    const numbers = (await readdir(this.folder)).flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? []);
    const records = await Promise.all(numbers.map((number) => this.read(Number(number))));
    return records.filter((record) => record !== undefined);
  }

  /** Under the next free number, each given to one writer only, whatever other branches are opened at this moment. */
  async add(fields: Omit<PullRequest, 'number' | 'url' | 'state'>): Promise<LocalRecord> {
    for (let number = Math.max(0, ...(await this.all()).map((record) => record.number)) + 1; ; number++) {
      const { forge, ...rest } = fields;
      const record: LocalRecord = { forge, number, url: this.pathOf(number), ...rest, state: 'open' };
      if (await createWhole(record.url, toJson(record))) return record;
    }
  }

  /** Only inside of `claimed` for its branch. */
  async replace(record: LocalRecord): Promise<void> {
    await writeDurably(this.pathOf(record.number), toJson(record));
  }

  /** One writer per branch at a time, over several windows. */
  async claimed<T>(branch: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await mkdir(this.folder, { recursive: true });
    const file = join(this.folder, `lock-${createHash('sha256').update(branch).digest('hex').slice(0, 16)}`);
    let lock = await takeLock(file, lockOptions);
    while (lock === undefined) {
      throwIfCancelled(signal);
      await sleep(20);
      lock = await takeLock(file, lockOptions);
    }
    try {
      throwIfCancelled(signal);
      return await work();
    } finally {
      await lock.release();
    }
  }

  private pathOf(number: number): string {
    return join(this.folder, `${number}.json`);
  }
}

function toJson(record: LocalRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** False when there is such a file already. It is there as a whole or not at all: half a record would stand in the way of all. */
async function createWhole(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeDurably(draft, text);
    // A second name for the draft: unlike renaming, it replaces nothing.
    await link(draft, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(code ?? '')) throw error;
    // A disk that knows no second names.
    return createHere(file, text);
  } finally {
    await rm(draft, { force: true });
  }
}

async function createHere(file: string, text: string): Promise<boolean> {
  let isOurs = false;
  try {
    const handle = await open(file, 'wx');
    isOurs = true;
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (isOurs) await rm(file, { force: true });
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
