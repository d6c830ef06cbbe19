import { createHash } from 'node:crypto';
import { CancelledError, VendorError } from '../../core/errors';
import { readBody } from './http';

/** An answer with an ETag, kept so that asking again costs nothing of the rate limit when it has not changed. */
interface KeptAnswer {
  readonly etag: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  /** Milliseconds since the epoch before which GitHub does not want to be asked again (`x-poll-interval`). */
  notBefore: number;
}

/** What all clients of one server share in this process: turns, answers, and how long GitHub wants to be left alone. */
export interface GitHubHost {
  readonly turns: { read: Promise<void>; write: Promise<void> };
  readonly kept: Map<string, KeptAnswer>;
  keptBytes: number;
  /** Milliseconds since the epoch. */
  blockedUntil: number;
  /** Refusals in a row that did not say how long to wait. */
  refusals: number;
  /** For what is dear to fetch and never changes under its id (artifacts); bounded by whoever fills it. */
  readonly lasting: Map<string, unknown>;
}

/** Bounds of the memory for answers: entries, bytes of all, bytes of one. */
const keptLimit = { entries: 400, bytes: 16 * 1024 * 1024, each: 2 * 1024 * 1024 };
const maxAnswerBytes = 32 * 1024 * 1024;
/** Statuses whose answer has no body (fetch standard, "null body status"). */
const bodiless = new Set([204, 205, 304]);

/** Seconds; the limits of a whole hour are the longest that GitHub has. What asks for more is not GitHub, or its clock is wrong. */
const longestBlock = 3600;

const hosts = new Map<string, GitHubHost>();

/** The shared state of a server, by name; made on first use. */
export function gitHubHost(name: string): GitHubHost {
  let host = hosts.get(name);
  if (host === undefined) {
    host = {
      turns: { read: Promise.resolve(), write: Promise.resolve() },
      kept: new Map(),
      keptBytes: 0,
      blockedUntil: 0,
      refusals: 0,
      lasting: new Map(),
    };
    hosts.set(name, host);
  }
  return host;
}

/**
 * A fetch as GitHub asks for it (docs.github.com/rest: best practices, rate limits): one read and one write at a time; an
 * answer with an ETag is asked for with If-None-Match and a 304 becomes the answer kept from before; `x-poll-interval` is
 * obeyed; nothing is sent while GitHub wants to be left alone. The time-out covers connection, headers and body.
 *
 * @param options.secondMs - milliseconds that one of GitHub's seconds takes; 1000 outside of tests
 */
export function createGitHubFetch(
  host: GitHubHost,
  options: { readonly timeoutMs: number; readonly secondMs: number; readonly token: string },
): typeof fetch {
  // Another person's answers are another's: what a token may see is part of the answer.
  const reader = createHash('sha256').update(options.token).digest('hex').slice(0, 16);
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const reading = (init?.method ?? 'GET') === 'GET';
    const signal = init?.signal ?? undefined;
    return inTurn(host.turns, reading ? 'read' : 'write', signal, async () => {
      await waitOrRefuse(host, options.secondMs);
      const headers = new Headers(init?.headers);
      const key = `${reader} ${headers.get('accept') ?? ''} ${url}`;
      const kept = reading ? host.kept.get(key) : undefined;
      if (kept !== undefined && Date.now() < kept.notBefore) return renew(kept);
      if (kept !== undefined) headers.set('if-none-match', kept.etag);
      const { response, body } = await timed(options.timeoutMs, signal, async (limited) => {
        const answer = await fetch(url, { ...init, headers, signal: limited });
        return { response: answer, body: await readBody('GitHub', new URL(url), answer, maxAnswerBytes) };
      });
      noteLimits(host, response, body, options.secondMs);
      if (response.status === 304 && kept !== undefined) {
        kept.notBefore = pollAgain(response, options.secondMs);
        host.kept.delete(key);
        host.kept.set(key, kept);
        return renew(kept);
      }
      if (reading && response.status === 200) keep(host, key, response, body, options.secondMs);
      const { status, statusText } = response;
      const content = bodiless.has(status) || body.byteLength === 0 ? null : (body as BodyInit);
      return new Response(content, { status, statusText, headers: response.headers });
    });
  };
}

