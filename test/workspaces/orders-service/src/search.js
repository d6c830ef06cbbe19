'use strict';

const { database } = require('./database');

/** All orders of the given items (`lamp,mouse`), oldest first. */
function findOrdersOfItems(items) {
  return database.all("SELECT id, customer, item, quantity, placed FROM orders WHERE item IN ('" + items.split(',').join("','") + "') ORDER BY id");
}

module.exports = { findOrdersOfItems };
