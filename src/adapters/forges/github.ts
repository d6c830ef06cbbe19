import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError, VendorError, isVendorError, throwIfCancelled } from '../../core/errors';
import { branchNameProblem, isCommitId } from '../../core/git/refName';
import type { PullRequest } from '../../core/model/pullRequest';
import { mergedBefore } from '../../core/pullRequest/mergedBefore';
import type { Forge, Provider, PullRequestRequest, Task } from '../../core/ports';
import { connectGitHub } from '../clients/githubConnection';
import type { GitHubConnection, GitHubConnectionOptions } from '../clients/githubConnection';
import { createPull, getBranchHead, getPull, listMergeMethods, listPulls, mergePull, updatePull } from '../clients/githubPulls';
import type { GitHubPull } from '../clients/githubPulls';
import { hasCommit, publishBranch } from '../clients/publishBranch';
import { fetchBranch } from '../clients/simpleGit';
import { ProviderAdapter } from '../clients/providerAdapter';

export const githubForgeProvider: Provider = {
  id: 'github',
  displayName: 'GitHub',
  url: 'https://docs.github.com/rest/pulls/pulls',
  capabilities: ['pull-requests', 'merge'],
};

/** Others may push to the base while GitHub merges. */
const mergeTries = 3;

export type GitHubForgeOptions = GitHubConnectionOptions;

/** Pull requests on GitHub and GitHub Enterprise Server. The branch is pushed by git over https with the same token. */
export function createGithubForge(options: GitHubForgeOptions): Forge {
  return new GitHubForge(githubForgeProvider, options);
}

class GitHubForge extends ProviderAdapter<GitHubForgeOptions> implements Forge {
  async openPullRequest(
    request: PullRequestRequest,
    task: Task = {},
  ): Promise<{ readonly pullRequest: PullRequest; readonly created: boolean }> {
    const { api, git } = await connectGitHub(this.options, task.signal);
    task.onProgress?.('Looking for pull requests of the branch');
    const before = await listPulls(api, request.branch, 'closed', task.signal);
    const merged = before.find((pull) => pull.merged_at !== null && pull.head.sha === request.headCommit);
    if (merged !== undefined) throw mergedBefore(`#${merged.number}`, request);
    await publishBranch(this.options.root, { ...git, missingBase: 'refuse' }, request, task);
    task.onProgress?.('Opening the pull request');
    const { title, body, base } = request;
    const found = (await listPulls(api, request.branch, 'open', task.signal))[0];
    const created = found ? undefined : await createPull(api, { title, body, base, head: request.branch }, task.signal);
    if (created) return { pullRequest: this.toPullRequest(created, request), created: true };

    // Either it was there, or somebody was quicker than the list.
    const open = found ?? (await listPulls(api, request.branch, 'open', task.signal))[0];
    if (!open) {
      throw new VendorError('github', 'GitHub says that there is a pull request for the branch already, but lists none.', {
        retryable: true,
      });
    }
    const same = open.title === title && (open.body ?? '').replaceAll('\r\n', '\n') === body && open.base.ref === base;
    const current = same ? open : await updatePull(api, open.number, { title, body, base }, task.signal);
    return { pullRequest: this.toPullRequest(current, request), created: false };
  }

  async readPullRequest(number: number, task: Task = {}): Promise<PullRequest | undefined> {
    if (!isNumber(number)) return undefined;
    const { api } = await connectGitHub(this.options, task.signal);
    const pull = await getPull(api, number, task.signal);
    return pull && this.toPullRequest(pull);
  }

  async merge(number: number, headCommit: string, task: Task = {}): Promise<{ readonly mergeCommit: string }> {
    if (!isCommitId(headCommit)) throw new HumanError('A full commit id is needed to merge.');
    const connection = await connectGitHub(this.options, task.signal);
    const pull = await this.pull(connection, number, task);
    const mergeCommit = mergedCommit(pull, headCommit) ?? (await this.mergeOpen(connection, pull, headCommit, task));
    await this.bring(connection, pull.base.ref, mergeCommit, task);
    return { mergeCommit };
  }

  async close(number: number, task: Task = {}): Promise<void> {
    const connection = await connectGitHub(this.options, task.signal);
    const pull = await this.pull(connection, number, task);
    if (pull.merged_at !== null)
      throw new HumanError(`Pull request #${number} is merged already: it cannot be closed, only reverted.`);
    if (pull.state === 'open') await updatePull(connection.api, number, { state: 'closed' }, task.signal);
  }

  async branchHead(branch: string, task: Task = {}): Promise<string | undefined> {
    const problem = branchNameProblem(branch);
    if (problem !== undefined) throw new HumanError(`There is no branch ${JSON.stringify(branch)}: ${problem}.`);
    const connection = await connectGitHub(this.options, task.signal);
    const commit = await getBranchHead(connection.api, branch, task.signal);
    if (commit !== undefined) await this.bring(connection, branch, commit, task);
    return commit;
  }

  private async pull({ api }: GitHubConnection, number: number, task: Task): Promise<GitHubPull> {
    const pull = isNumber(number) ? await getPull(api, number, task.signal) : undefined;
    if (!pull) throw new HumanError(`GitHub has no pull request #${number} in ${api.repository.owner}/${api.repository.repo}.`);
    return pull;
  }

