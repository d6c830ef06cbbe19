import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Finding } from '../../../src/core/model/finding';
import type { Patch } from '../../../src/core/model/patch';
import { integrityOf } from '../../support/npmRegistry';
import { assertPatch, linesChanged, useNpmProjects, vulnerable } from '../../support/npmProjects';

describe('npm-update, with the real npm and a registry on loopback', function () {
  this.timeout(120_000);
  const { registry, closedUrl, project, propose, rewritten } = useNpmProjects();

  it('updates a direct dependency: the token in place, one lock entry, and the lock is what npm itself writes', async () => {
    const files = await project(
      { 'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '^1.0.0', other: '1.0.0' } } },
      { pins: { left: '1.0.0' } },
    );
    const finding = vulnerable('left', '1.0.0', '<1.0.2');
    const patch = await propose(files, finding, { findings: [finding, vulnerable('left', '1.0.0', '=1.0.2')] });
    assertPatch(patch);
    assert.equal(patch.title, 'Update left from 1.0.0 to 1.1.0');
    assert.deepEqual(patch.update, { name: 'left', from: '1.0.0', to: '1.1.0', manifest: 'package.json' });
    assert.deepEqual(patch.closes, ['pl-left-<1.0.2', 'pl-left-=1.0.2']);
    assert.deepEqual(
      patch.changes.map((change) => [change.path, linesChanged(change.before ?? '', change.after)]),
      [
        ['package.json', ['- "left": "^1.0.0",', '+ "left": "^1.1.0",']],
        [
          'package-lock.json',
          [
            '- "left": "^1.0.0",',
            '- "resolved": "http://127.0.0.1:PORT/left/-/left-1.0.0.tgz",',
            `- "integrity": "${integrityOf('left', { version: '1.0.0' })}",`,
            '+ "left": "^1.1.0",',
            '+ "version": "1.1.0",',
            '+ "resolved": "http://127.0.0.1:PORT/left/-/left-1.1.0.tgz",',
            `+ "integrity": "${integrityOf('left', { version: '1.1.0' })}",`,
          ],
        ],
      ].map(([path, lines]) => [path, (lines as string[]).map((line) => line.replace('PORT', new URL(registry().url).port))]),
    );
    assert.ok(patch.notes.some((note) => note.startsWith('Passed over 1.0.1 to 1.0.2 (2 versions): affected by GHSA-left')));
    assert.ok(patch.notes.some((note) => note.includes('the registry did not answer')));
    assert.deepEqual(await rewritten(patch, files), lockOf(patch), 'npm leaves the proposed lock as it is');
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith('patchline-npm-')),
      [],
      'temporary copies are gone',
    );
  });

  const lockOf = (patch: Patch): string => patch.changes.find((change) => change.path.endsWith('package-lock.json'))?.after ?? '';

  for (const version of [1, 2, 3])
    it(`brings along what the new version needs and nests what others keep (lockfileVersion ${version})`, async () => {
      const files = await project(
        { 'package.json': { name: 'app', version: '1.0.0', dependencies: { web: '1.0.0', other: '1.0.0', left: '1.0.0' } } },
        { args: [`--lockfile-version=${version}`] },
      );
      const finding = vulnerable('web', '1.0.0', '<1.0.1');
      const patch = await propose(files, finding, { findings: [finding, vulnerable('util', '1.0.0', '*')] });
      assertPatch(patch);
      // util 1.1.0 comes with web 1.0.1; util 1.0.0 was there before.
      const bringing = patch.notes.filter((note) => note.startsWith('Brings in'));
      assert.equal(bringing.length, 1);
      assert.match(bringing[0] ?? '', /^Brings in util 1\.1\.0 /);
      const lock = JSON.parse(lockOf(patch)) as {
        lockfileVersion: number;
        packages?: Record<string, { version: string }>;
        dependencies?: Record<string, { version: string; dependencies?: Record<string, { version: string }> }>;
      };
      assert.equal(lock.lockfileVersion, version);
      const versionAt = (key: string): string | undefined =>
        version === 1
          ? key
              .split('/')
              .reduce<{ version?: string; dependencies?: Record<string, object> } | undefined>(
                (at, name) => at?.dependencies?.[name] as { version?: string } | undefined,
                lock as object,
              )?.version
          : lock.packages?.[`node_modules/${key.replaceAll('/', '/node_modules/')}`]?.version;
      assert.equal(versionAt('web'), '1.0.1');
      assert.equal(versionAt('left'), '1.0.0');
      assert.equal(versionAt('extra'), '1.2.0');
      const utils = [versionAt('util'), versionAt('web/util'), versionAt('other/util')]
        .filter((each) => each !== undefined)
        .sort();
      assert.deepEqual(utils, ['1.0.0', '1.1.0']);
      // npm turns a version 1 lock into version 3 when it is not told otherwise: version 3 stands for both.
      if (version === 3) assert.equal(await rewritten(patch, files), lockOf(patch));
    });

  it('keeps line ends, indent and the absence of a final newline', async () => {
    const plain = await project({ 'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '1.0.0' } } });
    const files = Object.fromEntries(
      Object.entries(plain).map(([path, text]) => [path, JSON.stringify(JSON.parse(text), null, '\t').replaceAll('\n', '\r\n')]),
    );
    const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
    assertPatch(patch);
    for (const change of patch.changes) {
      assert.equal(change.after, JSON.stringify(JSON.parse(change.after), null, '\t').replaceAll('\n', '\r\n'), change.path);
      assert.equal(change.before?.split('\r\n').length, change.after.split('\r\n').length);
    }
  });

  it('refreshes a transitive copy in the lock alone where every parent allows it', async () => {
    const files = await project(
      { 'package.json': { name: 'app', version: '1.0.0', dependencies: { web: '1.0.0' } } },
      { pins: { left: '1.0.0' } },
    );
    const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
    assertPatch(patch);
    assert.deepEqual(
      patch.changes.map((change) => change.path),
      ['package-lock.json'],
    );
    assert.equal(
      (JSON.parse(lockOf(patch)) as { packages: Record<string, { version: string }> }).packages['node_modules/left']?.version,
      '1.0.1',
    );
    assert.match(patch.reason, /the lock file alone changes/);
    assert.deepEqual(await rewritten(patch, files), lockOf(patch));
  });

  it('says who holds a transitive copy that cannot move', async () => {
    const files = await project({ 'package.json': { name: 'app', version: '1.0.0', dependencies: { pins: '1.0.0' } } });
    const outcome = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
    assert.ok('noFix' in outcome);
    assert.match(
      outcome.noFix,
      /it comes through pins 1\.0\.0; pins 1\.0\.0 asks for 1\.0\.0, which allows no clean version \(the lowest is 1\.0\.1\)/,
    );
  });

  it('is no answer to a finding whose own copy stays, or is not there, that another one moves', async () => {
    const files = await project({
      'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '1.1.0', pins: '1.0.0' } },
    });
    const other = vulnerable('left', '1.1.0', '=1.1.0', { id: 'other', aliases: ['GHSA-other'] });
    for (const [range, because] of [
      ['<1.0.1', /^left 1\.0\.0 \(node_modules\/pins\/node_modules\/left\) stays: it comes through pins/],
      ['=1.0.1', /^package-lock\.json has left 1\.1\.0, 1\.0\.0, which GHSA-left does not affect; scan again$/],
    ] as const) {
      const finding = vulnerable('left', '1.1.0', range);
      const outcome = await propose(files, finding, { findings: [finding, other] });
      assert.ok('noFix' in outcome, range);
      assert.match(outcome.noFix, because);
    }
  });

  it('moves the project’s own copy and names the one that a parent keeps', async () => {
    const files = await project({
      'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '1.0.0', pins: '1.0.0' } },
    });
    const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
    assertPatch(patch);
    assert.deepEqual(patch.closes, [], 'a vulnerable copy stays, so nothing is closed');
    assert.ok(
      patch.notes.some((note) => /Left: left 1\.0\.0 at node_modules\/pins\/node_modules\/left/.test(note)),
      patch.notes.join('\n'),
    );
  });

  it('raises each section that asks for the package in its own way, in the lock as in the manifest', async () => {
    const files = await project({
      'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '1.0.0' }, devDependencies: { left: 'v1.0.0' } },
    });
    const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
    assertPatch(patch);
    type Sections = Record<'dependencies' | 'devDependencies', object>;
    const manifest = JSON.parse(patch.changes[0]?.after ?? '') as Sections;
    const root = (JSON.parse(lockOf(patch)) as { packages: { '': Sections } }).packages[''];
    for (const one of [manifest, root])
      assert.deepEqual([one.dependencies, one.devDependencies], [{ left: '1.0.1' }, { left: 'v1.0.1' }]);
  });

  it('edits workspace members from the root, whose lock names them', async () => {
    const files = await project({
      'package.json': { name: 'root', private: true, workspaces: ['packages/*'] },
      'packages/a/package.json': { name: 'a', version: '1.0.0', dependencies: { left: '~1.0.0' } },
      'packages/b/package.json': { name: 'b', version: '1.0.0', devDependencies: { left: '1.0.0' } },
    });
    const before = JSON.parse(files['package-lock.json'] ?? '') as { packages: Record<string, { version?: string }> };
    const places = Object.keys(before.packages).filter((key) => key.endsWith('node_modules/left'));
    assert.equal(places.length, 2);
    const patch = await propose(files, vulnerable('left', '1.0.0', '<1.1.0', {}, 'packages/a/package.json'));
    assertPatch(patch);
    assert.deepEqual(
      patch.changes.map((change) => change.path),
      ['packages/a/package.json', 'packages/b/package.json', 'package-lock.json'],
    );
    assert.match(patch.changes[0]?.after ?? '', /"left": "~1\.1\.0"/);
    assert.match(patch.changes[1]?.after ?? '', /"left": "1\.1\.0"/);
    assert.deepEqual(await rewritten(patch, files), lockOf(patch));
  });

  it('keeps an alias, its style and its place', async () => {
    const files = await project({
      'package.json': { name: 'app', version: '1.0.0', dependencies: { mine: 'npm:@scope/tool@0.2.0' } },
    });
    const patch = await propose(files, vulnerable('@scope/tool', '0.2.0', '<0.2.5'));
    assertPatch(patch);
    assert.match(patch.changes[0]?.after ?? '', /"mine": "npm:@scope\/tool@0\.2\.5"/);
    assert.match(lockOf(patch), /"name": "@scope\/tool",\s+"version": "0\.2\.5"/);
  });

  it('leaves no alternative in the manifest that admits affected versions alone', async () => {
    const files = await project(
      { 'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '~1.0.0 || ~1.1.0' } } },
      { pins: { left: '1.0.1' } },
    );
    const patch = await propose(files, vulnerable('left', '1.0.1', '<1.1.0'));
    assertPatch(patch);
    assert.match(patch.changes[0]?.after ?? '', /"left": "~1\.1\.0"/);
    assert.deepEqual(await rewritten(patch, files), lockOf(patch));
  });

  it('takes the version that a distribution tag points to', async () => {
    const files = await project(
      { 'package.json': { name: 'app', version: '1.0.0', dependencies: { util: 'latest', left: 'latest' } } },
      { pins: { util: '1.0.0', left: '1.0.0' } },
    );
    const patch = await propose(files, vulnerable('util', '1.0.0', '<1.0.1'));
    assertPatch(patch);
    assert.deepEqual([patch.update?.to, patch.changes.map(({ path }) => path)], ['1.1.0', ['package-lock.json']]);
    const outcome = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
    assert.ok('noFix' in outcome);
    assert.match(outcome.noFix, /outside the range of the tag “latest” \(2\.0\.0\).*2\.0\.0: needs Node >=99/);
  });

  it('without a lock answers every advisory that the declared range admits', async () => {
    const files = { 'package.json': '{"dependencies":{"left":"~1.0.1 || ^1.1.0"}}' };
    const low = vulnerable('left', '', '<1.0.2', {}, 'package.json');
    const high = vulnerable('left', '', '=1.1.0', { id: 'high', aliases: ['GHSA-high'] }, 'package.json');
    const unasked = vulnerable('left', '', '=1.0.0', { id: 'none', aliases: ['GHSA-none'] }, 'package.json');
    const findings = [low, high, unasked].map((each) => {
      const { version: _, ...unversioned } = each.package ?? low.package ?? assert.fail();
      return { ...each, package: unversioned };
    });
    const outcomes = await Promise.all(findings.map((each) => propose(files, each, { findings })));
    assert.deepEqual(
      outcomes.map((each) => ('noFix' in each ? each.noFix : each.changes[0]?.after)),
      [
        '{"dependencies":{"left":"~1.0.2"}}',
        '{"dependencies":{"left":"~1.0.2"}}',
        'no package.json of the project asks for a left that GHSA-none affects',
      ],
    );
  });

  it('notes a breaking step below 1.0.0', async () => {
    const files = await project(
      { 'package.json': { name: 'app', version: '1.0.0', dependencies: { '@scope/tool': '^0.2.0' } } },
      { pins: { '@scope/tool': '0.2.0' } },
    );
    const patch = await propose(files, vulnerable('@scope/tool', '0.2.0', '<0.3.0'));
    assertPatch(patch);
    assert.ok(patch.notes.some((note) => note.startsWith('Below 1.0.0 another minor may break')));
  });

  it('takes the registry’s advisories where it answers', async () => {
    registry().advisories = {
      left: [{ id: 1, url: 'https://github.com/advisories/GHSA-2222-3333-4444', vulnerable_versions: '<=1.0.1' }],
    };
    try {
      const files = await project({ 'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '1.0.0' } } });
      const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
      assertPatch(patch);
      assert.equal(patch.update?.to, '1.0.2');
      assert.ok(patch.notes.includes('Passed over 1.0.1: affected by GHSA-2222-3333-4444.'));
      assert.ok(patch.notes.includes('Known advisories are those of the reports and of the registry.'));
    } finally {
      registry().advisories = undefined;
    }
  });

  it('without npm changes the manifest, calls the lock stale and claims nothing', async () => {
    const files = await project({ 'package.json': { name: 'app', version: '1.0.0', dependencies: { left: '1.0.0' } } });
    for (const more of [{ npm: '/nowhere/npm' }]) {
      const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'), more);
      assertPatch(patch);
      assert.deepEqual(
        patch.changes.map((change) => change.path),
        ['package.json'],
      );
      assert.equal(patch.closes, undefined);
      assert.ok(
        patch.notes.some(
          (note) => note.includes('package-lock.json is stale') && note.includes('npm install --package-lock-only'),
        ),
      );
    }
  });

  it('with bundled packages leaves the lock to a full install', async () => {
    const files = await project({ 'package.json': { name: 'app', version: '1.0.0', dependencies: { fat: '1.0.0' } } });
    const patch = await propose(files, vulnerable('fat', '1.0.0', '<1.0.1'));
    assertPatch(patch);
    assert.ok(patch.notes.some((note) => note.includes('carries packages inside its tarball')));
  });

  const refusals: readonly { what: string; files: Record<string, string>; finding: Finding; because: RegExp; url?: string }[] = [
    {
      what: 'no package.json',
      files: {},
      finding: vulnerable('left', '1.0.0', '<1.0.1'),
      because: /no package\.json beside package-lock\.json/,
    },
    {
      what: 'an unknown package',
      files: { 'package.json': '{"dependencies":{"ghost":"1.0.0"}}' },
      finding: vulnerable('ghost', '1.0.0', '<1.0.1'),
      because: /the registry knows no package ghost/,
    },
    {
      what: 'an override',
      files: { 'package.json': '{"dependencies":{"web":"1.0.0"},"overrides":{"web":{"left@^1":"1.0.0"}}}' },
      finding: vulnerable('left', '1.0.0', '<1.0.1'),
      because: /package\.json overrides left/,
    },
    {
      what: 'a git address',
      files: { 'package.json': '{"dependencies":{"left":"github:someone/left"}}' },
      finding: vulnerable('left', '1.0.0', '<1.0.1'),
      because: /points to a git repository/,
    },
    {
      what: 'a package.json that is none',
      files: { 'package.json': '{' },
      finding: vulnerable('left', '1.0.0', '<1.0.1'),
      because: /package\.json is not a JSON object/,
    },
    {
      what: 'a registry that does not answer',
      files: { 'package.json': '{"dependencies":{"left":"1.0.0"}}' },
      finding: vulnerable('left', '1.0.0', '<1.0.1'),
      because: /the registry could not be asked: npm registry could not be reached .*ECONNREFUSED/,
      url: 'closed',
    },
  ];
  for (const { what, files, finding, because, url } of refusals)
    it(`refuses with the reason: ${what}`, async () => {
      const outcome = await propose(files, finding, url === undefined ? {} : { registryUrl: closedUrl() });
      assert.ok('noFix' in outcome);
      assert.match(outcome.noFix, because);
    });

  it('without a lock has no fix where the manifest admits the clean version as it is', async () => {
    for (const range of ['1.x', '*', '^1']) {
      const manifest = `{"dependencies":{"left":"${range}"}}`;
      const outcome = await propose({ 'package.json': manifest }, vulnerable('left', '1.0.0', '<1.0.1', {}, 'package.json'));
      assert.ok('noFix' in outcome, range);
      assert.match(outcome.noFix, /admits 1\.\d+\.\d+ as it is, and there is no package-lock\.json/);
    }
  });

  it('raises the project’s own copy although an override speaks of another package’s', async () => {
    const manifest = '{"dependencies":{"left":"^1.0.0"},"overrides":{"web":{"left@^1":"1.0.0"}}}';
    const finding = vulnerable('left', '1.0.0', '<1.0.1', {}, 'package.json');
    assert.ok(finding.package !== undefined);
    const direct = await propose({ 'package.json': manifest }, { ...finding, package: { ...finding.package, direct: true } });
    assertPatch(direct);
    assert.match(direct.changes[0]?.after ?? '', /"left":"\^1\.0\.1"/);
  });

  it('raises a declaration that an override makes all copies follow', async () => {
    const files = await project({
      'package.json': {
        name: 'app',
        version: '1.0.0',
        dependencies: { left: '1.0.0', pins: '1.0.0' },
        overrides: { left: '$left' },
      },
    });
    const patch = await propose(files, vulnerable('left', '1.0.0', '<1.0.1'));
    assertPatch(patch);
    assert.match(patch.changes[0]?.after ?? '', /"left": "1\.0\.1"/);
    assert.deepEqual(await rewritten(patch, files), lockOf(patch));
  });

  it('changes a manifest without a lock, and names a lock of another package manager', async () => {
    const manifest = '{"dependencies":{"left":"^1.0.0"}}';
    const without = await propose({ 'package.json': manifest }, vulnerable('left', '1.0.0', '<1.0.1', {}, 'package.json'));
    assertPatch(without);
    assert.deepEqual(
      without.changes.map((change) => change.after),
      ['{"dependencies":{"left":"^1.0.1"}}'],
    );
    const yarn = await propose(
      { 'package.json': manifest, 'yarn.lock': '' },
      vulnerable('left', '1.0.0', '<1.0.1', {}, 'yarn.lock'),
    );
    assertPatch(yarn);
    assert.ok(yarn.notes.some((note) => note.includes('yarn.lock is stale') && note.includes('yarn install')));
  });
});
