import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { HumanError, throwIfCancelled } from '../../core/errors';
import type { PullRequest } from '../../core/model/pullRequest';

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

/** A claim that is older belongs to a process that died while it wrote a record, which takes milliseconds. */
const staleClaimMs = 5000;

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

  /** Under the next free number: `wx` gives each to one writer only, whatever other branches are opened at this moment. */
  async add(fields: Omit<PullRequest, 'number' | 'url' | 'state'>): Promise<LocalRecord> {
    for (let number = Math.max(0, ...(await this.all()).map((record) => record.number)) + 1; ; number++) {
      const { forge, ...rest } = fields;
      const record: LocalRecord = { forge, number, url: this.pathOf(number), ...rest, state: 'open' };
      try {
        await writeFile(record.url, toJson(record), { flag: 'wx' });
        return record;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  /** Only inside of `claimed` for its branch. */
  async replace(record: LocalRecord): Promise<void> {
    const path = this.pathOf(record.number);
    await writeFile(`${path}.part`, toJson(record));
    await rename(`${path}.part`, path);
  }

  /** One writer per branch at a time, over several windows: making a folder is atomic everywhere. */
  async claimed<T>(branch: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await mkdir(this.folder, { recursive: true });
    const claim = join(this.folder, `claim-${createHash('sha256').update(branch).digest('hex').slice(0, 16)}`);
    for (;;) {
      throwIfCancelled(signal);
      try {
        await mkdir(claim);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const made = await stat(claim).then(
          (stats) => stats.mtimeMs,
          () => undefined,
        );
        if (made !== undefined && Date.now() - made > staleClaimMs) await rm(claim, { recursive: true, force: true });
        else await sleep(20);
      }
    }
    try {
      return await work();
    } finally {
      await rm(claim, { recursive: true, force: true });
    }
  }

  private pathOf(number: number): string {
    return join(this.folder, `${number}.json`);
  }
}

function toJson(record: LocalRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}
