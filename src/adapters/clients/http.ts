import { CancelledError, VendorError, messageOf, throwIfCancelled } from '../../core/errors';

export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt, headers and body together; default 30,000. */
  readonly timeoutMs?: number;
  /** Further attempts after a failure that may pass; default 3 for GET, HEAD, PUT and DELETE, else 0. */
  readonly retries?: number;
  /** Largest body that is read, after decompression; default 64 MiB. */
  readonly maxBytes?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** True when the server said 304 and the body is the one kept from before. */
  readonly fromCache: boolean;
}

export interface CachedResponse {
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Where answers with an ETag are kept; the key holds address and Accept header. */
export interface HttpCache {
  get(key: string): Promise<CachedResponse | undefined>;
  set(key: string, response: CachedResponse): Promise<void>;
}

export interface HttpOptions {
  /** Named in errors: `npm registry`, `GitLab`. */
  readonly vendor: string;
  readonly cache?: HttpCache;
  /** For tests; default: the platform's fetch, which leaves proxies to Node. */
  readonly fetch?: typeof fetch;
  /** Waits between attempts; for tests. */
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Longest wait before the next attempt, in milliseconds; a server that asks for more gets no further attempt. */
  readonly maxWaitMs?: number;
}

/** The one way in which REST adapters reach the network: time-outs, retries with back-off, a size limit, an ETag cache. */
export interface Http {
  /**
   * The answer, whatever its status.
   * @throws VendorError when there was none (unreachable, timed out, too large); retryable where another try may help
   * @throws CancelledError when `signal` fired
   */
  send(request: HttpRequest): Promise<HttpResponse>;
  /**
   * The body of a 2xx answer as JSON, not yet checked against any schema.
   * @throws VendorError for other statuses and for what is no JSON
   */
  json(request: HttpRequest): Promise<unknown>;
}

/** Statuses after which the same request may succeed (RFC 9110 §15, RFC 6585 §4). */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);

export function createHttp(options: HttpOptions): Http {
  const { vendor, cache, sleep = wait, maxWaitMs = 30_000 } = options;

  async function send(request: HttpRequest): Promise<HttpResponse> {
    const method = request.method ?? 'GET';
    const url = checkedUrl(vendor, request.url);
    const retries = request.retries ?? (idempotent.has(method) ? 3 : 0);
    const key = `${request.url} ${request.headers?.['accept'] ?? ''}`;
    const cached = method === 'GET' ? await cache?.get(key) : undefined;
    for (let attempt = 0; ; attempt++) {
      throwIfCancelled(request.signal);
      let delay = backOff(attempt);
      try {
        const response = await once(url, method, request, cached);
        if (!passing.has(response.status) || attempt >= retries) {
          const etag = response.headers['etag'];
          if (method === 'GET' && response.status === 200 && etag !== undefined && !response.fromCache)
            await cache?.set(key, { etag, headers: response.headers, body: response.body });
          return response;
        }
        const asked = retryAfter(response.headers['retry-after']);
        if (asked !== undefined && asked > maxWaitMs) return response;
        delay = Math.max(delay, asked ?? 0);
      } catch (error) {
        if (request.signal?.aborted) throw new CancelledError();
        const failure = asVendorError(vendor, url, error);
        if (!failure.options.retryable || attempt >= retries) throw failure;
      }
      await sleep(Math.min(delay, maxWaitMs), request.signal);
    }
  }

  async function once(url: URL, method: string, request: HttpRequest, cached: CachedResponse | undefined): Promise<HttpResponse> {
    const timeout = AbortSignal.timeout(request.timeoutMs ?? 30_000);
    const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
    const { address, authorization } = withoutCredentials(url);
    const response = await (options.fetch ?? fetch)(address, {
      method,
      headers: { ...authorization, ...request.headers, ...(cached === undefined ? {} : { 'if-none-match': cached.etag }) },
      signal,
      ...(request.body === undefined ? {} : { body: request.body as BodyInit }),
    });
    const headers = Object.fromEntries(response.headers);
    if (response.status === 304 && cached !== undefined) {
      await response.body?.cancel();
      return { status: 200, headers: { ...cached.headers, ...headers }, body: cached.body, fromCache: true };
    }
    const body = await readBody(vendor, url, response, request.maxBytes ?? 64 * 1024 * 1024);
    return { status: response.status, headers, body, fromCache: false };
  }

  async function json(request: HttpRequest): Promise<unknown> {
    const response = await send({ ...request, headers: { accept: 'application/json', ...request.headers } });
    const where = placeOf(checkedUrl(vendor, request.url));
    const { status } = response;
    if (status < 200 || status > 299)
      throw new VendorError(vendor, `${vendor} answered ${status} for ${where}`, { status, retryable: passing.has(status) });
    try {
      return JSON.parse(new TextDecoder().decode(response.body));
    } catch (cause) {
      throw new VendorError(vendor, `${vendor} did not answer with JSON for ${where}`, { status, retryable: false, cause });
    }
  }

  return { send, json };
}

/**
 * The body in pieces, so that a limit holds whatever the server claims of its length.
 * @throws VendorError when it is larger than `maxBytes`
 */
export async function readBody(vendor: string, url: URL, response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
    size += part.value.byteLength;
    if (size > maxBytes) {
      await reader?.cancel();
      throw new VendorError(vendor, `${vendor} sent more than ${Math.round(maxBytes / 1024 / 1024)} MiB for ${placeOf(url)}`, {
        status: response.status,
        retryable: false,
      });
    }
    chunks.push(part.value);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body;
}

function checkedUrl(vendor: string, text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new VendorError(vendor, `The address of ${vendor} is not valid`, { retryable: false, cause });
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new VendorError(vendor, `The address of ${vendor} must begin with https: or http:, not ${url.protocol}`);
}

/** fetch takes no user and password in an address, and would repeat them in its error: they become a header (RFC 7617). */
function withoutCredentials(url: URL): { readonly address: URL; readonly authorization: Record<string, string> } {
  if (url.username === '' && url.password === '') return { address: url, authorization: {} };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const address = new URL(url);
  address.username = '';
  address.password = '';
  return { address, authorization: { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` } };
}

/** Address for messages: without user, password and query, which may hold secrets. */
function placeOf(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function asVendorError(vendor: string, url: URL, error: unknown): VendorError {
  if (error instanceof VendorError) return error;
  if (error instanceof Error && error.name === 'TimeoutError')
    return new VendorError(vendor, `${vendor} did not answer in time (${placeOf(url)})`, { retryable: true, cause: error });
  // fetch hides the reason (ENOTFOUND, ECONNREFUSED, a bad certificate) in the cause.
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  const why = (code ?? (cause === undefined ? messageOf(error) : messageOf(cause))).replaceAll(url.href, placeOf(url));
  const certificate = code !== undefined && /CERT|SIGNATURE|ERR_TLS/.test(code);
  return new VendorError(vendor, `${vendor} could not be reached at ${url.origin} (${why})`, {
    retryable: !certificate,
    cause: error,
  });
}

/** 0.5 s, 1 s, 2 s …, each ± 25 % so that several windows do not return at once. */
function backOff(attempt: number): number {
  return 500 * 2 ** attempt * (0.75 + Math.random() / 2);
}

/** Milliseconds of a Retry-After header: seconds or a date (RFC 9110 §10.2.3). */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(new CancelledError());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
