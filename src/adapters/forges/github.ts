import { HumanError, VendorError } from '../../core/errors';
import { parseRemoteUrl, parseRepositoryName } from '../../core/git/remoteUrl';
import type { RemoteRepository } from '../../core/git/remoteUrl';
import type { PullRequest } from '../../core/model/pullRequest';
import type { Forge, Provider, PullRequestRequest, Task } from '../../core/ports';
import { runGit } from '../clients/git';
import { createGitHubClient } from '../clients/github';
import type { GitHubClient, GitHubPull } from '../clients/github';
import { publishBranch } from '../clients/publishBranch';

export const githubForgeProvider: Provider = {
  id: 'github',
  displayName: 'GitHub',
  url: 'https://docs.github.com/rest/pulls/pulls',
  capabilities: ['pull-requests'],
};

export interface GitHubForgeOptions {
  /** A folder in the repository that is pushed from. */
  readonly root: string;
  /** `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  /** Asked anew for each operation; undefined when the person is not signed in. */
  readonly token: () => Promise<string | undefined>;
  /** `owner/name` from the policy; else the remote `origin`, or the only one, says it. */
  readonly repository?: string | undefined;
  readonly timeoutMs?: number;
  /** See GitHubClientOptions; for tests. */
  readonly secondMs?: number;
  readonly paceAs?: string;
}

/** Pull requests on GitHub and GitHub Enterprise Server. The branch is pushed by git over https with the same token. */
export function createGithubForge(options: GitHubForgeOptions): Forge {
  return new GitHubForge(options);
}

class GitHubForge implements Forge {
  readonly id = githubForgeProvider.id;
  readonly displayName = githubForgeProvider.displayName;
  readonly url = githubForgeProvider.url;
  readonly capabilities = githubForgeProvider.capabilities;

  constructor(private readonly options: GitHubForgeOptions) {}

  async openPullRequest(
    request: PullRequestRequest,
    task: Task = {},
  ): Promise<{ readonly pullRequest: PullRequest; readonly created: boolean }> {
    const { client, repository, token } = await this.connect(task.signal);
    const origin = gitOrigin(this.options.apiUrl);
    await publishBranch(
      this.options.root,
      {
        remote: `${origin}/${repository.owner}/${repository.name}.git`,
        name: `${repository.owner}/${repository.name}`,
        env: gitCredentials(origin, token),
        missingBase: 'refuse',
      },
      request,
      task,
    );
    task.onProgress?.('Opening the pull request');
    const { title, body, base } = request;
    const found = (await client.listOpen(request.branch, task.signal))[0];
    const created = found ? undefined : await client.create({ title, body, base, head: request.branch }, task.signal);
    if (created) return { pullRequest: this.toPullRequest(created, request), created: true };

    // Either it was there, or somebody was quicker than the list.
    const open = found ?? (await client.listOpen(request.branch, task.signal))[0];
    if (!open) {
      throw new VendorError('github', 'GitHub says that there is a pull request for the branch already, but lists none.', {
        retryable: true,
      });
    }
    const same = open.title === title && (open.body ?? '').replaceAll('\r\n', '\n') === body && open.base.ref === base;
    const current = same ? open : await client.update(open.number, { title, body, base }, task.signal);
    return { pullRequest: this.toPullRequest(current, request), created: false };
  }

  async readPullRequest(number: number, task: Task = {}): Promise<PullRequest | undefined> {
    if (!Number.isSafeInteger(number) || number < 1) return undefined;
    const { client } = await this.connect(task.signal);
    const pull = await client.get(number, task.signal);
    return pull && this.toPullRequest(pull);
  }

