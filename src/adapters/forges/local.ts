import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { HumanError, throwIfCancelled } from '../../core/errors';
import type { PullRequest } from '../../core/model/pullRequest';
import type { Forge, Provider, PullRequestRequest, Task } from '../../core/ports';
import { runGit } from '../clients/git';
import { publishBranch } from '../clients/publishBranch';

export const localForgeProvider: Provider = {
  id: 'local',
  displayName: 'Local',
  url: 'https://git-scm.com/docs/gitrepository-layout',
  capabilities: ['pull-requests', 'offline'],
};

export interface LocalForgeOptions {
  /** A folder in the repository that is pushed from. */
  readonly root: string;
  /** Absolute path of the folder that keeps `repository.git` and `pulls/`; made when it is needed. */
  readonly dataFolder: string;
}

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
});

/** A claim that is older belongs to a process that died while it wrote a record, which takes milliseconds. */
const staleClaimMs = 5000;

/** A forge without any server: a bare repository and one JSON record per pull request. It needs no account and no network. */
export function createLocalForge(options: LocalForgeOptions): Forge {
  return new LocalForge(options);
}

class LocalForge implements Forge {
  readonly id = localForgeProvider.id;
  readonly displayName = localForgeProvider.displayName;
  readonly url = localForgeProvider.url;
  readonly capabilities = localForgeProvider.capabilities;
  private readonly pulls: string;

  constructor(private readonly options: LocalForgeOptions) {
    this.pulls = join(options.dataFolder, 'pulls');
  }

  async openPullRequest(
    request: PullRequestRequest,
    task: Task = {},
  ): Promise<{ readonly pullRequest: PullRequest; readonly created: boolean }> {
    const remote = await this.bareRepository(task.signal);
    await publishBranch(this.options.root, { remote, name: 'the local forge', missingBase: 'bring' }, request, task);
    await mkdir(this.pulls, { recursive: true });
    return this.claimed(request.branch, task.signal, async () => {
      const records = await this.records();
      const open = records.find((record) => record.branch === request.branch && record.state === 'open');
      const { title, body, branch, base, headCommit, baseCommit } = request;
      const fields = { title, body, branch, base, headCommit, baseCommit };
      if (open) {
        const updated: PullRequest = { ...open, ...fields };
        if (JSON.stringify(updated) !== JSON.stringify(open)) await this.replace(updated);
        return { pullRequest: updated, created: false };
      }
      // `wx` gives each number to one writer only, whatever other branches are opened at this moment.
      for (let number = Math.max(0, ...records.map((record) => record.number)) + 1; ; number++) {
        const url = this.recordPath(number);
        const record: PullRequest = { forge: this.id, number, url, ...fields, state: 'open' };
        try {
          await writeFile(url, toJson(record), { flag: 'wx' });
          return { pullRequest: record, created: true };
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        }
      }
    });
  }

  async readPullRequest(number: number): Promise<PullRequest | undefined> {
    if (!Number.isSafeInteger(number) || number < 1) return undefined;
    return this.read(this.recordPath(number));
  }

  private recordPath(number: number): string {
    return join(this.pulls, `${number}.json`);
  }

  /** Made beside its place and moved there in one step, so that no other window sees half a repository. */
  private async bareRepository(signal: AbortSignal | undefined): Promise<string> {
    const { dataFolder } = this.options;
    const path = join(dataFolder, 'repository.git');
    if (await exists(path)) return path;
    await mkdir(dataFolder, { recursive: true });
    const made = await mkdtemp(join(dataFolder, 'new-'));
    try {
      // The template would bring sample hooks.
      await runGit(['init', '--bare', '--quiet', '--template=', '--initial-branch=main', '--', made], {
        cwd: dataFolder,
        signal,
      });
      await rename(made, path);
    } catch (error) {
      await rm(made, { recursive: true, force: true });
      // Another window was quicker: a folder that is not empty is not replaced.
      if (!(await exists(path))) throw error;
    }
    return path;
  }

  private async records(): Promise<readonly PullRequest[]> {
    const names = (await readdir(this.pulls)).filter((name) => /^\d+\.json$/.test(name));
    const records = await Promise.all(names.map((name) => this.read(join(this.pulls, name))));
    return records.filter((record) => record !== undefined);
  }

  private async read(path: string): Promise<PullRequest | undefined> {
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

  private async replace(record: PullRequest): Promise<void> {
    const path = this.recordPath(record.number);
    await writeFile(`${path}.part`, toJson(record));
    await rename(`${path}.part`, path);
  }

  /** One writer per branch at a time, over several windows: making a folder is atomic everywhere. */
  private async claimed<T>(branch: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const claim = join(this.pulls, `claim-${createHash('sha256').update(branch).digest('hex').slice(0, 16)}`);
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
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function toJson(record: PullRequest): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}
