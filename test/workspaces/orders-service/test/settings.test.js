'use strict';

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { isOperator } = require('../src/access');
const { readSettings } = require('../src/settings');

describe('settings', () => {
  it('come from the defaults', () => {
    assert.deepEqual(readSettings([], {}), { host: '127.0.0.1', port: 3000 });
  });

  it('prefer the command line over the environment', () => {
    assert.equal(readSettings(['--port', '8080'], { PORT: '9090' }).port, 8080);
    assert.equal(readSettings([], { PORT: '9090' }).port, 9090);
  });

  it('refuse what is no port', () => {
    assert.throws(() => readSettings(['--port', 'http'], {}), /not a port/);
  });
});

describe('access', () => {
  it('asks for the token', () => {
    assert.equal(isOperator({ 'x-operator-token': 'right' }, 'right'), true);
    assert.equal(isOperator({ 'x-operator-token': 'wrong' }, 'right'), false);
    assert.equal(isOperator({}, undefined), false);
  });
});
