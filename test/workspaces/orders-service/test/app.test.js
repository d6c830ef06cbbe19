'use strict';

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { createServer } = require('../src/app');

describe('orders-service', () => {
  const server = createServer();
  let base;

  before(async () => {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${server.address().port}`;
  });

  after(() => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  }));

  it('says that it is well', async () => {
    const response = await fetch(`${base}/healthz`);
    assert.equal(response.status, 200);
    assert.equal((await response.json()).status, 'ok');
  });

  it('shows the orders of a customer', async () => {
    const response = await fetch(`${base}/orders?customer=ada`);
    assert.deepEqual((await response.json()).map((order) => order.id), [1001, 1003]);
  });

  it('takes an order', async () => {
    const response = await fetch(`${base}/orders`, { method: 'POST', body: JSON.stringify({ customer: 'alan', item: 'lamp' }) });
    assert.equal(response.status, 201);
    assert.equal((await response.json()).quantity, 1);
  });

  it('refuses an order without an item', async () => {
    const response = await fetch(`${base}/orders`, { method: 'POST', body: '{"customer":"alan"}' });
    assert.equal(response.status, 400);
  });

  it('sums up what was ordered', async () => {
    const summary = await (await fetch(`${base}/orders/summary`)).json();
    assert.equal(summary.monitor, 2);
  });

  it('finds the orders of an item', async () => {
    const response = await fetch(`${base}/orders/search?items=monitor`);
    assert.deepEqual((await response.json()).map((order) => order.id), [1002]);
  });

  it('finds no order of an item that nobody ordered', async () => {
    assert.deepEqual(await (await fetch(`${base}/orders/search?items=`)).json(), []);
  });

  it('hands out an invoice', async () => {
    const response = await fetch(`${base}/invoices?name=1001.txt`);
    assert.match(await response.text(), /^Invoice 1001/);
  });

  it('has no invoice of that name', async () => {
    assert.equal((await fetch(`${base}/invoices?name=9999.txt`)).status, 404);
  });

  it('lets operators alone use the diagnostics', async () => {
    assert.equal((await fetch(`${base}/diagnostics/ping?host=127.0.0.1`)).status, 403);
  });

  it('lists the catalogue', async () => {
    assert.equal((await (await fetch(`${base}/catalogue`)).json()).mouse, 2900);
  });

  it('counts requests, errors and durations', async () => {
    await fetch(`${base}/nowhere`);
    const text = await (await fetch(`${base}/metrics`)).text();
    assert.match(text, /^http_requests_total\{route="GET \/healthz",status="200"\} 1$/m);
    assert.match(text, /^http_requests_total\{route="unknown",status="404"\} 1$/m);
    assert.match(text, /^http_request_errors_total\{route="GET \/orders"\} 0$/m);
    assert.match(text, /^http_request_duration_seconds_count\{route="GET \/healthz"\} 1$/m);
    assert.match(text, /^http_request_duration_recent_seconds \d/m);
  });
});
