import { randomUUID } from 'node:crypto';
import type { Octokit } from '@octokit/rest';
import * as v from 'valibot';
import { CancelledError, HumanError, VendorError } from '../../core/errors';
import { isLoopback } from '../../core/git/remoteUrl';
import { githubError } from './githubError';
import { createGitHubFetch, gitHubHost, refuseWhileBlocked } from './githubFetch';
import type { GitHubHost } from './githubFetch';
import { createHttp } from './http';

export interface GitHubClientOptions {
  /** `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly token: string;
  readonly owner: string;
  readonly repo: string;
  /** Milliseconds for one request; default 20,000. */
  readonly timeoutMs?: number;
  /** Milliseconds that one step of waiting takes, both for back-off and for GitHub's own `retry-after` seconds; for tests. */
  readonly secondMs?: number;
  /** Clients of the same name share turns, kept answers and pauses, as GitHub asks of one user's programs; default: the server. */
  readonly paceAs?: string;
  /** False leaves out the second between two writes; for tests. */
  readonly paceWrites?: boolean;
}

/** What one request needs beside its parameters. */
export interface GitHubCall {
  readonly signal?: AbortSignal | undefined;
  /** What GitHub may refuse, for people: `the review`. */
  readonly what?: string;
  /** The right it takes, for people: `"Deployments" with write access`. */
  readonly needs?: string;
  /** False: never sent again by itself, since a first try whose answer was lost may have been carried out. */
  readonly again?: boolean;
}

type Act = (
  octokit: Octokit,
  request: { readonly signal?: AbortSignal; readonly retries?: number; readonly redirect?: 'manual' },
) => Promise<{ readonly status: number; readonly data: unknown; readonly headers: Readonly<Record<string, unknown>> }>;

/** Requests about one repository, in the name of one person; every answer is checked, every error is ours and without the token. */
export interface GitHubApi {
  readonly repository: { readonly owner: string; readonly repo: string };
  readonly host: GitHubHost;
  /** @throws HumanError, VendorError as githubError says; VendorError when the answer is not as GitHub's own */
  call<T>(schema: v.GenericSchema<unknown, T>, act: Act, call?: GitHubCall): Promise<T>;
  /** Like `call`; undefined for the given statuses, which then mean "not there" or "not for you". */
  find<T>(schema: v.GenericSchema<unknown, T>, absent: readonly number[], act: Act, call?: GitHubCall): Promise<T | undefined>;
  /** All pages of a list, at most 3,000 items. @throws VendorError when there are more */
  list<T>(
    schema: v.GenericSchema<unknown, readonly T[]>,
    act: (octokit: Octokit, request: object, page: { readonly per_page: number; readonly page: number }) => ReturnType<Act>,
    call?: GitHubCall,
  ): Promise<readonly T[]>;
  /**
   * What GitHub redirects to (logs, archives), which lies on another host: the token is not sent there. Undefined when it is
   * not there (404) or not any more (410). @throws VendorError when it is larger than `maxBytes`
   */
  download(act: Act, maxBytes: number, call?: GitHubCall): Promise<Uint8Array | undefined>;
}

/** Longest that GitHub may make us wait before a second try, in seconds; beyond it the person is told instead. */
const longestWait = 60;
const pageSize = 100;
const maxPages = 30;

/**
 * The one file that knows Octokit, loaded on first use, with its plugins for retries (network, 5xx) and for GitHub's rate limits.
 * Every request has a time-out; waits end when the task is cancelled.
 *
 * @throws HumanError when the address would carry the token unencrypted.
 */
export async function createGitHubApi(options: GitHubClientOptions): Promise<GitHubApi> {
  const address = URL.canParse(options.apiUrl) ? new URL(options.apiUrl) : undefined;
  if (!address || (address.protocol !== 'https:' && !(address.protocol === 'http:' && isLoopback(address.hostname)))) {
    throw new HumanError(`The address of the GitHub API must begin with https:// (it is ${JSON.stringify(options.apiUrl)}).`);
  }
  const [{ Octokit }, { retry }, { throttling }] = await Promise.all([
    import('@octokit/rest'),
    import('@octokit/plugin-retry'),
    import('@octokit/plugin-throttling'),
  ]);
  const silent = (): void => undefined;
  const mayWait = (seconds: number, _options: unknown, _octokit: unknown, retryCount: number): boolean =>
    retryCount < 2 && seconds <= longestWait;
  const pace = options.paceAs ?? address.host;
  const host = gitHubHost(pace);
  const secondMs = options.secondMs ?? 1000;
  const octokit = new (Octokit.plugin(retry, throttling))({
    auth: options.token,
    baseUrl: options.apiUrl.replace(/\/+$/, ''),
    userAgent: 'patchline',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: createGitHubFetch(host, { timeoutMs: options.timeoutMs ?? 20_000, secondMs, token: options.token }) },
    // A no (405 and 409 of a merge among them) is no failure that passes; 429 is the throttling plugin's.
    retry: { retries: 2, retryAfterBaseValue: secondMs, doNotRetry: [400, 401, 403, 404, 405, 409, 410, 422, 429, 451] },
    throttle: {
      id: options.paceWrites === false ? randomUUID() : pace,
      retryAfterBaseValue: secondMs,
      onRateLimit: mayWait,
      onSecondaryRateLimit: mayWait,
    },
  });
  return new OctokitApi(octokit, options, host, isLoopback(address.hostname));
}

