'use strict';

// Ends everything that the rollout's commands started and removes what they kept: node deploy/down.js
const fs = require('node:fs');
const { startedPids, stopProcesses } = require('./lib/processes');
const { runCommand } = require('./lib/stack');
const { folder } = require('./lib/state');

runCommand(async () => {
  // Without the lock: a command that hangs shall not keep this one from its work.
  const pids = startedPids();
  await stopProcesses(pids);
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  return `${pids.length} processes ended`;
});
