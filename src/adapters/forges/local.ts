import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HumanError, VendorError } from '../../core/errors';
import { branchNameProblem, isCommitId } from '../../core/git/refName';
import type { PullRequest } from '../../core/model/pullRequest';
import { mergedBefore } from '../../core/pullRequest/mergedBefore';
import type { Forge, Provider, PullRequestRequest, Task } from '../../core/ports';
import { gitCommonDir, runGit } from '../clients/git';
import { runGitIn } from '../clients/mergeTrees';
import { publishBranch } from '../clients/publishBranch';
import { fetchBranch, pushCommit } from '../clients/simpleGit';
import { ProviderAdapter } from '../clients/providerAdapter';
import { branchTip, commitMerge, findLanding, isIn, moveBranch } from './localMerge';
import type { MergePeople } from './localMerge';
import { LocalRecords } from './localRecords';
import type { LocalRecord } from './localRecords';

export const localForgeProvider: Provider = {
  id: 'local',
  displayName: 'Local',
  url: 'https://git-scm.com/docs/gitrepository-layout',
  capabilities: ['pull-requests', 'merge', 'offline'],
};

export interface LocalForgeOptions {
  /** A folder in the repository that is pushed from. */
  readonly root: string;
  /** Absolute path of the folder that keeps `repository.git` and `pulls/`; made when it is needed. */
  readonly dataFolder: string;
}

export interface LocalForgeParts {
  /** Author and committer of merges, as git knows them in the repository around `root`. */
  people(root: string, signal?: AbortSignal): Promise<MergePeople>;
}

/** Other processes may move the branch while a merge is made; each try sees what they did. */
const tries = 10;

/** A forge without any server: a bare repository and one JSON record per pull request. It needs no account and no network. */
export function createLocalForge(options: LocalForgeOptions & LocalForgeParts): Forge {
  return new LocalForge(localForgeProvider, options);
}

class LocalForge extends ProviderAdapter<LocalForgeOptions & LocalForgeParts> implements Forge {
  private readonly records: LocalRecords;

  constructor(provider: Provider, options: LocalForgeOptions & LocalForgeParts) {
    super(provider, options);
    this.records = new LocalRecords(join(options.dataFolder, 'pulls'));
  }

  async openPullRequest(
    request: PullRequestRequest,
    task: Task = {},
  ): Promise<{ readonly pullRequest: PullRequest; readonly created: boolean }> {
    const remote = await this.bareRepository(request.headCommit, task.signal);
    const merged = (await this.records.all()).find(
      ({ branch, headCommit, state }) => state === 'merged' && branch === request.branch && headCommit === request.headCommit,
    );
    if (merged !== undefined) throw mergedBefore(`${merged.number} of the local forge`, request);
    await this.keepMerges(remote, request, task);
    await publishBranch(this.options.root, { remote, name: 'the local forge', missingBase: 'bring' }, request, task);
    return this.records.claimed(request.branch, task.signal, async () => {
      const open = (await this.records.all()).find((record) => record.branch === request.branch && record.state === 'open');
      const { title, body, branch, base, headCommit, baseCommit } = request;
      const fields = { title, body, branch, base, headCommit, baseCommit };
      if (open === undefined) {
        return { pullRequest: plain(await this.records.add({ forge: this.id, ...fields })), created: true };
      }
      const updated: LocalRecord = { ...open, ...fields };
      if (JSON.stringify(updated) !== JSON.stringify(open)) await this.records.replace(updated);
      return { pullRequest: plain(updated), created: false };
    });
  }

  async readPullRequest(number: number): Promise<PullRequest | undefined> {
    const record = await this.records.read(number);
    return record === undefined ? undefined : plain(record);
  }

  async merge(number: number, headCommit: string, task: Task = {}): Promise<{ readonly mergeCommit: string }> {
    if (!isCommitId(headCommit)) throw new HumanError('A full commit id is needed to merge.');
    const bare = await this.bareRepository(headCommit, task.signal);
    task.onProgress?.(`Merging pull request ${number} of the local forge`);
    for (let count = 0; count < tries; count++) {
      const record = await this.existing(number);
      const mergeCommit = await this.tryMerge(bare, record, headCommit, task.signal);
      if (mergeCommit === undefined) continue;
      await this.bring(bare, record.base, mergeCommit, `merges/${number}`, task);
      return { mergeCommit };
    }
    throw new VendorError('local', 'The branch of the local forge moved at each try to merge. Try again.', { retryable: true });
  }

  async close(number: number, task: Task = {}): Promise<void> {
    const { branch } = await this.existing(number);
    await this.records.claimed(branch, task.signal, async () => {
      const record = await this.existing(number);
      if (record.state === 'merged') throw new HumanError(`Pull request ${number} of the local forge is merged already.`);
      if (record.state === 'open') await this.records.replace({ ...record, state: 'closed' });
    });
  }

  async branchHead(branch: string, task: Task = {}): Promise<string | undefined> {
    const bare = this.repositoryPath;
    if (branchNameProblem(branch) !== undefined || !(await exists(bare))) return undefined;
    const tip = await branchTip(bare, branch, task.signal);
    if (tip !== undefined) await this.bring(bare, branch, tip, `heads/${branch}`, task);
    return tip;
  }

