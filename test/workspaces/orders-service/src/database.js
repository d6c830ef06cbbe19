'use strict';

const { Database } = require('node-sqlite3-wasm');

const database = new Database(':memory:');

database.exec(`
  CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer TEXT NOT NULL,
    item TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    placed TEXT NOT NULL
  );
  INSERT INTO orders (id, customer, item, quantity, placed) VALUES
    (1001, 'ada',    'keyboard', 1, '2025-01-14'),
    (1002, 'grace',  'monitor',  2, '2025-02-03'),
    (1003, 'ada',    'mouse',    1, '2025-02-11'),
    (1004, 'edsger', 'lamp',     4, '2025-03-27');
`);

module.exports = { database };
