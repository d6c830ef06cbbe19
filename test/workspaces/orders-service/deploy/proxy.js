'use strict';

// The reverse proxy in front of both versions: node proxy.js FOLDER PORT
//   /canary/metrics, /baseline/metrics (and healthz)   of the new and of the old version alone
//   /-/status                                          the weight that it goes by, and how many requests went where
//   everything else                                    to the new version in `weight` percent of all cases
const fs = require('node:fs');
const http = require('node:http');
const { createProxyServer } = require('http-proxy-3');
const { endWhenForgotten } = require('./lib/keepalive');

const [folder, wanted] = process.argv.slice(2);
endWhenForgotten(folder);

let known = { key: '', state: { weight: 0, canary: null } };

/** The state as it stands; read again when the file is another one. */
function readState() {
  try {
    const { ino, mtimeMs } = fs.statSync(`${folder}/state.json`);
    const key = `${ino} ${mtimeMs}`;
    if (key !== known.key) known = { key, state: JSON.parse(fs.readFileSync(`${folder}/state.json`, 'utf8')) };
  } catch {
    // Not there yet, or any more: as it was.
  }
  return known.state;
}

const golden = (Math.sqrt(5) - 1) / 2;
let number = 0;

/**
 * Whether the next request goes to the new version. Multiples of the golden ratio spread evenly over 0 … 1 (Weyl, 1916), so that
 * every stretch of requests has its share, and do not fall into step with a load that repeats itself.
 */
function choosesCanary(weight) {
  number += 1;
  return (number * golden) % 1 < weight / 100;
}

const proxy = createProxyServer({ xfwd: true, proxyTimeout: 10_000 });
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const sent = { canary: 0, baseline: 0, unreachable: 0 };

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function forward(request, response, side, instance) {
  response.setHeader('x-orders-side', side);
  proxy.web(request, response, { target: `http://127.0.0.1:${instance.port}`, agent }, () => {
    sent.unreachable += 1;
    if (response.headersSent) response.destroy();
    else answer(response, 502, { error: `the ${side} version does not answer` });
  });
}

const server = http.createServer((request, response) => {
  const state = readState();
  if (request.url === '/-/status') return answer(response, 200, { weight: state.weight, canaryPort: state.canary?.port ?? null, ...sent });
  const direct = /^\/(canary|baseline)(\/(?:metrics|healthz))$/.exec(request.url);
  if (direct !== null) {
    const [, side, route] = direct;
    if (!state[side]) return answer(response, 503, { error: `no ${side} version runs` });
    request.url = route;
    return forward(request, response, side, state[side]);
  }
  const side = state.canary && choosesCanary(state.weight) ? 'canary' : 'baseline';
  if (!state[side]) return answer(response, 503, { error: 'no version runs' });
  sent[side] += 1;
  return forward(request, response, side, state[side]);
});

server.on('error', (error) => {
  console.error(error.code === 'EADDRINUSE' ? `Port ${wanted} is taken: end what listens there, or choose another port in .patchline.json.` : error);
  process.exit(1);
});
server.listen(Number(wanted), '127.0.0.1', () => console.log(`the proxy listens on http://127.0.0.1:${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
