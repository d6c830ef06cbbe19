import { HumanError, VendorError, isVendorError, messageOf } from '../../core/errors';

/** The parts of Octokit's RequestError that we read; told apart by shape, not by class. */
interface RequestErrorShape {
  readonly status?: unknown;
  readonly response?: { readonly headers?: Readonly<Record<string, unknown>>; readonly data?: unknown };
}

/**
 * GitHub's "no" in our words: HumanError where a person can act on it (docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api),
 * else VendorError. The token never stands in either.
 */
export function githubError(
  error: unknown,
  context: {
    readonly token: string;
    readonly owner: string;
    readonly repo: string;
    /** What was asked for; default: the pull request. */
    readonly what?: string;
    /** The right that it takes, where GitHub does not name it. */
    readonly needs?: string;
  },
): HumanError | VendorError {
  // Our own refusal to ask, from below Octokit, which wraps what its fetch throws.
  const inner = error instanceof Error && isVendorError(error.cause) ? error.cause : error;
  if (isVendorError(inner)) return inner;
  const shape = error as RequestErrorShape;
  const said = redact(messageFrom(shape) ?? messageOf(error), context.token);
  const answered = shape.response !== undefined && typeof shape.status === 'number';
  if (!answered) return new VendorError('github', `GitHub could not be reached: ${said}`, { retryable: true });
  const status = Number(shape.status);
  const headers = shape.response?.headers ?? {};
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return value === undefined ? undefined : redact(String(value), context.token).slice(0, 300);
  };
  const repository = `${context.owner}/${context.repo}`;

  if (status === 401) {
    return new HumanError(
      'GitHub does not accept the token (401): it is expired, revoked or mistyped. Sign in again or set a new token.',
    );
  }
  const wait = header('retry-after');
  if (
    status === 429 ||
    (status === 403 && (wait !== undefined || header('x-ratelimit-remaining') === '0' || /rate limit/i.test(said)))
  ) {
    const when = wait === undefined ? resetTime(header('x-ratelimit-reset')) : ` for ${wait} s`;
    return new VendorError('github', `GitHub asks to wait${when}: its rate limit is used up.`, { status, retryable: true });
  }
  if (status === 403) {
    const sso = /url=(https:\/\/[^\s;,]+)/.exec(header('x-github-sso') ?? '')?.[1];
    if (sso !== undefined) return new HumanError(`The organisation wants the token authorised for single sign-on (403): ${sso}`);
    const needs = header('x-accepted-github-permissions') ?? header('x-accepted-oauth-scopes');
    const usual = context.needs ?? '"Contents" and "Pull requests" with write access (classic: the scope repo)';
    const wanted = needs === undefined || needs === '' ? usual : needs;
    return new HumanError(`The token may not do this in ${repository} (403, ${said}). It needs ${wanted}.`);
  }
  if (status === 404) {
    return new HumanError(
      `GitHub has no repository ${repository}, or the token cannot see it (404). Check the remote, "forge.repository" in .patchline.json, and what the token may access.`,
    );
  }
  if (status === 422) return new HumanError(`GitHub refused ${context.what ?? 'the pull request'} (422): ${said}`);
  return new VendorError('github', `GitHub answered ${status}: ${said}`, { status, retryable: status >= 500 });
}

/** GitHub's own message with those of the single errors, which say more than "Validation Failed". */
function messageFrom(shape: RequestErrorShape): string | undefined {
  const data = shape.response?.data;
  if (typeof data !== 'object' || data === null) return undefined;
  const { message, errors } = data as { readonly message?: unknown; readonly errors?: unknown };
  const details = (Array.isArray(errors) ? errors : []).map((each: unknown) => {
    if (typeof each === 'string') return each;
    const { message: text, field, code } = (each ?? {}) as { message?: unknown; field?: unknown; code?: unknown };
    return typeof text === 'string' ? text : [field, code].filter((part) => typeof part === 'string').join(' ');
  });
  const parts = [typeof message === 'string' ? message : '', ...details].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(': ');
}

function redact(text: string, token: string): string {
  const plain = token === '' ? text : text.replaceAll(token, '***');
  return plain
    .replace(/\b(?:gh[pousr]_|github_pat_)\w+/g, '***')
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .slice(0, 500);
}

function resetTime(seconds: string | undefined): string {
  const at = new Date(Number(seconds ?? Number.NaN) * 1000);
  return Number.isNaN(at.getTime()) ? '' : ` until ${at.toISOString()}`;
}
