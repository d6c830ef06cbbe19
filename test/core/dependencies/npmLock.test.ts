import assert from 'node:assert/strict';
import { graftLock } from '../../../src/core/dependencies/graftLock';
import { keepHost } from '../../../src/core/dependencies/lockEntry';
import type { SpecChanges } from '../../../src/core/dependencies/lockEntry';
import {
  closureOf,
  dependantsOf,
  instancesOf,
  parentChain,
  readNpmLock,
  resolveDependency,
} from '../../../src/core/dependencies/npmLock';
import { isHumanError } from '../../../src/core/errors';

type Entry = Record<string, unknown>;
const lockText = (packages: Record<string, Entry>, indent: string | number = 2): string =>
  `${JSON.stringify({ name: 'app', lockfileVersion: 3, requires: true, packages }, null, indent)}\n`;

const base: Record<string, Entry> = {
  '': { dependencies: { a: '^1.0.0', b: '^1.0.0' }, devDependencies: { w: '*' } },
  'node_modules/a': { version: '1.0.0', dependencies: { c: '^1.0.0' } },
  'node_modules/b': { version: '1.0.0', dependencies: { c: '^2.0.0' }, peerDependencies: { z: '1' } },
  'node_modules/b/node_modules/c': { version: '2.0.0' },
  'node_modules/c': { version: '1.0.0' },
  'node_modules/w': { resolved: 'packages/w', link: true },
  'packages/w': { version: '1.0.0', dependencies: { c: '^1.0.0' } },
};
const read = (packages: Record<string, Entry>): ReturnType<typeof readNpmLock> =>
  readNpmLock(lockText(packages), 'package-lock.json', {});

describe('npmLock', () => {
  it('resolves as Node does: own folder first, then upwards; links are followed', () => {
    const lock = read(base);
    assert.equal(resolveDependency(lock, 'node_modules/b', 'c')?.key, 'node_modules/b/node_modules/c');
    assert.equal(resolveDependency(lock, 'node_modules/a', 'c')?.key, 'node_modules/c');
    assert.equal(resolveDependency(lock, 'packages/w', 'c')?.key, 'node_modules/c');
    assert.equal(resolveDependency(lock, '', 'w')?.key, 'packages/w');
    assert.equal(resolveDependency(lock, 'node_modules/b', 'z'), undefined);
  });

  it('knows copies, users, subtrees and the chain up to the project', () => {
    const lock = read(base);
    assert.deepEqual(
      instancesOf(lock, 'c').map(({ key }) => key),
      ['node_modules/b/node_modules/c', 'node_modules/c'],
    );
    assert.deepEqual(
      dependantsOf(lock, 'node_modules/c').map(({ from, edge }) => [from.key, edge.spec]),
      [
        ['node_modules/a', '^1.0.0'],
        ['packages/w', '^1.0.0'],
      ],
    );
    assert.deepEqual([...closureOf(lock, ['node_modules/b'])].sort(), ['node_modules/b', 'node_modules/b/node_modules/c']);
    assert.deepEqual(
      parentChain(lock, 'node_modules/b/node_modules/c').map(({ key }) => key),
      ['node_modules/b'],
    );
  });

  it('sees version 1 as the same flat places', () => {
    const lock = readNpmLock(
      JSON.stringify({
        lockfileVersion: 1,
        dependencies: {
          b: { version: '1.0.0', requires: { c: '^2.0.0' }, dependencies: { c: { version: '2.0.0' } } },
          alias: { version: 'npm:real@3.0.0' },
        },
      }),
      'package-lock.json',
      { dependencies: { b: '^1.0.0' } },
    );
    assert.deepEqual([...lock.packages.keys()], ['', 'node_modules/b', 'node_modules/b/node_modules/c', 'node_modules/alias']);
    assert.deepEqual(
      instancesOf(lock, 'real').map(({ version }) => version),
      ['3.0.0'],
    );
    assert.equal(resolveDependency(lock, 'node_modules/b', 'c')?.version, '2.0.0');
  });

  for (const text of ['', '[]', '{"lockfileVersion":9,"packages":{}}', '{"lockfileVersion":3}'])
    it(`refuses ${JSON.stringify(text)} by name`, () => {
      assert.throws(
        () => readNpmLock(text, 'x/package-lock.json', {}),
        (error) => isHumanError(error) && error.message.startsWith('x/package-lock.json'),
      );
    });

  it('keeps the registry’s host that the lock has, where the address has npm’s shape', () => {
    const manifest = (tarball: string, integrity?: string): Parameters<typeof keepHost>[1] => ({
      name: '@s/p',
      version: '2.0.0',
      tarball,
      fields: {},
      carriesDependencies: false,
      ...(integrity === undefined ? {} : { integrity }),
    });
    const old = 'https://mirror.example/npm/@s/p/-/p-1.0.0.tgz';
    assert.equal(
      keepHost(old, manifest('https://registry.example/@s/p/-/p-2.0.0.tgz', 'sha512-x')),
      'https://mirror.example/npm/@s/p/-/p-2.0.0.tgz',
    );
    assert.equal(keepHost(old, manifest('https://cdn.example/blob/2', 'sha512-x')), 'https://cdn.example/blob/2');
    assert.equal(
      keepHost(old, manifest('https://registry.example/@s/p/-/p-2.0.0.tgz')),
      'https://registry.example/@s/p/-/p-2.0.0.tgz',
      'without an integrity nothing says that both hosts serve the same',
    );
  });
});

