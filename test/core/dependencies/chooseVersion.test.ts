import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compare, gt } from 'semver';
import { affectedWithin, chooseVersion, isBreaking } from '../../../src/core/dependencies/chooseVersion';
import type { ChoiceRequest } from '../../../src/core/dependencies/chooseVersion';
import type { KnownAdvisory } from '../../../src/core/dependencies/knownAdvisories';
import type { PublishedVersion } from '../../../src/core/dependencies/publishedPackage';

const advisory = (id: string, range: string, fixed: readonly string[] = []): KnownAdvisory => ({
  ids: [id],
  source: 'report',
  range,
  fixed,
});

interface Case extends Partial<Omit<ChoiceRequest, 'published' | 'advisories' | 'installed'>> {
  readonly what: string;
  readonly installed: string;
  readonly published: readonly (string | PublishedVersion)[];
  readonly advisories: readonly KnownAdvisory[];
  readonly expected: string | RegExp;
  readonly lines?: readonly string[];
}

const cases: readonly Case[] = [
  {
    what: 'tmp: the fixed version brings another advisory',
    installed: '0.2.5',
    published: ['0.2.5', '0.2.6', '0.2.7', '0.3.0'],
    advisories: [advisory('GHSA-52f5-9888-hmc6', '<0.2.6', ['0.2.6']), advisory('GHSA-7c78-jf6q-g5cm', '=0.2.6')],
    expected: '0.2.7',
    lines: ['0.2.6: affected by GHSA-7c78-jf6q-g5cm'],
  },
  {
    what: '@hono/node-server: clean of the advisories of later versions too',
    installed: '2.0.0',
    published: ['2.0.0', '2.0.4', '2.0.5', '2.0.9', '2.0.10', '2.1.0'],
    advisories: [advisory('GHSA-a', '<2.0.5', ['2.0.5']), advisory('GHSA-b', '>=2.0.5, <2.0.10')],
    expected: '2.0.10',
  },
  {
    what: 'fast-xml-parser: the lowest is clean although later ones are not',
    installed: '5.5.8',
    published: ['5.5.8', '5.6.0', '5.7.0', '5.9.3', '5.10.0', '5.10.1'],
    advisories: [advisory('GHSA-a', '<5.7.0'), advisory('GHSA-8r6m-32jq-jx6q', '>=5.9.0 <5.10.1')],
    expected: '5.7.0',
  },
  {
    what: 'vitest: the back-port of the own major, whatever first_patched says',
    installed: '3.1.0',
    published: ['3.1.0', '3.2.4', '3.2.5', '4.0.0', '4.1.0'],
    advisories: [advisory('GHSA-a', '<3.2.5 || >=4.0.0 <4.1.0', ['4.1.0'])],
    expected: '3.2.5',
  },
  {
    what: 'hints alone: from the fixed version of the own major on',
    installed: '3.1.0',
    published: ['3.1.0', '3.2.4', '3.2.5', '4.0.0', '4.1.0'],
    advisories: [{ ids: ['GHSA-a'], source: 'report', fixed: ['4.1.0', '3.2.5'] }],
    expected: '3.2.5',
  },
  {
    what: 'htmlhint: never a downgrade',
    installed: '0.15.1',
    published: ['0.9.9', '0.15.0', '0.15.1'],
    advisories: [advisory('GHSA-a', '>=0.9.10')],
    expected: /no version of pkg above 0\.15\.1 is published/,
  },
  {
    what: 'react-scripts: a clean older major is no way out',
    installed: '5.0.1',
    published: ['2.1.3', '5.0.1', '5.0.2'],
    advisories: [advisory('GHSA-a', '>=2.1.4')],
    expected: /5\.0\.2: affected by GHSA-a/,
  },
  {
    what: 'no prerelease unless the installed one is',
    installed: '1.0.0',
    published: ['1.0.1-rc.1', '1.0.1'],
    advisories: [advisory('GHSA-a', '<=1.0.0')],
    expected: '1.0.1',
    lines: ['1.0.1-rc.1: prerelease'],
  },
  {
    what: 'a prerelease goes on to the next one',
    installed: '1.0.0-rc.1',
    published: ['1.0.0-rc.1', '1.0.0-rc.2', '1.0.0'],
    advisories: [advisory('GHSA-a', '<=1.0.0-rc.1')],
    expected: '1.0.0-rc.2',
  },
  {
    what: 'a prerelease below the fixed version is affected',
    installed: '1.0.0-rc.1',
    published: ['1.0.0-rc.1', '1.0.0-rc.2', '1.0.0'],
    advisories: [advisory('GHSA-a', '<1.0.0')],
    expected: '1.0.0',
  },
  {
    what: 'deprecated versions are passed over',
    installed: '1.0.0',
    published: ['1.0.0', { version: '1.0.1', deprecated: 'broken' }, '1.0.2'],
    advisories: [advisory('GHSA-a', '<1.0.1')],
    expected: '1.0.2',
    lines: ['1.0.1: deprecated by its maintainers'],
  },
  {
    what: 'where all are deprecated the fix is still worth having',
    installed: '1.0.0',
    published: [
      { version: '1.0.0', deprecated: 'use other' },
      { version: '1.0.1', deprecated: 'use other' },
    ],
    advisories: [advisory('GHSA-a', '<1.0.1')],
    expected: '1.0.1',
  },
  {
    what: 'must run on every Node that the project supports',
    installed: '1.0.0',
    published: [
      { version: '1.0.0', enginesNode: '>=10' },
      { version: '1.0.1', enginesNode: '>=22' },
      { version: '1.1.0', enginesNode: '>=18' },
    ],
    advisories: [advisory('GHSA-a', '<1.0.1')],
    projectNode: '>=20',
    expected: '1.1.0',
    lines: ['1.0.1: needs Node >=22, the project supports >=20'],
  },
  {
    what: 'the running Node counts where the project names none',
    installed: '1.0.0',
    published: ['1.0.0', { version: '1.0.1', enginesNode: '>=22' }, { version: '1.1.0', enginesNode: '>=18' }],
    advisories: [advisory('GHSA-a', '<1.0.1')],
    expected: '1.1.0',
  },
  {
    what: 'where the installed version already leaves Nodes out, sharing some is enough',
    installed: '1.0.0',
    published: [
      { version: '1.0.0', enginesNode: '>=18' },
      { version: '1.0.1', enginesNode: '>=18' },
    ],
    advisories: [advisory('GHSA-a', '<1.0.1')],
    projectNode: '>=16',
    expected: '1.0.1',
  },
  {
    what: 'no range and no fixed version: nothing can be called clean',
    installed: '1.0.0',
    published: ['1.0.0', '1.0.1'],
    advisories: [{ ids: ['GHSA-a'], source: 'report', fixed: [] }],
    expected: /GHSA-a gives no affected range and no fixed version/,
  },
  {
    what: 'an unreadable range is said',
    installed: '1.0.0',
    published: ['1.0.0', '1.0.1'],
    advisories: [advisory('GHSA-a', 'before last Tuesday')],
    expected: /a range that cannot be read \(before last Tuesday\)/,
  },
  {
    what: 'all versions affected',
    installed: '1.0.0',
    published: ['1.0.0', '1.0.1', '2.0.0'],
    advisories: [advisory('GHSA-a', '*')],
    expected: /1\.0\.1 to 2\.0\.0 \(2 versions\): affected by GHSA-a/,
  },
  {
    what: 'within the range of another user',
    installed: '1.0.0',
    published: ['1.0.0', '1.0.1', '1.1.0'],
    advisories: [advisory('GHSA-a', '<1.1.0')],
    within: [{ by: 'parent 3.0.0', range: '~1.0.0' }],
    expected: /1\.1\.0: outside the range of parent 3\.0\.0 \(~1\.0\.0\)/,
  },
];

