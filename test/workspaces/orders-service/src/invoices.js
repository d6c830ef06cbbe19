'use strict';

const fs = require('node:fs/promises');
const path = require('node:path');

const INVOICES = path.join(__dirname, '..', 'data', 'invoices');

/** Text of an invoice, by its file name; undefined when there is none. */
async function readInvoice(name) {
  try {
    return await fs.readFile(path.join(INVOICES, name), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EISDIR') return undefined;
    throw error;
  }
}

module.exports = { readInvoice };
