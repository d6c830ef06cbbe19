import { HumanError } from '../../core/errors';
import { parseRemoteUrl, parseRepositoryName } from '../../core/git/remoteUrl';
import type { RemoteRepository } from '../../core/git/remoteUrl';
import { runGit } from './git';
import { createGitHubApi } from './github';
import type { GitHubApi } from './github';

/** What every adapter that speaks to GitHub is told. */
export interface GitHubConnectionOptions {
  /** A folder in the repository whose remote says which one it is at GitHub. */
  readonly root: string;
  /** `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  /** Asked anew for each operation; undefined when the person is not signed in. */
  readonly token: () => Promise<string | undefined>;
  /** `owner/name` from the policy, or what reads it for each operation; else the remote `origin`, or the only one, says it. */
  readonly repository?: string | (() => Promise<string | undefined>) | undefined;
  readonly timeoutMs?: number;
  /** See GitHubClientOptions; for tests. */
  readonly secondMs?: number;
  readonly paceAs?: string;
  readonly paceWrites?: boolean;
}

export interface GitHubConnection {
  readonly api: GitHubApi;
  /** How git reaches the same repository over https with the same token. */
  readonly git: { readonly remote: string; readonly name: string; readonly env: Readonly<Record<string, string>> };
}

/**
 * The repository at GitHub in the name of the person who is signed in.
 * @throws HumanError when there is no token, or when it is not clear which repository is meant
 */
export async function connectGitHub(options: GitHubConnectionOptions, signal?: AbortSignal): Promise<GitHubConnection> {
  const { apiUrl, timeoutMs, secondMs, paceAs, paceWrites } = options;
  const token = await options.token();
  if (token === undefined || token === '')
    throw new HumanError('There is no GitHub token: sign in to GitHub, or set GITHUB_TOKEN.');
  if (/[^\x21-\x7e]/.test(token)) throw new HumanError('The GitHub token holds characters that no token has: copy it anew.');
  const { owner, name } = await whichRepository(options, signal);
  const api = await createGitHubApi({
    apiUrl,
    token,
    owner,
    repo: name,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(secondMs === undefined ? {} : { secondMs }),
    ...(paceAs === undefined ? {} : { paceAs }),
    ...(paceWrites === undefined ? {} : { paceWrites }),
  });
  const origin = gitOrigin(apiUrl);
  const git = {
    remote: `${origin}/${owner}/${name}.git`,
    name: `${owner}/${name}`,
    env: gitCredentials(origin, token),
  };
  return { api, git };
}

async function whichRepository(
  options: GitHubConnectionOptions,
  signal: AbortSignal | undefined,
): Promise<Omit<RemoteRepository, 'host'>> {
  const repository = typeof options.repository === 'function' ? await options.repository() : options.repository;
  if (repository !== undefined) {
    const named = parseRepositoryName(repository);
    if (!named) throw new HumanError(`"forge.repository" must read owner/name (it is ${JSON.stringify(repository)}).`);
    return named;
  }
  const remote = await readRemote(options.root, signal);
  if (!remote) throw new HumanError('The repository has no remote: add one, or name "forge.repository" in .patchline.json.');
  if ('refused' in remote) throw new HumanError(`The remote cannot be used: ${remote.refused}.`);
  const host = new URL(gitOrigin(options.apiUrl)).host;
  // An ssh address has no http port, so the port of the server is not compared with it.
  if (remote.host !== host && remote.host !== host.replace(/:\d+$/, '')) {
    throw new HumanError(
      `The remote lies on ${remote.host}, but GitHub is set to ${host}. Set the address of its API, or name "forge.repository".`,
    );
  }
  return remote;
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
