'use strict';

// Exercises the way back without touching the traffic: node deploy/rehearse.js
// Both versions start once more behind a proxy of their own, half of the traffic goes to the new one, and is taken back.
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const { runCommand } = require('./lib/stack');

const run = promisify(execFile);
const requests = 40;

runCommand(async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'orders-rehearsal-'));
  const env = { ...process.env, ORDERS_DEPLOY_DIR: folder, ORDERS_DEPLOY_TTL: '60', PATCHLINE_ACTION: 'step', PATCHLINE_WEIGHT: '50' };
  const call = async (script, ...args) => (await run(process.execPath, [path.join(__dirname, script), ...args], { env })).stdout;
  try {
    const { url } = JSON.parse(await call('up.js', '--port', '0'));
    await call('step.js', '--rate', '1');
    const before = await ask(url);
    if (before.canary === 0 || before.baseline === 0 || before.failed > 0) throw new Error(`Before the way back: ${JSON.stringify(before)}.`);
    await call('rollback.js');
    const after = await ask(url);
    if (after.baseline !== requests || after.failed > 0) throw new Error(`After the way back: ${JSON.stringify(after)}.`);
    return `The way back works: ${before.canary} of ${requests} requests went to the new version before, none of ${requests} after.`;
  } finally {
    await call('down.js').catch((error) => console.error(error.message));
  }
});

/** Who answers a number of requests. */
async function ask(url) {
  const seen = { canary: 0, baseline: 0, failed: 0 };
  for (let i = 0; i < requests; i++) {
    const response = await fetch(`${url}/catalogue`, { signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
    if (!response.ok) seen.failed += 1;
    seen[response.headers.get('x-orders-side')] += 1;
  }
  return seen;
}
