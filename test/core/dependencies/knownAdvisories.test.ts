import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { valid } from 'semver';
import { advisoriesOfFindings, affects, mergeAdvisories } from '../../../src/core/dependencies/knownAdvisories';
import type { KnownAdvisory } from '../../../src/core/dependencies/knownAdvisories';
import { osvAffects } from '../../../src/core/dependencies/osvRange';
import type { OsvAffected } from '../../../src/core/dependencies/osvRange';
import { makeFinding } from '../../support/findings';

const of = (range: string | undefined, fixed: readonly string[] = []): KnownAdvisory => ({
  ids: ['GHSA-a'],
  source: 'report',
  fixed,
  ...(range === undefined ? {} : { range }),
});

describe('knownAdvisories', () => {
  const cases: readonly [KnownAdvisory, string, boolean | undefined][] = [
    [of('<4.17.21'), '4.17.20', true],
    [of('<4.17.21'), '4.17.21', false],
    [of('<4.17.21'), '4.17.21-rc.1', true],
    [of('>= 1.0.0, < 2.0.0'), '1.5.0', true],
    [of('>= 1.0.0, < 2.0.0'), '2.0.0', false],
    [of('= 0.2.6'), '0.2.6', true],
    [of('<=1.0.8 || >=2.0.0 <2.3.0'), '2.2.9', true],
    [of('<=1.0.8 || >=2.0.0 <2.3.0'), '1.0.9', false],
    [of('*'), '9.9.9', true],
    [of('1.2.0 - 1.2.3'), '1.2.3', true],
    [of('nonsense!'), '1.0.0', undefined],
    [of(undefined), '1.0.0', undefined],
    [of(undefined, ['1.2.3', '2.0.5']), '1.2.4', false],
    [of(undefined, ['1.2.3', '2.0.5']), '2.0.4', true],
    [of(undefined, ['1.2.3', '2.0.5']), '3.0.0', false],
    // Several minors of a major with fixes of their own: each is a line.
    [of(undefined, ['15.0.5', '15.1.9', '16.0.7']), '15.1.0', true],
    [of(undefined, ['15.0.5', '15.1.9', '16.0.7']), '15.0.6', false],
    [of(undefined, ['15.0.5', '15.1.9', '16.0.7']), '15.2.0', false],
    // What is no version cannot be told.
    [of('<1.0.0'), 'git+ssh://git@example.org/x.git#0f', undefined],
    // A range decides, whatever the hint says.
    [of('<3.2.5', ['4.1.0']), '3.2.5', false],
  ];
  for (const [advisory, version, expected] of cases)
    it(`${advisory.range ?? `fixed in ${advisory.fixed.join(', ')}`}: ${version} → ${String(expected)}`, () => {
      assert.equal(affects(advisory, 'pkg', version), expected);
    });

  it('collects the advisories of a package over scanners and manifests, and of no other', () => {
    const finding = (name: string, ecosystem: string, alias: string): ReturnType<typeof makeFinding> =>
      makeFinding({
        kind: 'dependency',
        aliases: [alias],
        package: {
          purl: `pkg:${ecosystem}/${name}@1.0.0`,
          ecosystem,
          name,
          manifest: 'package.json',
          fixedVersions: ['1.0.1'],
          vulnerableRange: '<1.0.1',
        },
      });
    const found = advisoriesOfFindings(
      [finding('a', 'npm', 'GHSA-1'), finding('b', 'npm', 'GHSA-2'), finding('a', 'pypi', 'GHSA-3'), makeFinding()],
      'a',
    );
    assert.deepEqual(found, [{ ids: ['GHSA-1'], source: 'report', range: '<1.0.1', fixed: ['1.0.1'] }]);
  });

  it("lets the registry's range stand for the report's of the same advisory", () => {
    const registry: KnownAdvisory = { ids: ['GHSA-a'], source: 'registry', range: '<3.2.5', fixed: [] };
    const other = { ...of('<9'), ids: ['GHSA-b'] };
    assert.deepEqual(mergeAdvisories([of('<4.1.0'), other], [registry]), [registry, other]);
  });
});

describe('osvAffects', () => {
  const events = (...list: readonly Record<string, string>[]): OsvAffected[] => [{ ranges: [{ type: 'SEMVER', events: list }] }];
  const cases: readonly [readonly OsvAffected[], string, boolean][] = [
    [events({ introduced: '0' }, { fixed: '1.0.0' }), '1.0.0', false],
    [events({ introduced: '0' }, { fixed: '1.0.0' }), '1.0.0-rc.1', true],
    [events({ introduced: '0' }, { last_affected: '1.2.0' }), '1.2.0', true],
    [events({ fixed: '1.0.0' }, { introduced: '0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }), '2.0.5', true],
    [events({ introduced: '1.0.0' }, { limit: '2.0.0' }), '2.0.0', false],
    [[{ versions: ['1.0.0'] }], '1.0.0', true],
    [[{ package: { ecosystem: 'PyPI', name: 'pkg' }, versions: ['1.0.0'] }], '1.0.0', false],
    [[{ ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] }], '1.0.0', false],
  ];
  for (const [affected, version, expected] of cases)
    it(`${JSON.stringify(affected)} ${version} → ${String(expected)}`, () => {
      assert.equal(osvAffects(affected, 'pkg', version), expected);
    });

  const shared = '../shared/data/versions.json';
  it('agrees with the public case file on npm packages where it is present', function () {
    if (!existsSync(shared)) {
      console.log('      (the public case file is not here: nothing compared)');
      return;
    }
    const file = JSON.parse(readFileSync(shared, 'utf8')) as {
      osvAffected: {
        affected: OsvAffected[];
        package: { name: string; ecosystem: string };
        version: string;
        isAffected: boolean;
      }[];
    };
    // npm publishes nothing but semantic versions; for others the answer is "unknown".
    const npm = file.osvAffected.filter((each) => each.package.ecosystem.toLowerCase() === 'npm' && valid(each.version) !== null);
    assert.ok(npm.length > 5);
    for (const each of npm)
      assert.equal(osvAffects(each.affected, each.package.name, each.version), each.isAffected, JSON.stringify(each));
  });
});
