import assert from 'node:assert/strict';
import { checkLicences } from '../../../src/core/dependencies/checkLicences';
import type { FileChange } from '../../../src/core/model/patch';

type Entries = Readonly<Record<string, { readonly version: string; readonly license?: unknown; readonly link?: boolean }>>;
const lock = (entries: Entries, lockfileVersion = 3): string =>
  JSON.stringify({ lockfileVersion, packages: { '': { name: 'p', version: '9', license: 'UNLICENSED' }, ...entries } });
const change = (before: Entries | null, after: Entries): FileChange => ({
  path: 'package-lock.json',
  before: before === null ? null : lock(before),
  after: lock(after),
});
const at = 'node_modules/a';

describe('checkLicences', () => {
  const cases: readonly [string, readonly FileChange[], string][] = [
    ['code alone', [{ path: 'src/a.js', before: '', after: 'x' }], 'successful: no dependency changes, so no licence does'],
    [
      'the same licence',
      [change({ [at]: { version: '1', license: 'GPL-3.0' } }, { [at]: { version: '2', license: 'GPL-3.0' } })],
      'successful: 1 changed package: GPL-3.0',
    ],
    [
      'a new package under a permissive one',
      [
        change(
          {},
          {
            [at]: { version: '2', license: '(MIT OR GPL-3.0)' },
            'node_modules/a/node_modules/@x/b': { version: '1', license: 'isc' },
          },
        ),
      ],
      'successful: 2 changed packages: (MIT OR GPL-3.0), isc',
    ],
    [
      'another licence',
      [change({ [at]: { version: '1', license: 'MIT' } }, { [at]: { version: '2', license: 'BUSL-1.1' } })],
      'inconclusive: a person must look at the licence of a 2 (MIT → BUSL-1.1)',
    ],
    [
      'a new package under another',
      [change(null, { [at]: { version: '2', license: 'MIT AND GPL-3.0' } })],
      'inconclusive: a person must look at the licence of a 2 (MIT AND GPL-3.0)',
    ],
    [
      'none said',
      [change({}, { [at]: { version: '2', license: { type: 'MIT' } } })],
      'error: the lock file says no licence of a 2',
    ],
    ['a link', [change({}, { [at]: { version: '2', link: true } })], 'successful: no package changes'],
    [
      'a manifest without its lock',
      [{ path: 'package.json', before: '{}', after: '{ }' }],
      'error: package.json changes without an npm lock file, so the licences are not known',
    ],
    [
      'version 1, which says none',
      [
        {
          path: 'package-lock.json',
          before: '{"lockfileVersion":1}',
          after: '{"lockfileVersion":1,"dependencies":{"a":{"version":"1"}}}',
        },
      ],
      'error: the lock file says no licence of a 1',
    ],
    ['damaged', [{ path: 'package-lock.json', before: null, after: '[]' }], 'error: package-lock.json is not a JSON object.'],
  ];
  for (const [name, changes, words] of cases) {
    it(name, () => {
      const { outcome, detail } = checkLicences(changes);
      assert.equal(`${outcome}: ${detail}`, words);
    });
  }
});
