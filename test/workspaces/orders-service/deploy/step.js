'use strict';

// Gives the new version PATCHLINE_WEIGHT percent of the traffic: node deploy/step.js [--port N] [--rate N]
// Brings up whatever does not run yet: the old version, the proxy, a bounded load, the new version. Told twice it is as once.
const { ensureCanary, ensureStack, portOf, runCommand, setWeight } = require('./lib/stack');
const { withLock } = require('./lib/state');

const { PATCHLINE_ACTION, PATCHLINE_WEIGHT, PATCHLINE_ARTIFACT, PATCHLINE_DIGEST, PATCHLINE_COMMIT } = process.env;

runCommand(() =>
  withLock(async () => {
    const promoted = PATCHLINE_ACTION === 'promote';
    const weight = promoted ? 100 : Number(PATCHLINE_WEIGHT || NaN);
    if (!(weight >= 0 && weight <= 100)) throw new Error(`PATCHLINE_WEIGHT must be 0 to 100, not “${PATCHLINE_WEIGHT ?? ''}”.`);
    const rate = process.argv.indexOf('--rate');
    const stack = await ensureStack({
      port: portOf(process.argv),
      commit: PATCHLINE_COMMIT,
      ...(rate === -1 ? {} : { rate: Number(process.argv[rate + 1]) }),
    });
    const both = await ensureCanary(stack, { artifact: PATCHLINE_ARTIFACT, digest: PATCHLINE_DIGEST, commit: PATCHLINE_COMMIT });
    const state = await setWeight(both, weight, promoted);
    return `${weight} % of http://127.0.0.1:${state.proxy.port} go to ${PATCHLINE_DIGEST.slice(0, 19)} (process ${state.canary.pid})`;
  }),
);
