'use strict';

const { exec } = require('node:child_process');

/** Whether a supplier's host answers one ping within two seconds, with what ping said. */
function pingHost(host) {
  return new Promise((resolve) => {
    exec(`ping -c 1 -W 2 ${host}`, { timeout: 5000 }, (error, stdout, stderr) => {
      resolve({ reachable: error === null, output: stdout || stderr });
    });
  });
}

module.exports = { pingHost };
