import assert from 'node:assert/strict';
import { providers } from '../../src/adapters/engine';
import { readText, repositoryFiles } from './support';

const adapters = repositoryFiles().filter((file) => /^src\/adapters\/.*\.ts$/.test(file));

/** Third-party clients that speak to a system of their own, or run code of their own: each behind one file of ours. */
const clientPackages = [/^@octokit\//, /^simple-git$/, /^web-tree-sitter$/, /^node:child_process$/];

describe('adapters', () => {
  it('are registered, every one', () => {
    const registered = new Set(providers().map(({ id }) => id));
    const declared = adapters.flatMap((file) => {
      const text = readText(file);
      // What says its id and its capabilities is a provider.
      return /\bcapabilities:/.test(text)
        ? [...text.matchAll(/\bid: '([a-z0-9-]+)'/g)].map(([, id]) => ({ file, id: id ?? '' }))
        : [];
    });
    assert.ok(declared.length > 0);
    assert.deepEqual(
      declared.filter(({ id }) => !registered.has(id)),
      [],
    );
  });

  it('have ids and addresses that can stand in settings and in a table', () => {
    const all = providers();
    assert.ok(all.length > 0);
    for (const { port, id, displayName, url } of all) {
      assert.match(id, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, `${port} ${id}`);
      assert.ok(displayName.length > 0);
      assert.equal(new URL(url).protocol, 'https:', `${port} ${id}`);
    }
    const keys = all.map(({ port, id }) => `${port} ${id}`);
    assert.equal(new Set(keys).size, keys.length, 'an id is registered twice at one port');
  });

  it('load each third-party client in exactly one file, under clients', () => {
    for (const pattern of clientPackages) {
      const users = repositoryFiles()
        .filter((file) => /^src\/.*\.ts$/.test(file))
        .filter((file) =>
          [...readText(file).matchAll(/^(?:import (?!type\b).*|\} )from '([^']+)'|import\('([^']+)'\)/gm)].some(
            ([, from, late]) => pattern.test(from ?? late ?? ''),
          ),
        );
      assert.ok(users.length <= 1, `${pattern}: ${users.join(', ')}`);
      assert.ok(
        users.every((file) => file.startsWith('src/adapters/clients/')),
        `${pattern}: ${users.join(', ')}`,
      );
    }
  });
});
