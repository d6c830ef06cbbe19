'use strict';

const minimist = require('minimist');
const rc = require('rc');

const defaults = { host: '127.0.0.1', port: 3000 };

/** Settings, the strongest first: command line (`--port 8080`), environment (`PORT`), `.ordersrc`, defaults. */
function readSettings(argv, env) {
  const flags = minimist(argv, { string: ['host'] });
  const file = rc('orders', defaults, { _: [] });
  const port = Number(flags.port ?? env.PORT ?? file.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`not a port: ${flags.port ?? env.PORT ?? file.port}`);
  return { host: flags.host ?? env.HOST ?? file.host, port };
}

module.exports = { readSettings };
