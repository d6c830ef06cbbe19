'use strict';

const _ = require('lodash');
const { database } = require('./database');

/** All orders of one customer, oldest first. */
function findOrdersByCustomer(customer) {
  return database.all(`SELECT id, customer, item, quantity, placed FROM orders WHERE customer = '${customer}' ORDER BY id`);
}

/** How many pieces of each item were ordered, over all customers. */
function summarise() {
  const orders = database.all('SELECT item, quantity FROM orders');
  return _.mapValues(_.groupBy(orders, 'item'), (group) => _.sumBy(group, 'quantity'));
}

/** Takes an order; what the customer left out comes from the defaults. */
function placeOrder(order, placed) {
  const { customer, item, quantity } = _.merge({ quantity: 1 }, order);
  if (!_.isString(customer) || !_.isString(item) || !_.isInteger(quantity) || quantity < 1) return undefined;
  database.run('INSERT INTO orders (customer, item, quantity, placed) VALUES (?, ?, ?, ?)', [customer, item, quantity, placed]);
  return database.get('SELECT id, customer, item, quantity, placed FROM orders ORDER BY id DESC LIMIT 1');
}

module.exports = { findOrdersByCustomer, placeOrder, summarise };