class OctokitApi implements GitHubApi {
  readonly repository: { readonly owner: string; readonly repo: string };

  constructor(
    private readonly octokit: Octokit,
    private readonly options: GitHubClientOptions,
    readonly host: GitHubHost,
    private readonly onLoopback: boolean,
  ) {
    this.repository = { owner: options.owner, repo: options.repo };
  }

  async call<T>(schema: v.GenericSchema<unknown, T>, act: Act, call: GitHubCall = {}): Promise<T> {
    return checked(schema, (await this.send(act, call)).data);
  }

  async find<T>(
    schema: v.GenericSchema<unknown, T>,
    absent: readonly number[],
    act: Act,
    call: GitHubCall = {},
  ): Promise<T | undefined> {
    const found = await this.send(act, call, absent);
    return absent.includes(found.status) ? undefined : checked(schema, found.data);
  }

  async list<T>(
    schema: v.GenericSchema<unknown, readonly T[]>,
    act: (octokit: Octokit, request: object, page: { readonly per_page: number; readonly page: number }) => ReturnType<Act>,
    call: GitHubCall = {},
  ): Promise<readonly T[]> {
    const items: T[] = [];
    for (let page = 1; page <= maxPages; page++) {
      const { data } = await this.send((octokit, request) => act(octokit, request, { per_page: pageSize, page }), call);
      const part = checked(schema, data);
      items.push(...part);
      if (part.length < pageSize) return items;
    }
    throw new VendorError('github', `GitHub lists more than ${maxPages * pageSize} items, which is more than is read.`);
  }

  async download(act: Act, maxBytes: number, call: GitHubCall = {}): Promise<Uint8Array | undefined> {
    const absent = [404, 410];
    const answer = await this.send((octokit, request) => act(octokit, { ...request, redirect: 'manual' }), call, absent);
    if (absent.includes(answer.status)) return undefined;
    const location = answer.headers['location'];
    if (typeof location !== 'string' || !this.mayFollow(location))
      throw new VendorError('github', 'GitHub did not say where the file lies, or named an address that is not taken.');
    // The address carries its own short-lived signature, so it stands in no error either: http shows none of the query.
    const http = createHttp({ vendor: 'GitHub' });
    const { status, body } = await http.send({ url: location, maxBytes, signal: call.signal, timeoutMs: 120_000 });
    if (absent.includes(status)) return undefined;
    if (status !== 200)
      throw new VendorError('github', `GitHub’s file store answered ${status}.`, { status, retryable: status >= 500 });
    return body;
  }

  private mayFollow(location: string): boolean {
    if (!URL.canParse(location)) return false;
    const { protocol, hostname } = new URL(location);
    return protocol === 'https:' || (this.onLoopback && protocol === 'http:' && isLoopback(hostname));
  }

  /** One request; for the statuses in `absent` an answer with that status. Errors come out as ours, without the token. */
  private async send(act: Act, call: GitHubCall, absent: readonly number[] = []): ReturnType<Act> {
    const { signal } = call;
    if (signal?.aborted) throw new CancelledError();
    refuseWhileBlocked(this.host);
    let onAbort: (() => void) | undefined;
    const cancelled = new Promise<never>((_, reject) => {
      onAbort = (): void => reject(new CancelledError());
      signal?.addEventListener('abort', onAbort, { once: true });
    });
    try {
      const request = { ...(signal === undefined ? {} : { signal }), ...(call.again === false ? { retries: 0 } : {}) };
      // The plugins' waits know no signal, so the task does not wait for them.
      return await Promise.race([act(this.octokit, request), cancelled]);
    } catch (error) {
      if (signal?.aborted) throw new CancelledError();
      const { status, response } = error as { status?: unknown; response?: unknown };
      // Without a response the status is Octokit's own for "no answer".
      if (typeof status === 'number' && response !== undefined && absent.includes(status))
        return { status, data: undefined, headers: {} };
      throw githubError(error, { ...this.options, ...call });
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort);
    }
  }
}

/** The answer as its schema has it; checked, since a proxy or another product may answer in GitHub's place. */
function checked<T>(schema: v.GenericSchema<unknown, T>, data: unknown): T {
  const parsed = v.safeParse(schema, data);
  if (parsed.success) return parsed.output;
  throw new VendorError('github', `GitHub answered in a form that is not its own: ${v.summarize(parsed.issues).slice(0, 300)}`, {
    retryable: false,
  });
}
