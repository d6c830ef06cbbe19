'use strict';

const fs = require('node:fs');
const path = require('node:path');
const JSON5 = require('json5');

const file = path.join(__dirname, '..', 'data', 'catalogue.json5');

/** What can be ordered: name → price in cents. */
function readCatalogue() {
  return JSON5.parse(fs.readFileSync(file, 'utf8'));
}

module.exports = { readCatalogue };
