'use strict';

/** Whether a request carries the operators' token. Without a token set nobody is let in. */
function isOperator(headers, expectedToken) {
  const token = headers['x-operator-token'];
  if (token === expectedToken) return token !== undefined && token !== '';
  return false;
}

module.exports = { isOperator };
