'use strict';

// Prints what is served now as one line of JSON: node deploy/status.js
const { get, runCommand, runs } = require('./lib/stack');
const { readState, touch } = require('./lib/state');

runCommand(async () => {
  const state = readState();
  if (state === undefined || !runs(state.proxy)) return JSON.stringify({ weight: 0, up: false });
  touch();
  const sides = state.canary === null ? ['baseline'] : ['canary', 'baseline'];
  const answers = await Promise.all(sides.map((side) => get(state.proxy.port, `/${side}/healthz`).catch(() => ({ status: 0 }))));
  const proxy = JSON.parse((await get(state.proxy.port, '/-/status')).text);
  return JSON.stringify({
    weight: proxy.weight,
    ...(state.canary === null ? {} : { digest: state.canary.digest }),
    healthy: answers.every(({ status }) => status === 200),
    up: true,
    port: state.proxy.port,
    promoted: state.promoted,
    sent: { canary: proxy.canary, baseline: proxy.baseline },
  });
});
