import assert from 'node:assert/strict';
import { checkLicences } from '../../../src/core/dependencies/checkLicences';
import type { FileChange } from '../../../src/core/model/patch';
import type { LicencePermission } from '../../../src/core/model/policy';

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

  const busl = [change({ [at]: { version: '1', license: 'MIT' } }, { [at]: { version: '2', license: 'BUSL-1.1' } })];
  const both = [change({}, { [at]: { version: '2', license: 'MPL-2.0 AND GPL-3.0' } })];
  const none = [change({}, { [at]: { version: '2' } })];
  const now = Date.UTC(2026, 0, 10, 12);
  const open = 'inconclusive: a person must look at the licence of a 2 (MIT → BUSL-1.1)';
  const fine = 'successful: 1 changed package: BUSL-1.1; a 2 (BUSL-1.1) allowed by policy: counsel agreed';
  const reason = 'counsel\u202e agreed';
  const permitted: readonly [string, readonly FileChange[], readonly LicencePermission[], string][] = [
    ['the licence is allowed', busl, [{ licence: 'busl-1.1', reason }], fine],
    ['the package is allowed', busl, [{ package: 'a', reason }], fine],
    ['both, together', busl, [{ package: 'a', licence: 'BUSL-1.1', reason }], fine],
    ['another package', busl, [{ package: 'b', licence: 'BUSL-1.1', reason }], open],
    ['the package under another licence', busl, [{ package: 'a', licence: 'GPL-3.0', reason }], open],
    ['until today', busl, [{ licence: 'BUSL-1.1', reason, until: '2026-01-10' }], fine],
    ['until yesterday', busl, [{ licence: 'BUSL-1.1', reason, until: '2026-01-09' }], open],
    [
      'half of what is asked',
      both,
      [{ licence: 'MPL-2.0', reason }],
      'inconclusive: a person must look at the licence of a 2 (MPL-2.0 AND GPL-3.0)',
    ],
    [
      'all of what is asked',
      both,
      [
        { licence: 'MPL-2.0', reason: 'files only' },
        { licence: 'GPL-3.0', reason: 'a tool' },
      ],
      'successful: 1 changed package: MPL-2.0 AND GPL-3.0; a 2 (MPL-2.0 AND GPL-3.0) allowed by policy: files only; a tool',
    ],
    [
      'none said, and the package is not named',
      none,
      [{ licence: 'MIT', reason }],
      'error: the lock file says no licence of a 2',
    ],
    [
      'none said, and the package is allowed',
      none,
      [{ package: 'a', reason }],
      'successful: 1 changed package: none said; a 2 (no licence said) allowed by policy: counsel agreed',
    ],
  ];
  for (const [name, changes, permissions, words] of permitted) {
    it(`by policy: ${name}`, () => {
      const { outcome, detail } = checkLicences(changes, { permissions, now });
      assert.equal(`${outcome}: ${detail}`, words);
    });
  }
});
