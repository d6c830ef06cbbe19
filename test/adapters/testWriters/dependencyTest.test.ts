import assert from 'node:assert/strict';
import type { Finding } from '../../../src/core/model/finding';
import { makeFinding } from '../../support/findings';
import { vulnerable } from '../../support/npmProjects';
import { useTestWriter } from '../../support/testWriter';

describe('project test writer: the version of a package', function () {
  this.timeout(60_000);
  const { put, testFor, runTest } = useTestWriter();

  describe('dependencies', () => {
    const advisory = (id: string, vulnerableRange: string): Finding =>
      vulnerable('left', '1.0.0', vulnerableRange, { id, aliases: [id] }, 'package.json');
    const lock = (...versions: readonly string[]): string =>
      JSON.stringify({
        packages: Object.fromEntries(
          versions.map((version, index) => [`${'node_modules/a/'.repeat(index)}node_modules/left`, { version }]),
        ),
      });
    const cases: readonly (readonly [versions: readonly string[], green: boolean])[] = [
      [['1.2.4'], false],
      [['1.2.5'], true],
      [['1.2.5-rc.1'], false],
      [['1.2.5', '1.0.0'], false],
      [['2.0.0'], false],
      [['2.3.0'], true],
      [['2.3.0-beta.2'], false],
      [['3.0.0+build.1'], true],
    ];
    for (const [versions, green] of cases) {
      it(`${versions.join(' and ')} ${green ? 'passes' : 'fails'}`, async () => {
        put({ 'package.json': '{}', 'package-lock.json': lock(...versions) });
        const own = advisory('GHSA-AAAA', '<1.2.5');
        const test = await testFor(own, {}, [own, advisory('GHSA-BBBB', '>=2.0.0, <2.3.0')]);
        assert.equal(test.strength, 'version');
        const { code, output } = runTest(test);
        assert.equal(code === 0, green, output);
        if (!green) assert.ok(output.includes(test.expectedFailure), output);
      });
    }
  });

  describe('dependencies, by the lock file that decides', () => {
    const finding = (manifest: string): Finding =>
      makeFinding({
        kind: 'dependency',
        aliases: ['GHSA-AAAA'],
        locations: [],
        package: { purl: 'pkg:npm/left', ecosystem: 'npm', name: 'left', manifest, fixedVersions: [], vulnerableRange: '<1.2.5' },
      });
    const table = (places: object): string => JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...places } });
    const legacy = (version: string): string =>
      JSON.stringify({
        lockfileVersion: 1,
        dependencies: { left: { version: '1.2.5' }, a: { version: '1.0.0', dependencies: { mine: { version } } } },
      });
    const member = 'packages/a/package.json';
    const memberLock = (version: string): string => table({ 'packages/a': {}, 'node_modules/left': { version } });
    const cases: readonly (readonly [
      what: string,
      manifest: string,
      lock: string,
      bad: string,
      good: string,
      tested?: { readonly folder: string; readonly lock: string },
    ])[] = [
      ['nested in version 1', 'package.json', 'package-lock.json', legacy('npm:left@1.0.0'), legacy('npm:left@1.2.5')],
      [
        'npm-shrinkwrap.json',
        'package.json',
        'npm-shrinkwrap.json',
        table({ 'node_modules/left': { version: '1.0.0' } }),
        table({ 'node_modules/left': { version: '1.2.5' } }),
      ],
      ['the root’s, for a workspace member', member, 'package-lock.json', memberLock('1.0.0'), memberLock('1.2.5')],
      [
        'the root’s, for a workspace member with tests of its own',
        member,
        'package-lock.json',
        memberLock('1.0.0'),
        memberLock('1.2.5'),
        { folder: 'packages/a', lock: '../../package-lock.json' },
      ],
      [
        'the one of a package below the root',
        member,
        'packages/a/package-lock.json',
        table({ 'node_modules/left': { version: '1.0.0' } }),
        table({ 'node_modules/left': { version: '1.2.5' } }),
        { folder: 'packages/a', lock: 'package-lock.json' },
      ],
    ];
    for (const [what, manifest, lock, bad, good, tested] of cases) {
      it(what, async () => {
        const own = tested === undefined ? '{}' : '{"scripts":{"test":"node --test"}}';
        put({ 'package.json': '{}', [member]: own, [lock]: bad });
        const test = await testFor(finding(manifest));
        assert.equal(test.folder, tested?.folder);
        const red = runTest(test);
        assert.notEqual(red.code, 0);
        assert.ok(red.output.includes(`${test.expectedFailure} ${tested?.lock ?? lock} `), red.output);
        put({ [lock]: good });
        assert.equal(runTest(test).code, 0, runTest(test).output);
      });
    }
  });
});
