import assert from 'node:assert/strict';
import type { Finding } from '../../../src/core/model/finding';
import { packageFolderOf, viewFolder } from '../../../src/core/testPlans/packageFolder';
import { makeFinding } from '../../support/findings';
import { memoryWorkspace } from '../../support/memoryWorkspace';

const tested = '{ "scripts": { "test": "node --test" } }';

const at = (path: string): Finding => makeFinding({ locations: [{ path }] });
const about = (manifest: string): Finding =>
  makeFinding({
    // The place in a report may be another file than the manifest: the manifest decides.
    locations: [{ path: 'package-lock.json' }],
    package: { purl: 'pkg:npm/left', ecosystem: 'npm', name: 'left', manifest, fixedVersions: [] },
  });

describe('the folder of the package that a finding is about', () => {
  const cases: readonly (readonly [what: string, finding: Finding, files: Readonly<Record<string, string>>, folder: string])[] = [
    ['the root, of a finding in a plain folder', at('src/a/b.js'), { 'package.json': tested }, ''],
    ['the root, of a finding at the top', at('a.js'), { 'package.json': tested }, ''],
    ['the root, of a finding without a place', makeFinding({ locations: [] }), { 'package.json': tested }, ''],
    [
      'a subfolder, the root without package.json',
      at('services/orders/src/a.js'),
      { 'services/orders/package.json': tested },
      'services/orders',
    ],
    [
      'a member, by a framework alone',
      at('packages/a/x.js'),
      { 'package.json': '{}', 'packages/a/package.json': '{"devDependencies":{"jest":"1"}}' },
      'packages/a',
    ],
    [
      'the nearest that is tested',
      at('a/b/c/x.js'),
      { 'a/package.json': tested, 'a/b/package.json': tested, 'a/b/c/package.json': '{"type":"module"}' },
      'a/b',
    ],
    [
      'by the manifest of a package',
      about('services/orders/package.json'),
      { 'services/orders/package.json': tested },
      'services/orders',
    ],
    [
      'by the lock file of a package',
      about('services/orders/package-lock.json'),
      { 'services/orders/package.json': tested },
      'services/orders',
    ],
    [
      'by the manifest at the root',
      about('package.json'),
      { 'package.json': tested, 'services/orders/package.json': tested },
      '',
    ],
    [
      'not one without tests',
      at('lib/x.js'),
      { 'lib/package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' },
      '',
    ],
    ['not one that is no JSON', at('lib/x.js'), { 'lib/package.json': '{' }, ''],
    [
      'not one that is installed',
      at('a/node_modules/b/x.js'),
      { 'a/package.json': tested, 'a/node_modules/b/package.json': tested },
      'a',
    ],
  ];
  for (const [what, finding, files, folder] of cases) {
    it(what, async () => assert.equal(await packageFolderOf(finding, memoryWorkspace(files).readText), folder));
  }

  it('is seen as a workspace alone', async () => {
    const seen = viewFolder(memoryWorkspace({ 'a.js': '1', 'a/b.js': '2', 'ab/c.js': '3' }), 'a');
    assert.deepEqual(await seen.list(['**/*']), ['b.js']);
    assert.equal(await seen.readText('b.js'), '2');
    assert.equal(await seen.readText('a.js'), undefined);
  });
});
