import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttp } from '../../../src/adapters/clients/http';
import type { CachedResponse, HttpOptions } from '../../../src/adapters/clients/http';
import { isCancelled, isVendorError } from '../../../src/core/errors';
import type { VendorError } from '../../../src/core/errors';

describe('http', () => {
  let server: Server;
  let url = '';
  let answer: (request: IncomingMessage, response: ServerResponse, count: number) => void;
  let count = 0;
  const waits: number[] = [];

  before(async () => {
    server = createServer((request, response) => answer(request, response, ++count));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    count = 0;
    waits.length = 0;
  });

  const http = (options: Partial<HttpOptions> = {}): ReturnType<typeof createHttp> =>
    createHttp({
      vendor: 'Vendor',
      sleep: (milliseconds) => {
        waits.push(milliseconds);
        return Promise.resolve();
      },
      ...options,
    });
  const status =
    (code: number, headers: Record<string, string> = {}, body = '{"a":1}') =>
    (_: IncomingMessage, response: ServerResponse): void => {
      response.writeHead(code, headers);
      response.end(body);
    };
  const failure = async (work: Promise<unknown>): Promise<VendorError> => {
    try {
      await work;
    } catch (error) {
      if (isVendorError(error)) return error;
      throw error;
    }
    throw new Error('it did not fail');
  };

  it('gives JSON', async () => {
    answer = status(200);
    assert.deepEqual(await http().json({ url }), { a: 1 });
  });

  it('tries again with growing waits while the server is busy, and then gives the answer', async () => {
    answer = (request, response, n) => status(n < 3 ? 503 : 200)(request, response);
    assert.deepEqual(await http().json({ url }), { a: 1 });
    assert.equal(count, 3);
    assert.ok((waits[0] ?? 0) >= 375 && (waits[0] ?? 0) <= 625, String(waits[0]));
    assert.ok((waits[1] ?? 0) >= 750 && (waits[1] ?? 0) <= 1250, String(waits[1]));
  });

  it('gives up after the retries, with the status', async () => {
    answer = status(502);
    const error = await failure(http().json({ url, retries: 2 }));
    assert.equal(count, 3);
    assert.equal(error.options.status, 502);
    assert.equal(error.options.retryable, true);
  });

  it('does not send a POST twice unless told', async () => {
    answer = status(503);
    assert.equal((await http().send({ url, method: 'POST', body: '{}' })).status, 503);
    assert.equal(count, 1);
    await http().send({ url, method: 'POST', body: '{}', retries: 1 });
    assert.equal(count, 3);
  });

  it('obeys Retry-After, and does not wait for ever', async () => {
    answer = (request, response, n) => status(n === 1 ? 429 : 200, n === 1 ? { 'retry-after': '7' } : {})(request, response);
    await http().json({ url });
    assert.deepEqual(waits, [7000]);
    count = 0;
    answer = status(429, { 'retry-after': '3600' });
    assert.equal((await http().send({ url })).status, 429);
    assert.equal(count, 1);
  });

  it('does not try again what cannot succeed', async () => {
    answer = status(404);
    assert.equal((await failure(http().json({ url }))).options.status, 404);
    assert.equal(count, 1);
  });

  it('stops a body that is too large', async () => {
    answer = status(200, {}, 'x'.repeat(100_000));
    assert.match((await failure(http().send({ url, maxBytes: 50_000 }))).message, /sent more than 0 MiB|sent more than/);
    assert.equal(count, 1);
  });

  it('stops waiting for a server that does not answer', async () => {
    answer = () => undefined;
    const error = await failure(http().send({ url, timeoutMs: 50, retries: 1 }));
    assert.match(error.message, /did not answer in time/);
    assert.equal(count, 2);
  });

  it('ends silently when cancelled, during the request and between attempts', async () => {
    answer = () => undefined;
    const during = new AbortController();
    setTimeout(() => during.abort(), 20);
    await assert.rejects(http().send({ url, signal: during.signal }), isCancelled);
    answer = status(503);
    const between = new AbortController();
    const own = createHttp({ vendor: 'Vendor' });
    setTimeout(() => between.abort(), 50);
    await assert.rejects(own.send({ url, signal: between.signal }), isCancelled);
  });

  it('asks again with the ETag and takes the kept body on 304', async () => {
    const kept = new Map<string, CachedResponse>();
    const cache = {
      get: (key: string) => Promise.resolve(kept.get(key)),
      set: (key: string, value: CachedResponse) => Promise.resolve(void kept.set(key, value)),
    };
    answer = (request, response) =>
      request.headers['if-none-match'] === '"1"'
        ? status(304, {}, '')(request, response)
        : status(200, { etag: '"1"' })(request, response);
    assert.equal((await http({ cache }).send({ url })).fromCache, false);
    const second = await http({ cache }).send({ url });
    assert.deepEqual([second.status, second.fromCache, new TextDecoder().decode(second.body)], [200, true, '{"a":1}']);
  });

  it('never puts secrets of an address into a message', async () => {
    let authorization: string | undefined;
    answer = (request, response) => {
      authorization = request.headers.authorization;
      status(500)(request, response);
    };
    const secret = url.replace('127', 'user:hunter2@127') + '?token=hunter2';
    const errors = [
      await failure(http().json({ url: `${url}x?token=hunter2`, retries: 0 })),
      await failure(http().json({ url: secret, retries: 0 })),
    ];
    for (const error of errors) assert.ok(!error.message.includes('hunter2'), error.message);
    assert.equal(authorization, `Basic ${Buffer.from('user:hunter2').toString('base64')}`);
  });

  it('refuses other protocols, no address, and what is no JSON', async () => {
    for (const bad of ['file:///etc/passwd', 'data:text/plain,x', 'nonsense'])
      assert.equal((await failure(http().send({ url: bad }))).options.retryable, false, bad);
    answer = status(200, {}, '<html>');
    assert.match((await failure(http().json({ url }))).message, /did not answer with JSON/);
  });

  it('names the reason when nothing listens', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const error = await failure(http().send({ url: `http://127.0.0.1:${port}/`, retries: 1 }));
    assert.match(error.message, /could not be reached at .*ECONNREFUSED/);
    assert.equal(error.options.retryable, true);
  });
});
