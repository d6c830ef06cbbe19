'use strict';

// Takes all traffic back to the old version and ends the new one: node deploy/rollback.js [--port N]
const { ensureStack, portOf, runCommand, takeBack } = require('./lib/stack');
const { readState, withLock } = require('./lib/state');

runCommand(() =>
  withLock(async () => {
    const state = readState();
    if (state === undefined) return 'nothing runs: no traffic goes to a new version';
    // The old version has to be there before the traffic comes back to it.
    const stack = await ensureStack({ port: state.proxy?.port ?? portOf(process.argv), load: false });
    const { proxy } = await takeBack(stack);
    return `all of http://127.0.0.1:${proxy.port} goes to the old version`;
  }),
);
