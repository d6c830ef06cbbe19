'use strict';

const http = require('node:http');
const { isOperator } = require('./access');
const { readCatalogue } = require('./catalogue');
const { pingHost } = require('./diagnostics');
const { readInvoice } = require('./invoices');
const { createMetrics } = require('./metrics');
const { findOrdersByCustomer, placeOrder, summarise } = require('./orders');
const { findOrdersOfItems } = require('./search');

const version = require('../package.json').version;
const bodyLimit = 64 * 1024;

async function readBody(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > bodyLimit) return undefined;
  }
  return text;
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Route → handler. A handler gives `{ status?, type?, body }`. */
function createRoutes(metrics) {
  return {
    'GET /healthz': () => ({ body: { status: 'ok', version } }),
    'GET /metrics': () => ({ type: 'text/plain; version=0.0.4', body: metrics.render() }),
    'GET /catalogue': () => ({ body: readCatalogue() }),
    'GET /orders': ({ query }) => ({ body: findOrdersByCustomer(query.get('customer') ?? '') }),
    'POST /orders': async ({ request }) => {
      const body = await readBody(request);
      if (body === undefined) return { status: 413, body: { error: 'too large' } };
      const order = placeOrder(parseJson(body) ?? {}, new Date().toISOString().slice(0, 10));
      return order ? { status: 201, body: order } : { status: 400, body: { error: 'customer and item are needed' } };
    },
    'GET /orders/summary': () => ({ body: summarise() }),
    'GET /orders/search': ({ query }) => ({ body: findOrdersOfItems(query.get('items') ?? '') }),
    'GET /invoices': async ({ query }) => {
      const invoice = await readInvoice(query.get('name') ?? '');
      return invoice === undefined ? { status: 404, body: { error: 'no such invoice' } } : { type: 'text/plain; charset=utf-8', body: invoice };
    },
    'GET /diagnostics/ping': async ({ query, request }) => {
      if (!isOperator(request.headers, process.env.OPERATOR_TOKEN)) return { status: 403, body: { error: 'operators only' } };
      return { body: await pingHost(query.get('host') ?? '127.0.0.1') };
    },
  };
}

/** The service as a server that does not listen yet. */
function createServer() {
  const metrics = createMetrics();
  const routes = createRoutes(metrics);

  return http.createServer(async (request, response) => {
    const started = process.hrtime.bigint();
    const url = new URL(request.url, 'http://orders.invalid');
    const name = `${request.method} ${url.pathname}`;
    const route = Object.hasOwn(routes, name) ? name : 'unknown';
    let answer;
    try {
      answer = route === 'unknown' ? { status: 404, body: { error: 'no such route' } } : await routes[route]({ query: url.searchParams, request });
    } catch (error) {
      console.error(error);
      answer = { status: 500, body: { error: 'internal error' } };
    }
    const status = answer.status ?? 200;
    const text = typeof answer.body === 'string';
    response.writeHead(status, { 'content-type': answer.type ?? (text ? 'text/plain' : 'application/json') });
    response.end(text ? answer.body : JSON.stringify(answer.body));
    metrics.observe(route, status, Number(process.hrtime.bigint() - started) / 1e9);
  });
}

module.exports = { createServer };
