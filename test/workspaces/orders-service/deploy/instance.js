'use strict';

// One version of the service as a process of its own: node instance.js FOLDER VERSION
const path = require('node:path');
const { endWhenForgotten } = require('./lib/keepalive');

const [folder, version] = process.argv.slice(2);
endWhenForgotten(folder);
process.chdir(version);
// The service reads its own command line: it gets none of ours.
process.argv = [process.argv[0], path.join(version, 'server.js'), '--host', '127.0.0.1', '--port', '0'];
require(path.join(version, 'server.js'));
