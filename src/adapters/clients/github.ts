import type { Octokit } from '@octokit/rest';
import * as v from 'valibot';
import { CancelledError, HumanError, VendorError } from '../../core/errors';
import { isLoopback } from '../../core/git/remoteUrl';
import { githubError } from './githubError';

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
  /** Requests under the same name are paced together, as GitHub asks (1 s between writes); default: server and repository. */
  readonly paceAs?: string;
}

/** Longest that GitHub may make us wait before a second try, in seconds; beyond it the person is told instead. */
const longestWait = 60;

const pullSchema = v.object({
  number: v.number(),
  html_url: v.pipe(v.string(), v.url(), v.startsWith('http')),
  title: v.string(),
  body: v.nullable(v.string()),
  state: v.picklist(['open', 'closed']),
  merged_at: v.nullable(v.string()),
  head: v.object({ ref: v.string(), sha: v.string() }),
  base: v.object({ ref: v.string(), sha: v.string() }),
});

/** What we read of a pull request; checked, since a proxy or another product may answer in GitHub's place. */
export type GitHubPull = v.InferOutput<typeof pullSchema>;

export interface GitHubClient {
  /** The open pull requests of a branch of the repository itself. */
  listOpen(branch: string, signal?: AbortSignal): Promise<readonly GitHubPull[]>;
  /** Undefined when GitHub says that there is one for the branch already. */
  create(
    pull: { readonly title: string; readonly body: string; readonly head: string; readonly base: string },
    signal?: AbortSignal,
  ): Promise<GitHubPull | undefined>;
  update(
    number: number,
    change: { readonly title: string; readonly body: string; readonly base: string },
    signal?: AbortSignal,
  ): Promise<GitHubPull>;
  get(number: number, signal?: AbortSignal): Promise<GitHubPull | undefined>;
}

/**
 * The one file that knows Octokit, loaded on first use, with its plugins for retries (network, 5xx) and for GitHub's rate limits.
 * Every request has a time-out; waits end when the task is cancelled.
 *
 * @throws HumanError when the address would carry the token unencrypted.
 */
export async function createGitHubClient(options: GitHubClientOptions): Promise<GitHubClient> {
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
  const octokit = new (Octokit.plugin(retry, throttling))({
    auth: options.token,
    baseUrl: options.apiUrl.replace(/\/+$/, ''),
    userAgent: 'patchline',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: timedFetch(options.timeoutMs ?? 20_000) },
    retry: { retries: 2, retryAfterBaseValue: options.secondMs ?? 1000 },
    throttle: {
      id: options.paceAs ?? `${address.host}/${options.owner}/${options.repo}`,
      retryAfterBaseValue: options.secondMs ?? 1000,
      onRateLimit: mayWait,
      onSecondaryRateLimit: mayWait,
    },
  });
  return new OctokitClient(octokit, options);
}

class OctokitClient implements GitHubClient {
  private readonly repository: { readonly owner: string; readonly repo: string };

  constructor(
    private readonly octokit: Octokit,
    private readonly options: GitHubClientOptions,
  ) {
    this.repository = { owner: options.owner, repo: options.repo };
  }

  async listOpen(branch: string, signal?: AbortSignal): Promise<readonly GitHubPull[]> {
    const head = `${this.options.owner}:${branch}`;
    const pulls = await this.call(signal, (request) =>
      this.octokit.rest.pulls.list({ ...this.repository, state: 'open', head, per_page: 100, request }),
    );
    if (!Array.isArray(pulls))
      throw new VendorError('github', 'GitHub answered with something that is no list.', { retryable: false });
    // `head` is a filter that GitHub ignores when it does not understand it: then every open pull request comes back.
    return pulls.map(checked).filter((pull) => pull.head.ref === branch);
  }

  async create(
    pull: { readonly title: string; readonly body: string; readonly head: string; readonly base: string },
    signal?: AbortSignal,
  ): Promise<GitHubPull | undefined> {
    try {
      return checked(
        await this.call(signal, (request) => this.octokit.rest.pulls.create({ ...this.repository, ...pull, request })),
      );
    } catch (error) {
      // Also after a retry: the first try may have arrived although its answer did not.
      if (error instanceof HumanError && /a pull request already exists/i.test(error.message)) return undefined;
      throw error;
    }
  }

  async update(
    number: number,
    change: { readonly title: string; readonly body: string; readonly base: string },
    signal?: AbortSignal,
  ): Promise<GitHubPull> {
    return checked(
      await this.call(signal, (request) =>
        this.octokit.rest.pulls.update({ ...this.repository, pull_number: number, ...change, request }),
      ),
    );
  }

  async get(number: number, signal?: AbortSignal): Promise<GitHubPull | undefined> {
    const found = await this.call(
      signal,
      (request) => this.octokit.rest.pulls.get({ ...this.repository, pull_number: number, request }),
      [404],
    );
    return found === undefined ? undefined : checked(found);
  }

  /** One call; undefined for the statuses that mean "not there". Errors come out as ours, without the token. */
  private async call(
    signal: AbortSignal | undefined,
    act: (request: { signal: AbortSignal } | Record<string, never>) => Promise<{ readonly data: unknown }>,
    absent: readonly number[] = [],
  ): Promise<unknown> {
    if (signal?.aborted) throw new CancelledError();
    let onAbort: (() => void) | undefined;
    const cancelled = new Promise<never>((_, reject) => {
      onAbort = (): void => reject(new CancelledError());
      signal?.addEventListener('abort', onAbort, { once: true });
    });
    try {
      // The plugins' waits know no signal, so the task does not wait for them.
      const { data } = await Promise.race([act(signal === undefined ? {} : { signal }), cancelled]);
      return data;
    } catch (error) {
      if (signal?.aborted) throw new CancelledError();
      const status = (error as { status?: unknown }).status;
      if (typeof status === 'number' && absent.includes(status)) return undefined;
      throw githubError(error, this.options);
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort);
    }
  }
}

function checked(data: unknown): GitHubPull {
  const parsed = v.safeParse(pullSchema, data);
  if (parsed.success) return parsed.output;
  throw new VendorError('github', `GitHub answered in a form that is not its own: ${v.summarize(parsed.issues).slice(0, 300)}`, {
    retryable: false,
  });
}

/** Node's fetch has no time-out of its own worth the name; this one covers connection, headers and body. */
function timedFetch(timeoutMs: number): typeof fetch {
  return async (input, init) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    try {
      return await fetch(input, { ...init, signal });
    } catch (error) {
      if (!timeout.aborted) throw error;
      // Without a cause: Octokit would show that in place of the message.
      throw new TypeError(`no answer within ${timeoutMs} ms`);
    }
  };
}
