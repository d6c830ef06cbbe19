import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { githubError } from '../../../src/adapters/clients/githubError';
import { createGitHubFetch, gitHubHost, refuseWhileBlocked } from '../../../src/adapters/clients/githubFetch';
import { isVendorError } from '../../../src/core/errors';

describe('fetching as GitHub asks for it', () => {
  let server: Server;
  let origin: string;
  let asked: string[];
  let answer: (path: string) => { readonly headers?: Record<string, string>; readonly body?: string; readonly status?: number };
  const open = (secondMs = 1000): typeof fetch =>
    createGitHubFetch(gitHubHost(randomUUID()), { timeoutMs: 30_000, secondMs, token: 'x' });

  beforeEach(async () => {
    asked = [];
    answer = () => ({});
    server = createServer((request, response) => {
      const known = request.headers['if-none-match'];
      asked.push(`${request.method} ${request.url}${known === undefined ? '' : ` if not ${known}`}`);
      const { headers = {}, body = '{}', status = 200 } = answer(request.url ?? '');
      if (known !== undefined && known === headers['etag']) return void response.writeHead(304, headers).end();
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('gives the kept answer for 304, with the links of its page', async () => {
    const link = '<https://x/?page=2>; rel="next"';
    answer = () => ({ headers: { etag: '"1"', ...(asked.length > 1 ? {} : { link }) }, body: '[1]' });
    const get = open();
    for (let i = 0; i < 3; i++) {
      const response = await get(`${origin}/a`);
      assert.deepEqual([response.status, await response.text(), response.headers.get('link')], [200, '[1]', link]);
    }
    assert.deepEqual(asked, ['GET /a', 'GET /a if not "1"', 'GET /a if not "1"']);
    await get(`${origin}/a`, { headers: { accept: 'text/plain' } });
    await get(`${origin}/a`, { method: 'POST' });
    assert.deepEqual(asked.slice(3), ['GET /a', 'POST /a'], 'another form and another verb are another thing');
  });

  it('does not ask again before the poll interval is over', async () => {
    answer = () => ({ headers: { etag: '"1"', 'x-poll-interval': '60' } });
    const get = open(5);
    for (let i = 0; i < 5; i++) await get(`${origin}/events`);
    assert.equal(asked.length, 1);
    await new Promise((resolve) => setTimeout(resolve, 320));
    await get(`${origin}/events`);
    assert.equal(asked.length, 2);
  });

  it('keeps a bounded number of answers, the latest asked for', async () => {
    answer = () => ({ headers: { etag: '"1"' } });
    const get = open();
    for (let i = 0; i <= 400; i++) {
      await get(`${origin}/${i}`);
      if (i === 399) await get(`${origin}/0`);
    }
    asked.length = 0;
    for (const path of ['0', '1', '400']) await get(`${origin}/${path}`);
    assert.deepEqual(asked, ['GET /0 if not "1"', 'GET /1', 'GET /400 if not "1"']);
  });

  it('refuses an answer without an end', async () => {
    answer = () => ({ body: 'x'.repeat(33 * 1024 * 1024) });
    await assert.rejects(open()(`${origin}/a`), (error: Error) => isVendorError(error) && /more than 32 MiB/.test(error.message));
  });

  it('bears a server that asks to wait for ever, and goes by the server’s clock', async () => {
    const blockOf = async (headers: Record<string, string>): Promise<number> => {
      answer = () => ({ status: 403, headers });
      const host = gitHubHost(randomUUID());
      await createGitHubFetch(host, { timeoutMs: 30_000, secondMs: 1000, token: 'x' })(`${origin}/a`);
      if (host.blockedUntil === 0) return 0;
      assert.throws(() => refuseWhileBlocked(host), isVendorError);
      return Math.round((host.blockedUntil - Date.now()) / 1000);
    };
    const used = { 'x-ratelimit-remaining': '0' };
    assert.equal(await blockOf({ 'retry-after': '99999999999999' }), 3600);
    assert.equal(await blockOf({ ...used, 'x-ratelimit-reset': '99999999999999999' }), 3600);
    const date = 'Mon, 05 Jan 2026 09:00:00 GMT';
    const reset = String(Date.parse(date) / 1000 + 50);
    assert.equal(await blockOf({ ...used, 'x-ratelimit-reset': reset, date }), 50);
    const context = { token: '', owner: 'o', repo: 'r' };
    const headers = { ...used, 'x-ratelimit-reset': '99999999999999999' };
    assert.match(githubError({ status: 403, response: { headers } }, context).message, /asks to wait: its rate limit is used up/);
  });

  it('goes on after a request that failed or was cancelled', async () => {
    const get = open();
    const controller = new AbortController();
    const cancelled = get(`${origin}/a`, { signal: controller.signal });
    const next = get(`${origin}/b`);
    controller.abort();
    await assert.rejects(cancelled);
    assert.equal((await next).status, 200);
    await assert.rejects(get('http://127.0.0.1:1/'));
    assert.equal((await get(`${origin}/c`)).status, 200);
  });
});
