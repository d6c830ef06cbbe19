import assert from 'node:assert/strict';
import {
  defaultRegistry,
  expandEnvironment,
  keepResolutionSettings,
  parseNpmrc,
  registryFor,
} from '../../../src/core/dependencies/npmrc';

describe('npmrc', () => {
  it('reads keys and values, without comments', () => {
    assert.deepEqual(
      [...parseNpmrc('; c\n# c\nregistry = https://a/\r\n"x"="y"\n@s:registry=https://b\n//b/:_authToken="t"\nflag\n')],
      [
        ['registry', 'https://a/'],
        ['"x"', 'y'],
        ['@s:registry', 'https://b'],
        ['//b/:_authToken', 't'],
      ],
    );
  });

  it('expands variables as npm does', () => {
    assert.equal(expandEnvironment('a${B}c${D}${E?}\\${B}', { B: 'x' }), 'axc${D}\\${B}');
  });

  it('leaves out what names programs or folders', () => {
    assert.equal(
      keepResolutionSettings(
        'git=./evil.sh\nscript-shell=/bin/evil\nnode-options=--require ./evil.js\nprefix=/x\ncache=./c\nglobalconfig=./g\n' +
          'registry=https://a/\n@s:registry=https://b/\n//b/:_authToken=${T}\nlegacy-peer-deps=true\n',
      ),
      'registry=https://a/\n@s:registry=https://b/\n//b/:_authToken=${T}\nlegacy-peer-deps=true\n',
    );
  });

  it('finds the registry of a scope and the token for exactly its place', () => {
    const project = new Map([['@s:registry', 'https://host/npm']]);
    const own = new Map([
      ['registry', 'https://mirror/'],
      ['//host/:_authToken', 'token'],
      ['//other/:_authToken', 'no'],
    ]);
    assert.deepEqual(registryFor('@s/x', project, own, own), { url: 'https://host/npm/', authorization: 'Bearer token' });
    assert.deepEqual(registryFor('x', project, own, own), { url: 'https://mirror/' });
    assert.deepEqual(registryFor('x', new Map(), new Map(), own), { url: defaultRegistry });
  });
});