  private async connect(
    signal: AbortSignal | undefined,
  ): Promise<{ client: GitHubClient; repository: Omit<RemoteRepository, 'host'>; token: string }> {
    const { apiUrl, timeoutMs, secondMs, paceAs } = this.options;
    const token = await this.options.token();
    if (token === undefined || token === '')
      throw new HumanError('There is no GitHub token: sign in to GitHub, or set GITHUB_TOKEN.');
    if (/[^\x21-\x7e]/.test(token)) throw new HumanError('The GitHub token holds characters that no token has: copy it anew.');
    const repository = await this.repository(signal);
    const client = await createGitHubClient({
      apiUrl,
      token,
      owner: repository.owner,
      repo: repository.name,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(secondMs === undefined ? {} : { secondMs }),
      ...(paceAs === undefined ? {} : { paceAs }),
    });
    return { client, repository, token };
  }

  private async repository(signal: AbortSignal | undefined): Promise<Omit<RemoteRepository, 'host'>> {
    if (this.options.repository !== undefined) {
      const named = parseRepositoryName(this.options.repository);
      if (!named)
        throw new HumanError(`"forge.repository" must read owner/name (it is ${JSON.stringify(this.options.repository)}).`);
      return named;
    }
    const remote = await readRemote(this.options.root, signal);
    if (!remote) throw new HumanError('The repository has no remote: add one, or name "forge.repository" in .patchline.json.');
    if ('refused' in remote) throw new HumanError(`The remote cannot be used: ${remote.refused}.`);
    const host = new URL(gitOrigin(this.options.apiUrl)).host;
    // An ssh address has no http port, so the port of the server is not compared with it.
    if (remote.host !== host && remote.host !== host.replace(/:\d+$/, '')) {
      throw new HumanError(
        `The remote lies on ${remote.host}, but GitHub is set to ${host}. Set the address of its API, or name "forge.repository".`,
      );
    }
    return remote;
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

/** True when the repository's remote lies on the GitHub that the API address belongs to. Starts git, but reaches no network. */
export async function hasGitHubRemote(root: string, apiUrl: string, signal?: AbortSignal): Promise<boolean> {
  if (!URL.canParse(apiUrl)) return false;
  const remote = await readRemote(root, signal);
  return remote !== undefined && 'host' in remote && remote.host === new URL(gitOrigin(apiUrl)).host;
}

/** `origin`, or the first remote by name; undefined when there is none. */
async function readRemote(root: string, signal?: AbortSignal): Promise<ReturnType<typeof parseRemoteUrl> | undefined> {
  const { stdout } = await runGit(['config', '-z', '--get-regexp', '^remote\\..*\\.url$'], {
    cwd: root,
    signal,
    exitCodes: [0, 1],
  });
  const urls = new Map<string, string>();
  for (const record of stdout.split('\0')) {
    const [key = '', url = ''] = record.split('\n', 2);
    // The first address of a remote is the one that is fetched from.
    if (key !== '' && !urls.has(key)) urls.set(key, url);
  }
  const url = urls.get('remote.origin.url') ?? [...urls].sort(([a], [b]) => (a < b ? -1 : 1))[0]?.[1];
  return url === undefined ? undefined : parseRemoteUrl(url);
}

/** Where git talks to the server whose API this is: github.com for api.github.com, else the same host (and port). */
function gitOrigin(apiUrl: string): string {
  const url = new URL(apiUrl);
  return url.hostname === 'api.github.com' ? 'https://github.com' : url.origin;
}

/**
 * Git's own way to take settings from the environment (git-config(1), GIT_CONFIG_COUNT), so that the token stands in no
 * argument list and no file. The empty value drops headers that others set for the host (CI checkouts do); the empty helper
 * keeps git from asking another program when the token is refused.
 */
function gitCredentials(origin: string, token: string): Readonly<Record<string, string>> {
  const basic = Buffer.from(`x-access-token:${token}`, 'utf8').toString('base64');
  const settings: readonly (readonly [string, string])[] = [
    [`http.${origin}/.extraHeader`, ''],
    [`http.${origin}/.extraHeader`, `Authorization: Basic ${basic}`],
    ['credential.helper', ''],
  ];
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length), GIT_ASKPASS: '', SSH_ASKPASS: '' };
  settings.forEach(([key, value], i) => {
    env[`GIT_CONFIG_KEY_${i}`] = key;
    env[`GIT_CONFIG_VALUE_${i}`] = value;
  });
  return env;
}
