'use strict';

const fs = require('node:fs');

/**
 * Ends this process when nobody used the rollout's commands for ORDERS_DEPLOY_TTL seconds (3600 by default), or when its folder
 * is gone: whatever happens to those who started it, nothing runs for ever.
 */
function endWhenForgotten(folder) {
  const limit = 1000 * (Number(process.env.ORDERS_DEPLOY_TTL) || 3600);
  setInterval(() => {
    try {
      if (Date.now() - fs.statSync(`${folder}/alive`).mtimeMs < limit) return;
      console.log('ended: no command was given for a long time');
    } catch {
      console.log('ended: the folder is gone');
    }
    process.exit(0);
  }, Math.min(2000, limit / 4)).unref();
}

module.exports = { endWhenForgotten };