describe('graftLock', () => {
  function graft(original: string, written: Record<string, Entry>, updated: readonly string[], specs: SpecChanges = new Map()) {
    return graftLock({
      path: 'package-lock.json',
      original,
      written: lockText(written),
      before: readNpmLock(original, 'package-lock.json', {}),
      after: read(written),
      updated,
      specs,
    });
  }

  it('takes the update with its subtree and puts everything else back: marks, removals, additions, other versions', () => {
    const churned: Record<string, Entry> = {
      '': { dependencies: { a: '^1.0.1', b: '^1.0.0' }, devDependencies: { w: '*' }, license: 'MIT' },
      'node_modules/a': { version: '1.0.1', dependencies: { c: '^1.0.0', n: '^1.0.0' } },
      'node_modules/b': { version: '1.0.0', peer: true, dependencies: { c: '^2.0.0' }, peerDependencies: { z: '1' } },
      'node_modules/c': { version: '1.0.0' },
      'node_modules/n': { version: '1.0.0' },
      'node_modules/stray': { version: '9.9.9' },
      'node_modules/w': { resolved: 'packages/w', link: true },
      'packages/w': { version: '1.0.0', dependencies: { c: '^1.0.0' } },
    };
    const result = graft(
      lockText(base),
      churned,
      ['node_modules/a'],
      new Map([['', [{ section: 'dependencies', key: 'a', spec: '^1.0.1' }]]]),
    );
    const expected = {
      '': { dependencies: { a: '^1.0.1', b: '^1.0.0' }, devDependencies: { w: '*' } },
      'node_modules/a': churned['node_modules/a'],
      'node_modules/b': base['node_modules/b'],
      'node_modules/b/node_modules/c': base['node_modules/b/node_modules/c'],
      'node_modules/c': base['node_modules/c'],
      'node_modules/n': churned['node_modules/n'],
      'node_modules/w': base['node_modules/w'],
      'packages/w': base['packages/w'],
    } as Record<string, Entry>;
    assert.equal(result.text, lockText(expected));
    assert.deepEqual([...result.changed].sort(), ['node_modules/a', 'node_modules/n']);
    assert.deepEqual([...result.putBack].sort(), ['node_modules/b', 'node_modules/b/node_modules/c', 'node_modules/stray']);
    assert.equal(result.formattingKept, true);
  });

  it('takes the new place of what the update pushed out of its own', () => {
    const before: Record<string, Entry> = {
      '': { dependencies: { a: '1.0.0', b: '1.0.0' } },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '1.0.0', dependencies: { a: '1.0.0' } },
    };
    const after: Record<string, Entry> = {
      '': { dependencies: { a: '1.0.1', b: '1.0.0' } },
      'node_modules/a': { version: '1.0.1' },
      'node_modules/b': { version: '1.0.0', dependencies: { a: '1.0.0' } },
      'node_modules/b/node_modules/a': { version: '1.0.0' },
    };
    const specs = new Map([['', [{ section: 'dependencies', key: 'a', spec: '1.0.1' } as const]]]);
    assert.equal(graft(lockText(before), after, ['node_modules/a'], specs).text, lockText(after));
  });

  it('keeps tabs, CRLF, BOM and a missing final newline, and says when the format was not npm’s', () => {
    const after = { ...base, 'node_modules/c': { version: '1.0.1' } };
    const odd = `\uFEFF${lockText(base, '\t').trimEnd().replaceAll('\n', '\r\n')}`;
    const result = graft(odd, after, ['node_modules/c']);
    assert.equal(result.text, `\uFEFF${lockText(after, '\t').trimEnd().replaceAll('\n', '\r\n')}`);
    assert.equal(result.formattingKept, true);
    assert.equal(graft(lockText(base).replace('"name": ', '"name":'), after, ['node_modules/c']).formattingKept, false);
  });

  it('takes names of JavaScript’s own properties for names', () => {
    const packages: Record<string, Entry> = {
      '': {},
      'node_modules/constructor': { version: '1.0.0' },
      'node_modules/a': { version: '1.0.0' },
    };
    const original = lockText(packages).replace('"node_modules/a"', '"__proto__"');
    const result = graft(original, packages, ['node_modules/constructor']);
    assert.ok(result.text.includes('"__proto__"'));
    assert.equal(({} as { version?: string }).version, undefined);
  });
});
