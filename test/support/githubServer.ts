import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveGit } from './gitHttpBackend';
import { GitHubDelivery, deliveryOperations } from './githubDelivery';
import type { Answer } from './githubDelivery';
import { emptyBareRepository } from './gitRepo';
import type { TestRepo } from './gitRepo';
import { OpenApi } from './openApi';

/** What the next request of an operation gets instead of an answer. */
export interface Fault {
  /** OpenAPI operation id, e.g. `pulls/create`. */
  readonly operation: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is, in place of `body`: what is no JSON. */
  readonly raw?: string;
  /** Cut the connection: before anything is done, or after it was done but before the answer. */
  readonly cut?: 'before' | 'after';
  readonly delayMs?: number;
  /** Runs before the request is handled: somebody else was quicker. */
  readonly first?: () => void;
}

export interface Call {
  readonly operation: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
  /** True when the answer was 304: it cost nothing of the rate limit. */
  unchanged: boolean;
}

interface Pull {
  readonly number: number;
  title: string;
  body: string;
  base: string;
  readonly head: string;
  readonly baseSha: string;
  state: 'open' | 'closed';
  merged: boolean;
  mergeCommit?: string;
  /** Merge with the base that GitHub made to test it; the head by default. */
  testMerge?: string;
  mergeableState?: string;
  /** In place of where the branch stands. */
  headSha?: string;
  isOfFork?: true;
}

const operationIds = [
  'pulls/list',
  'pulls/create',
  'pulls/get',
  'pulls/update',
  'pulls/merge',
  'repos/get-branch',
  ...deliveryOperations,
  'teams/list-members-in-org',
] as const;
/** Loading GitHub's description takes a quarter of a second: once for all tests. */
let description: OpenApi | undefined;

/**
 * GitHub on loopback: one repository, its pull requests over REST as a GitHub Enterprise Server serves them (`/api/v3`), and its
 * git over smart HTTP. Every request we get and every answer we give is checked against GitHub's own OpenAPI description;
 * what does not fit is kept in `violations` and answered with 599.
 */
export class GitHubServer {
  readonly owner = 'octo-org';
  readonly name = 'orders';
  readonly token = '0123secret89abcdef0123secret89abcdef01234567';
  readonly violations: string[] = [];
  readonly calls: Call[] = [];
  readonly faults: Fault[] = [];
  /** Logins by `org/team`; a team that is not here is not shown. */
  readonly teams = new Map<string, readonly string[]>();
  /** Checks, reviews and deployments. */
  readonly delivery: GitHubDelivery;
  /** Refuses ways of merging that the repository's settings allow, as rules of a branch do. */
  readonly forbiddenMerges = new Set<string>();
  /** The rules of the base branch let nothing in, with these words. */
  blocked: string | undefined;
  readonly bare: string;
  /** Told when a request of the API begins and when it has been answered. */
  onRequest: ((begun: boolean) => void) | undefined;
  private readonly folder: string;
  private readonly pulls: Pull[] = [];
  private readonly api: OpenApi;
  private readonly server: Server;
  /** Another host, where logs and archives lie: a token must never come here. */
  private readonly store: Server;