  /** One try, from what the repository holds now. Undefined: somebody else moved something meanwhile. */
  private async tryMerge(
    bare: string,
    record: LocalRecord,
    headCommit: string,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const { number, branch, base } = record;
    const name = `pull request ${number} of the local forge`;
    if (record.state === 'closed') throw new HumanError(`The ${name} is closed, so it is not merged.`);
    if (record.headCommit !== headCommit) throw movedHead(name, record.headCommit, headCommit);
    if (record.mergeCommit !== undefined) return record.mergeCommit;
    const tip = await branchTip(bare, base, signal);
    if (tip === undefined) throw new HumanError(`The local forge has no branch ${base} to merge into.`);
    // A process that died between moving the branch and writing the record, or somebody who merged by hand.
    const landed = await findLanding(bare, headCommit, tip, signal);
    if (landed === undefined && record.state === 'merged')
      throw new HumanError(`The ${name} is marked as merged, but its commit is not in ${base}.`);
    const head = await branchTip(bare, branch, signal);
    if (landed === undefined && head !== headCommit) throw movedHead(name, head, headCommit);
    const mergeCommit =
      landed ??
      (await commitMerge(
        bare,
        {
          onto: tip,
          head: headCommit,
          message: `Merge pull request ${number} from ${branch}\n\n${record.title}\n`,
          people: await this.options.people(this.options.root, signal),
          conflict: {
            what: `The ${name} contradicts what ${base} holds now,`,
            advice: `Make the fix again on the newest ${base}.`,
          },
        },
        signal,
      ));
    return this.records.claimed(branch, signal, async () => {
      const now = await this.existing(number);
      if (now.state !== record.state || now.headCommit !== headCommit) return undefined;
      if (landed === undefined && !(await moveBranch(bare, base, mergeCommit, tip))) return undefined;
      await this.records.replace({ ...now, state: 'merged', mergeCommit });
      return mergeCommit;
    });
  }

  /**
   * Where pull requests were merged here and the person went on without them, base and branch have parted: then the person's
   * commits are merged into the forge's branch, which otherwise follows the person's wherever it goes.
   */
  private async keepMerges(bare: string, request: PullRequestRequest, task: Task): Promise<void> {
    const { root } = this.options;
    const { base, baseCommit } = request;
    const { signal } = task;
    if (branchNameProblem(base) !== undefined || !isCommitId(baseCommit)) return;
    const merges = (await this.records.all()).flatMap((record) => (record.base === base ? (record.mergeCommit ?? []) : []));
    const tip = merges.length === 0 ? undefined : await branchTip(bare, base, signal);
    if (tip === undefined || tip === baseCommit) return;
    const ref = await this.bring(bare, base, tip, `heads/${base}`, task);
    const own = await gitCommonDir(root, signal);
    if (own === undefined) return;
    if ((await isIn(own, baseCommit, tip, signal)) || (await isIn(own, tip, baseCommit, signal))) return;
    const here = await Promise.all(merges.map(async (merge) => isIn(own, merge, baseCommit, signal)));
    if (here.every((known) => known)) return;
    const commit = await commitMerge(
      own,
      {
        onto: tip,
        head: baseCommit,
        message: `Merge ${base} as it went on elsewhere\n`,
        people: await this.options.people(root, signal),
        conflict: {
          what: `${base} of the local forge holds merged pull requests that contradict your commits`,
          advice: `Merge ${ref} into your branch, then try again.`,
        },
      },
      signal,
    );
    await pushCommit(root, { remote: bare, commit, branch: base, expected: tip }, task);
  }

  /** Fetches a commit of a branch into the person's repository, where a ref of ours keeps it. @returns that ref */
  private async bring(bare: string, branch: string, commit: string, name: string, task: Task): Promise<string> {
    const { root } = this.options;
    const ref = `refs/patchline/local/${name}`;
    await fetchBranch(root, bare, branch, task);
    await runGit(['update-ref', ref, commit], { cwd: root, signal: task.signal });
    return ref;
  }

  private async existing(number: number): Promise<LocalRecord> {
    const record = await this.records.read(number);
    if (record === undefined) throw new HumanError(`The local forge has no pull request ${number}.`);
    return record;
  }

  private get repositoryPath(): string {
    return join(this.options.dataFolder, 'repository.git');
  }

  /**
   * Made beside its place and moved there in one step, so that no other window sees half a repository. Its ids are as long as those
   * of the person's, and it takes the history of a shallow clone, which ends where the clone's does.
   */
  private async bareRepository(commit: string, signal: AbortSignal | undefined): Promise<string> {
    const { dataFolder } = this.options;
    const path = this.repositoryPath;
    if (await exists(path)) return path;
    await mkdir(dataFolder, { recursive: true });
    const made = await mkdtemp(join(dataFolder, 'new-'));
    try {
      // The template would bring sample hooks.
      const ids = commit.length === 64 ? ['--object-format=sha256'] : [];
      await runGit(['init', '--bare', '--quiet', '--template=', '--initial-branch=main', ...ids, '--', made], {
        cwd: dataFolder,
        signal,
      });
      await runGitIn(made, ['config', 'receive.shallowUpdate', 'true'], { signal });
      await rename(made, path);
    } catch (error) {
      await rm(made, { recursive: true, force: true });
      // Another window was quicker: a folder that is not empty is not replaced.
      if (!(await exists(path))) throw error;
    }
    return path;
  }
}

function plain(record: LocalRecord): PullRequest {
  const { mergeCommit: _, ...pullRequest } = record;
  return pullRequest;
}

function movedHead(name: string, is: string | undefined, expected: string): HumanError {
  return new HumanError(
    `The ${name} is not merged: its branch stands at ${is?.slice(0, 8) ?? 'no commit'}, not at ${expected.slice(0, 8)}, which was checked and approved.`,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
