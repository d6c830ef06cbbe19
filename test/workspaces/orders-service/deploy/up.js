'use strict';

// Brings up the old version behind the proxy: node deploy/up.js [--port N] [--load] [--rate N]
// Nobody has to: the first step of a rollout does the same.
const { ensureStack, portOf, runCommand } = require('./lib/stack');
const { withLock } = require('./lib/state');

runCommand(() =>
  withLock(async () => {
    const rate = process.argv.indexOf('--rate');
    const state = await ensureStack({
      port: portOf(process.argv),
      commit: process.env.PATCHLINE_COMMIT,
      load: process.argv.includes('--load'),
      ...(rate === -1 ? {} : { rate: Number(process.argv[rate + 1]) }),
    });
    return JSON.stringify({ url: `http://127.0.0.1:${state.proxy.port}`, baseline: state.baseline.port });
  }),
);