describe('chooseVersion', () => {
  for (const { what, published, expected, lines, ...rest } of cases)
    it(what, () => {
      const choice = chooseVersion({
        runningNode: '20.19.0',
        ...rest,
        published: {
          name: 'pkg',
          distTags: {},
          versions: published.map((each) => (typeof each === 'string' ? { version: each } : each)),
        },
      });
      if (typeof expected === 'string') assert.equal(choice.kind === 'chosen' ? choice.version : choice.because, expected);
      else assert.match(choice.kind === 'none' ? choice.because : `chose ${choice.version}`, expected);
      if (lines !== undefined) assert.deepEqual(choice.lines, lines);
    });

  it('says what is breaking: another major, below 1.0.0 another minor', () => {
    assert.deepEqual(
      [
        ['1.2.3', '1.9.0'],
        ['1.2.3', '2.0.0'],
        ['0.2.5', '0.2.7'],
        ['0.2.5', '0.3.0'],
        ['0.9.0', '1.0.0'],
      ].map(([from = '', to = '']) => isBreaking(from, to)),
      [false, true, false, true, true],
    );
  });

  it('names the later versions that a range admits although they are affected', () => {
    const versions = ['5.7.0', '5.9.3', '5.10.0', '5.10.1', '6.0.0'].map((version) => ({ version }));
    const published = { name: 'fast-xml-parser', distTags: {}, versions };
    const known = [advisory('GHSA-8r6m-32jq-jx6q', '>=5.9.0 <5.10.1')];
    assert.deepEqual(affectedWithin('^5.7.0', '5.7.0', published, known), ['5.9.3', '5.10.0']);
    assert.deepEqual(affectedWithin('5.7.0', '5.7.0', published, known), []);
    assert.deepEqual(affectedWithin('~5.9.0 || ^5.10.1', '5.10.1', published, known), ['5.9.3']);
  });

  it('is always above the installed version, clean, and the lowest such (any versions, any ranges)', () => {
    const version = fc.tuple(fc.nat(3), fc.nat(4), fc.nat(4)).map((parts) => parts.join('.'));
    const range = fc.oneof(
      version.map((v) => `<${v}`),
      fc.tuple(version, version).map(([a, b]) => `>=${a} <${b}`),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(version, { minLength: 1 }),
        version,
        fc.array(range, { minLength: 1 }),
        (all, installed, ranges) => {
          const advisories = ranges.map((each, i) => advisory(`GHSA-${i}`, each));
          const published = { name: 'pkg', distTags: {}, versions: all.map((each) => ({ version: each })) };
          const choice = chooseVersion({ published, installed, advisories, runningNode: '20.0.0' });
          const inRange = (v: string, r: string): boolean =>
            r.split(' ').every((part) => {
              const bound = part.replace(/^[<>=]+/, '');
              return part.startsWith('>=') ? compare(v, bound) >= 0 : compare(v, bound) < 0;
            });
          const clean = all.filter((v) => gt(v, installed) && !ranges.some((r) => inRange(v, r))).sort(compare);
          assert.equal(choice.kind === 'chosen' ? choice.version : undefined, clean[0]);
        },
      ),
    );
  });
});
