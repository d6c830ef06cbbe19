'use strict';

const { createServer } = require('./src/app');
const { readSettings } = require('./src/settings');

const settings = readSettings(process.argv.slice(2), process.env);
const server = createServer();

server.listen(settings.port, settings.host, () => {
  const { address, port } = server.address();
  console.log(`orders-service listens on http://${address}:${port}`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
