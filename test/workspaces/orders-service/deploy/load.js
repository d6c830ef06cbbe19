'use strict';

// A bounded load like the service's usual one: node load.js FOLDER --url ADDRESS [--rate 50] [--seconds 60] [--count N]
// It ends after the given seconds or requests, whichever comes first, and tells what came back.
const http = require('node:http');
const { parseArgs } = require('node:util');
const { endWhenForgotten } = require('./lib/keepalive');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '60' },
    count: { type: 'string', default: '1000000' },
  },
});
const [rate, seconds, count] = [values.rate, values.seconds, values.count].map(Number);
if (!values.url || !(rate > 0 && rate <= 500) || !(seconds > 0 && seconds <= 3600) || !(count > 0)) {
  console.error('load.js needs --url; --rate is at most 500 a second, --seconds at most 3600.');
  process.exit(1);
}
if (positionals[0] !== undefined) endWhenForgotten(positionals[0]);

const items = ['keyboard', 'monitor', 'mouse', 'lamp'];
const one = (list, i) => list[i % list.length];

/** What customers do, in the shares in which they do it (of 100). */
const habits = [
  [24, () => ({ path: '/catalogue' })],
  [20, (i) => ({ path: `/orders?customer=${one(['ada', 'grace', 'edsger', 'alan'], i)}` })],
  [4, (i) => ({ path: '/orders', body: { customer: `guest-${i % 97}`, item: one(items, i), quantity: 1 + (i % 3) } })],
  [8, () => ({ path: '/orders/summary' })],
  [14, (i) => ({ path: `/orders/search?items=${one(items, i)}` })],
  // The shop's own page of a bundle asks for everything in it at once.
  [16, (i) => ({ path: `/orders/search?items=${one(items, i)},${one(items, i + 1)}` })],
  [12, (i) => ({ path: `/invoices?name=${1001 + (i % 3)}.txt` })],
  [2, () => ({ path: '/invoices?name=9999.txt' })],
];

/** The i-th request. Multiples of √2 mix the habits evenly without a draw, so that each load is like the other. */
function requestOf(i) {
  let share = ((i * Math.SQRT2) % 1) * 100;
  const habit = habits.find(([weight]) => (share -= weight) < 0) ?? habits[0];
  return habit[1](i);
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
const seen = { sent: 0, answered: 0, errors: 0, unreachable: 0 };
const mostOpen = 200;
let open = 0;

function send(i) {
  const { path, body } = requestOf(i);
  open += 1;
  seen.sent += 1;
  const over = () => (open -= 1);
  const request = http.request(new URL(path, values.url), { agent, method: body ? 'POST' : 'GET', timeout: 5000 }, (response) => {
    seen.answered += 1;
    if (response.statusCode >= 500) seen.errors += 1;
    response.resume();
    response.once('close', over);
  });
  request.once('timeout', () => request.destroy(new Error('no answer')));
  request.once('error', () => {
    seen.unreachable += 1;
    over();
  });
  request.end(body ? JSON.stringify(body) : undefined);
}

const began = Date.now();
const timer = setInterval(() => {
  const elapsed = (Date.now() - began) / 1000;
  // What is due by now; what a busy machine could not send in time is left out instead of sent in a burst.
  const due = Math.min(count, Math.floor(elapsed * rate));
  for (let i = Math.max(seen.sent, due - rate); i < due && open < mostOpen; i++) send(i);
  if (elapsed >= seconds || seen.sent >= count) end();
}, 20);

function end() {
  clearInterval(timer);
  const deadline = Date.now() + 5000;
  const wait = setInterval(() => {
    if (open > 0 && Date.now() < deadline) return;
    clearInterval(wait);
    console.log(JSON.stringify(seen));
    process.exit(0);
  }, 20);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
