import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { applyEdits } from '../../../src/core/edits/applyEdits';
import { editDeclaration, readNpmManifest } from '../../../src/core/dependencies/npmManifest';
import { parseSpec, raiseRange } from '../../../src/core/dependencies/npmSpec';
import { isHumanError } from '../../../src/core/errors';

/** The manifest with every range of a package raised, the way the fixer does it. */
function raise(text: string, name: string, to: string): string {
  const edits = readNpmManifest(text, 'package.json').declarations.flatMap((each) => {
    const spec = parseSpec(each.spec);
    if (each.key !== name || spec.kind !== 'range') return [];
    return [editDeclaration(each, raiseRange(spec.range, to) ?? each.spec, 'test')];
  });
  return applyEdits(text, edits);
}

describe('npmManifest', () => {
  it('changes the value between its quotes and nothing else: tabs, CRLF, odd spacing, BOM, order', () => {
    const text =
      '\uFEFF{\r\n\t"name" : "x",\r\n\t"dependencies":{"b":"1.0.0" ,\r\n\t\t"lodash"  :  "^4.17.15"},\r\n\t"devDependencies": { "lodash": "4.17.15" }}';
    assert.equal(
      raise(text, 'lodash', '4.17.21'),
      '\uFEFF{\r\n\t"name" : "x",\r\n\t"dependencies":{"b":"1.0.0" ,\r\n\t\t"lodash"  :  "^4.17.21"},\r\n\t"devDependencies": { "lodash": "4.17.21" }}',
    );
  });

  it('replaces a value that is written with escapes as a whole', () => {
    assert.equal(raise('{"dependencies":{"a":"\\u005e1.0.0"}}', 'a', '1.0.1'), '{"dependencies":{"a":"^1.0.1"}}');
  });

  it('knows sections, engines and name', () => {
    const manifest = readNpmManifest(
      '{"name":"n","engines":{"node":">=20"},"optionalDependencies":{"a":"1"},"peerDependencies":{"b":"2"},"scripts":{"c":"3"}}',
      'package.json',
    );
    assert.equal(manifest.name, 'n');
    assert.equal(manifest.enginesNode, '>=20');
    assert.deepEqual(
      manifest.declarations.map(({ section, key, spec }) => [section, key, spec]),
      [
        ['optionalDependencies', 'a', '1'],
        ['peerDependencies', 'b', '2'],
      ],
    );
  });

  for (const text of ['', '[]', '{"a":', '{"dependencies":{"a":"1"},}', 'null'])
    it(`refuses ${JSON.stringify(text)} with the file and the line`, () => {
      assert.throws(
        () => readNpmManifest(text, 'pkg/package.json'),
        (error) => isHumanError(error) && error.message.includes('pkg/package.json') && error.message.includes('line 1'),
      );
    });

  const shared = '../shared/data/depfix.json';
  it('gives the bytes of other updaters in the public case file, where it is present', function () {
    if (!existsSync(shared)) {
      console.log('      (the public case file is not here: nothing compared)');
      return;
    }
    const file = JSON.parse(readFileSync(shared, 'utf8')) as {
      rewrite: { id: string; ecosystem: string; fileName: string; package: string; to: string; before: string; after: string }[];
    };
    const npm = file.rewrite.filter((each) => each.ecosystem === 'npm_and_yarn' && each.fileName.endsWith('package.json'));
    assert.ok(npm.length >= 3);
    let compared = 0;
    for (const each of npm) {
      const before = readNpmManifest(each.before, each.fileName);
      const after = readNpmManifest(each.after, each.fileName);
      // The splice itself, with whatever value the case gives.
      const edits = before.declarations.flatMap((declaration, i) => {
        const spec = after.declarations[i]?.spec ?? '';
        return spec === declaration.spec ? [] : [editDeclaration(declaration, spec, 'test')];
      });
      assert.equal(applyEdits(each.before, edits), each.after, each.id);
      // And our own choice of value, where the case's follows from `to`: one of them was given a rounder requirement by
      // hand (`^0.2.0` for 0.2.1), and git addresses are left alone here.
      const values = edits.map((edit) => edit.text);
      if (values.some((value) => value === '^0.2.0' || value.includes('/'))) continue;
      assert.equal(raise(each.before, each.package, each.to), each.after, each.id);
      compared++;
    }
    assert.ok(compared > 0);
  });
});