  private constructor() {
    this.api = description ??= OpenApi.forGitHub(operationIds);
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'patchline-github-')));
    this.bare = join(this.folder, this.owner, `${this.name}.git`);
    cpSync(emptyBareRepository(), this.bare, { recursive: true });
    this.server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => {
        this.violations.push(String(error));
        response.destroy();
      });
    });
    this.delivery = new GitHubDelivery(
      this.api,
      () => `http://127.0.0.1:${(this.store.address() as AddressInfo).port}`,
      (ref) => this.sha(ref),
    );
    this.store = createServer((request, response) => {
      if (request.headers.authorization !== undefined) this.violations.push('the token was sent to another host');
      const file = this.delivery.file(new URL(request.url ?? '/', 'http://store').pathname);
      response.writeHead(file === undefined ? 404 : 200).end(file);
    });
  }

  static async start(): Promise<GitHubServer> {
    const server = new GitHubServer();
    for (const each of [server.server, server.store]) {
      // On a busy machine a test may pause for longer than Node keeps an idle connection; a cut one is a fault that tests ask for.
      each.keepAliveTimeout = 120_000;
    }
    for (const each of [server.server, server.store]) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
    return server;
  }

  async stop(): Promise<void> {
    for (const each of [this.server, this.store]) {
      each.closeAllConnections();
      await new Promise((resolve) => each.close(resolve));
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get apiUrl(): string {
    return `${this.origin}/api/v3`;
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.bare, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  /** What is there from the beginning: these branches, at the commit that the repository's `main` stands at. */
  seed(repo: TestRepo, ...branches: readonly string[]): void {
    repo.copyMainTo(this.bare, branches);
  }

  /** As somebody else would do it in the browser. */
  openPull(head: string, base: string, title: string): number {
    const number = this.pulls.length + 1;
    this.pulls.push({ number, title, body: '', base, head, baseSha: this.sha(base) ?? '', state: 'open', merged: false });
    return number;
  }

  settlePull(number: number, how: 'merged' | 'closed'): void {
    const pull = this.pulls[number - 1];
    if (!pull) throw new Error(`no pull request ${number}`);
    pull.state = 'closed';
    pull.merged = how === 'merged';
    pull.headSha ??= this.sha(pull.head) ?? pull.baseSha;
  }

  /** As somebody else, or the API, does it: the commit is really made. */
  mergePull(number: number): string {
    const pull = this.pull(number);
    pull.mergeCommit = this.mergeInGit(pull);
    this.settlePull(number, 'merged');
    return pull.mergeCommit;
  }

  pull(number: number): Pull {
    const pull = this.pulls[number - 1];
    if (!pull) throw new Error(`no pull request ${number}`);
    return pull;
  }

  /** What GitHub does in its own repository. */
  private conflicts(pull: Pull): boolean {
    const [base, head] = [this.sha(pull.base), this.sha(pull.head)];
    if (base === undefined || head === undefined) return false;
    return spawnSync('git', ['-C', this.bare, 'merge-tree', '--write-tree', base, head]).status === 1;
  }

  private mergeInGit(pull: Pull): string {
    const [base, head] = [this.sha(pull.base) ?? '', this.sha(pull.head) ?? ''];
    const tree = this.git('merge-tree', '--write-tree', base, head).split('\n')[0] ?? '';
    const as = ['-c', 'user.name=GitHub', '-c', 'user.email=noreply@github.example'];
    const commit = this.git(...as, 'commit-tree', tree, '-p', base, '-p', head, '-m', `Merge pull request #${pull.number}`);
    this.git('update-ref', `refs/heads/${pull.base}`, commit);
    return commit;
  }

  private sha(branch: string): string | undefined {
    // In a file of its own unless git has tidied up: asked at every request, and a process takes longer than all else here.
    const loose = join(this.bare, 'refs/heads', branch);
    if (existsSync(loose)) return readFileSync(loose, 'utf8').trim();
    const listed = this.git('for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`);
    return listed === '' ? undefined : listed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    if (/^\/[^/]+\/[^/]+\.git\//.test(url.pathname)) {
      const basic = `Basic ${Buffer.from(`x-access-token:${this.token}`).toString('base64')}`;
      if (request.headers.authorization !== basic) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end();
        return;
      }
      if (!url.pathname.startsWith(`/${this.owner}/${this.name}.git/`)) return void response.writeHead(404).end();
      return serveGit(this.folder, url.pathname, url.search.slice(1), request, response);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString('utf8');
    const body: unknown = raw === '' ? undefined : JSON.parse(raw);
    const path = url.pathname.replace(/^\/api\/v3/, '');
    const operation = this.api.match({ method: request.method ?? '', path, query: url.searchParams, body });
    const send = (status: number, data: unknown, headers: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(data));
    };
    if (!operation || !url.pathname.startsWith('/api/v3/')) {
      this.violations.push(`no such operation: ${request.method} ${url.pathname}`);
      return send(599, {});
    }
    const call: Call = { operation: operation.id, authorization: request.headers.authorization, body, unchanged: false };
    this.calls.push(call);
    this.onRequest?.(true);
    response.once('finish', () => this.onRequest?.(false));
    if (operation.problems.length > 0) {
      this.violations.push(`${operation.id}: ${operation.problems.join('; ')}`);
      return send(599, { message: operation.problems.join('; ') });
    }
    const at = this.faults.findIndex((fault) => fault.operation === operation.id);
    const fault = at < 0 ? undefined : this.faults.splice(at, 1)[0];
    fault?.first?.();
    if (fault?.cut === 'before') return void request.socket.destroy();
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
    if (fault?.raw !== undefined)
      return void response
        .writeHead(fault.status ?? 200, { 'content-type': 'application/json', ...fault.headers })
        .end(fault.raw);
    if (fault?.status !== undefined) return send(fault.status, fault.body, fault.headers);
    const answer =
      request.headers.authorization === `token ${this.token}`
        ? this.answer(operation.id, operation.params, url.searchParams, (body ?? {}) as Record<string, string>)
        : { status: 401, data: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' } };
    if (fault?.cut === 'after') return void request.socket.destroy();
    // 401, 403 and 404 are answered to every operation, so the description does not repeat them for each.
    if (![401, 403, 404].includes(answer.status)) {
      const problems = this.api.responseProblems(operation.id, answer.status, answer.data);
      if (problems.length > 0) {
        this.violations.push(`our own answer to ${operation.id}: ${problems.join('; ')}`);
        return send(599, { message: problems.join('; ') });
      }
    }
    if (answer.location !== undefined) return void response.writeHead(answer.status, { location: answer.location }).end();
    if (request.method !== 'GET' || answer.status !== 200) return send(answer.status, answer.data);
    const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.data)).digest('hex')}"`;
    if (request.headers['if-none-match'] !== etag) return send(answer.status, answer.data, { etag });
    call.unchanged = true;
    response.writeHead(304, { etag }).end();
  }

  private answer(
    operation: string,
    params: Readonly<Record<string, string>>,
    query: URLSearchParams,
    body: Readonly<Record<string, string>>,
  ): Answer {
    const notFound = {
      status: 404,
      data: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' },
    };
    if (operation === 'teams/list-members-in-org') {
      const members = this.teams.get(`${params['org']}/${params['team_slug']}`);
      const from = (Number(query.get('page') ?? 1) - 1) * 100;
      const [user] = this.api.example('simple-user-items') as unknown as Record<string, unknown>[];
      const data = members?.slice(from, from + 100).map((login) => ({ ...user, login }));
      return data === undefined ? notFound : { status: 200, data };
    }
    if (params['owner'] !== this.owner || params['repo'] !== this.name) return notFound;
    const invalid = (message: string): { status: number; data: unknown } => ({
      status: 422,
      data: {
        message: 'Validation Failed',
        errors: [{ resource: 'PullRequest', code: 'custom', message }],
        documentation_url: 'https://docs.github.com/rest/pulls/pulls#create-a-pull-request',
        status: '422',
      },
    });
    const pull = this.pulls.find((each) => each.number === Number(params['pull_number']));
    switch (operation) {
      case 'pulls/list': {
        const wanted = this.pulls.filter(
          (each) =>
            (query.get('state') === 'all' || each.state === (query.get('state') ?? 'open')) &&
            (query.get('head') === null || query.get('head') === `${this.owner}:${each.head}`) &&
            (query.get('base') === null || query.get('base') === each.base),
        );
        return { status: 200, data: wanted.map((each) => this.render(each, false)) };
      }
      case 'pulls/get':
        return pull ? { status: 200, data: this.render(pull, true) } : notFound;
      case 'pulls/create': {
        const { head = '', base = '', title = '' } = body;
        if (this.sha(head) === undefined || this.sha(base) === undefined) return invalid('head or base is invalid');
        if (this.git('rev-list', '--count', `${base}..${head}`) === '0') return invalid(`No commits between ${base} and ${head}`);
        if (this.pulls.some((each) => each.head === head && each.state === 'open' && each.isOfFork !== true)) {
          return invalid(`A pull request already exists for ${this.owner}:${head}.`);
        }
        const created = this.pulls[this.openPull(head, base, title) - 1]!;
        created.body = body['body'] ?? '';
        return { status: 201, data: this.render(created, true) };
      }
      case 'pulls/update': {
        if (!pull) return notFound;
        Object.assign(pull, body);
        return { status: 200, data: this.render(pull, true) };
      }
      case 'pulls/merge': {
        if (!pull) return notFound;
        const no = (status: number, message: string): Answer => ({
          status,
          data: { message, documentation_url: 'https://docs.github.com/rest/pulls/pulls#merge-a-pull-request' },
        });
        if (pull.state === 'closed') return no(405, 'Pull Request is not mergeable');
        if (body['sha'] !== this.sha(pull.head)) return no(409, 'Head branch was modified. Review and try the merge again.');
        if (this.blocked !== undefined) return no(405, this.blocked);
        const words: Readonly<Record<string, string>> = {
          merge: 'Merge commits',
          squash: 'Squash merges',
          rebase: 'Rebase merges',
        };
        const method = body['merge_method'] ?? 'merge';
        if (this.forbiddenMerges.has(method) || this.delivery.forbiddenMerges.has(method))
          return no(405, `${words[method]} are not allowed on this repository.`);
        if (pull.mergeableState === 'dirty' || this.conflicts(pull)) return no(405, 'Pull Request has merge conflicts');
        return {
          status: 200,
          data: { sha: this.mergePull(pull.number), merged: true, message: 'Pull Request successfully merged' },
        };
      }
      case 'repos/get-branch': {
        const sha = this.sha(params['branch'] ?? '');
        const example = this.api.example('branch-get');
        if (sha === undefined) return notFound;
        const commit = { ...(example['commit'] as object), sha };
        return { status: 200, data: { ...example, name: params['branch'], commit, ...this.delivery.renderProtection() } };
      }
      default: {
        const answer = this.delivery.answer(operation, params, query, body as Record<string, unknown>, notFound);
        if (!answer) throw new Error(`no answer for ${operation}`);
        return answer;
      }
    }
  }

  /** GitHub's own example with our values in it. */
  private render(pull: Pull, full: boolean): Record<string, unknown> {
    const example = full
      ? this.api.example('pull-request')
      : (this.api.example('pull-request-simple-items') as unknown as Record<string, unknown>[])[0]!;
    const headSha = pull.headSha ?? this.sha(pull.head) ?? pull.baseSha;
    return {
      ...example,
      requested_teams: [], // GitHub's example of a team lacks what its own schema requires.
      number: pull.number,
      html_url: `${this.origin}/${this.owner}/${this.name}/pull/${pull.number}`,
      title: pull.title,
      body: pull.body,
      state: pull.state,
      merged_at: pull.merged ? '2026-01-05T08:00:00Z' : null,
      ...(full
        ? { merged: pull.merged, mergeable: pull.mergeableState !== 'dirty', mergeable_state: pull.mergeableState ?? 'clean' }
        : {}),
      merge_commit_sha: pull.mergeCommit ?? pull.testMerge ?? null,
      user: { ...(example['user'] as object), login: this.delivery.pullAuthor },
      head: {
        ...(example['head'] as object),
        repo: { ...(example['head'] as { repo: object }).repo, ...(pull.isOfFork === true ? { id: 2 } : {}) },
        ref: pull.head,
        label: `${this.owner}:${pull.head}`,
        sha: headSha,
      },
      base: { ...(example['base'] as object), ref: pull.base, label: `${this.owner}:${pull.base}`, sha: pull.baseSha },
    };
  }
}