  private async mergeOpen(connection: GitHubConnection, pull: GitHubPull, sha: string, task: Task): Promise<string> {
    const { number } = pull;
    if (pull.state === 'closed') throw new HumanError(`Pull request #${number} was closed without merging: reopen it first.`);
    task.onProgress?.(`Merging pull request #${number}`);
    const methods = await listMergeMethods(connection.api, task.signal);
    for (const [i, merge_method] of methods.entries()) {
      for (let tries = 1; ; tries++) {
        try {
          return (await mergePull(connection.api, number, { sha, merge_method }, task.signal)).sha;
        } catch (error) {
          if (!isVendorError(error) || (error.options.status !== 405 && error.options.status !== 409)) throw error;
          // Somebody may have been quicker, or the first try's answer was lost.
          const now = await this.pull(connection, number, task);
          const merged = mergedCommit(now, sha);
          if (merged !== undefined) return merged;
          if (/branch was modified/i.test(error.message) && now.head.sha === sha) {
            if (tries === mergeTries) throw stillMoving(now, error);
            await sleep(tries * (this.options.secondMs ?? 1000));
            throwIfCancelled(task.signal);
            continue;
          }
          // Rules of the branch may allow fewer ways than the repository does; a linear history allows no merge commit.
          const inThisWay = /(?:merges|merge commits) are not allowed|must not contain merge commits/i.test(error.message);
          if (inThisWay && i < methods.length - 1) break;
          throw new HumanError(whyNot(now, sha, error));
        }
      }
    }
    throw new HumanError(`The repository allows no way of merging pull request #${number}.`);
  }

  /** Objects only, held by a ref of ours: branches, index, HEAD and files stay as they are. */
  private async bring({ git }: GitHubConnection, branch: string, commit: string, task: Task): Promise<void> {
    const { root } = this.options;
    if (await hasCommit(root, commit, task.signal)) return;
    const problem = branchNameProblem(branch);
    if (problem !== undefined) throw new VendorError('github', `GitHub names a branch that git would not take: ${problem}.`);
    task.onProgress?.(`Fetching ${branch} of ${git.name}`);
    await fetchBranch(root, git.remote, branch, {
      ...task,
      env: git.env,
      into: `refs/patchline/forge/${encodeURIComponent(branch)}`,
    });
    if (!(await hasCommit(root, commit, task.signal)))
      throw new VendorError('github', `The commit ${commit.slice(0, 8)} is not in ${branch} of ${git.name} yet.`, {
        retryable: true,
      });
  }

  private toPullRequest(pull: GitHubPull, pushed?: PullRequestRequest): PullRequest {
    return {
      forge: this.id,
      number: pull.number,
      url: pull.html_url,
      title: pull.title,
      // GitHub stores line endings as they came from the last editor, which may be a browser.
      body: (pull.body ?? '').replaceAll('\r\n', '\n'),
      branch: pull.head.ref,
      base: pull.base.ref,
      // GitHub learns of a push a moment later; what was pushed is certain.
      headCommit: pushed?.headCommit ?? pull.head.sha,
      baseCommit: pushed?.baseCommit ?? pull.base.sha,
      state: pull.merged_at !== null ? 'merged' : pull.state,
    };
  }
}

function isNumber(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 1;
}

/** The commit a merged pull request became; undefined while it is open. @throws HumanError when another head was merged */
function mergedCommit(pull: GitHubPull, headCommit: string): string | undefined {
  if (pull.merged_at === null) return undefined;
  if (pull.head.sha !== headCommit) {
    throw new HumanError(
      `Pull request #${pull.number} was merged with ${pull.head.sha.slice(0, 8)}, not with ${headCommit.slice(0, 8)}: what was checked and approved is not what was merged.`,
    );
  }
  const commit = pull.merge_commit_sha;
  if (typeof commit !== 'string' || !isCommitId(commit))
    throw new VendorError('github', 'GitHub does not name the merge commit.', { retryable: true });
  return commit;
}

/** GitHub found that a branch moved while it merged; it says so for some seconds after each push to the base. */
function stillMoving({ number, base }: GitHubPull, error: VendorError): VendorError {
  return new VendorError('github', `Pull request #${number} could not be merged while ${base.ref} moves. ${error.message}`, {
    retryable: true,
    cause: error,
  });
}

/** What keeps it from being merged, and what to do (docs.github.com/graphql: MergeStateStatus has the same words). */
function whyNot(pull: GitHubPull, sha: string, error: VendorError): string {
  const named = `Pull request #${pull.number}`;
  if (pull.head.sha !== sha)
    return `${named} moved on to ${pull.head.sha.slice(0, 8)} since ${sha.slice(0, 8)} was checked: look at what came, then check and approve it anew.`;
  const said = error.message.replace(/^GitHub answered \d+: /, '');
  if (pull.mergeable === false || pull.mergeable_state === 'dirty')
    return `${named} conflicts with ${pull.base.ref}: bring the branch up to date. GitHub said: ${said}`;
  if (pull.mergeable_state === 'behind')
    return `${named} must first be brought up to date with ${pull.base.ref}. GitHub said: ${said}`;
  return `The rules of ${pull.base.ref} do not let pull request #${pull.number} be merged: ${said}`;
}