/**
 * How long GitHub still wants to be left alone.
 * @throws VendorError naming the instant; retryable
 */
export function refuseWhileBlocked(host: GitHubHost, toleranceMs = 0): void {
  if (host.blockedUntil <= Date.now() + toleranceMs) return;
  const until = new Date(host.blockedUntil).toISOString();
  throw new VendorError('github', `GitHub asks to wait until ${until}: its rate limit is used up.`, {
    status: 429,
    retryable: true,
  });
}

/** The plugins' own waits end about when the block does: what is left of it is waited for, more than that is refused. */
async function waitOrRefuse(host: GitHubHost, secondMs: number): Promise<void> {
  refuseWhileBlocked(host, 2 * secondMs);
  const left = host.blockedUntil - Date.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

async function inTurn<T>(
  turns: GitHubHost['turns'],
  lane: 'read' | 'write',
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const before = turns[lane];
  let done: () => void = () => undefined;
  turns[lane] = new Promise((resolve) => (done = resolve));
  await before;
  try {
    if (signal?.aborted) throw new CancelledError();
    return await work();
  } finally {
    done();
  }
}

async function timed<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await work(signal ? AbortSignal.any([signal, timeout]) : timeout);
  } catch (error) {
    if (!timeout.aborted) throw error;
    // Without a cause: Octokit would show that in place of the message.
    throw new TypeError(`no answer within ${timeoutMs} ms`);
  }
}

/**
 * docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api: retry-after where it is given, else the reset time where
 * nothing remains, else at least a minute, longer each time.
 */
function noteLimits(host: GitHubHost, response: Response, body: Uint8Array, secondMs: number): void {
  const refused = response.status === 403 || response.status === 429;
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  const block = (seconds: number): void => {
    host.blockedUntil = Math.max(host.blockedUntil, Date.now() + Math.min(seconds, longestBlock) * secondMs);
  };
  if (refused && Number.isFinite(wait)) block(wait);
  else if (response.headers.get('x-ratelimit-remaining') === '0') {
    const reset = Number(response.headers.get('x-ratelimit-reset') ?? Number.NaN);
    // By the server's own clock where it tells it: ours may be wrong by hours.
    const now = Date.parse(response.headers.get('date') ?? '');
    if (Number.isFinite(reset)) block(Math.max(0, reset - (Number.isNaN(now) ? Date.now() : now) / 1000));
  } else if (response.status === 429 || (refused && /secondary rate limit|abuse/i.test(new TextDecoder().decode(body)))) {
    block(60 * 2 ** Math.min(host.refusals, 5));
    host.refusals++;
  } else if (response.status < 400) host.refusals = 0;
}

function keep(host: GitHubHost, key: string, response: Response, body: Uint8Array, secondMs: number): void {
  const drop = (old: string): void => {
    host.keptBytes -= host.kept.get(old)?.body.byteLength ?? 0;
    host.kept.delete(old);
  };
  drop(key);
  const etag = response.headers.get('etag');
  if (etag === null || body.byteLength > keptLimit.each) return;
  host.kept.set(key, { etag, headers: [...response.headers], body, notBefore: pollAgain(response, secondMs) });
  host.keptBytes += body.byteLength;
  // A map keeps the order of insertion: its first key is the one that was not asked for longest.
  for (const oldest of host.kept.keys()) {
    if (host.kept.size <= keptLimit.entries && host.keptBytes <= keptLimit.bytes) break;
    drop(oldest);
  }
}

function renew(kept: KeptAnswer): Response {
  return new Response(kept.body as BodyInit, { status: 200, headers: Object.fromEntries(kept.headers) });
}

function pollAgain(response: Response, secondMs: number): number {
  const seconds = Number(response.headers.get('x-poll-interval') ?? 0);
  return Number.isFinite(seconds) ? Date.now() + Math.min(seconds, 600) * secondMs : 0;
}
