import assert from 'node:assert/strict';
import fc from 'fast-check';
import { satisfies } from 'semver';
import { parseSpec, raiseRange } from '../../../src/core/dependencies/npmSpec';

describe('parseSpec', () => {
  const cases: readonly [string, string][] = [
    ['^1.2.3', 'range'],
    ['1.2.x', 'range'],
    ['', 'range'],
    ['*', 'range'],
    ['>=1 <2 || ^4', 'range'],
    ['1.0.0 - 2.0.0', 'range'],
    ['npm:lodash@^4.17.15', 'alias'],
    ['npm:@scope/x@1.0.0', 'alias'],
    ['workspace:*', 'workspace'],
    ['file:../x', 'file'],
    ['link:./x', 'file'],
    ['../x', 'file'],
    ['github:user/repo', 'git'],
    ['user/repo#semver:^2', 'git'],
    ['git+ssh://git@host/x.git', 'git'],
    ['https://host/x.git#main', 'git'],
    ['https://host/x.tgz', 'url'],
    ['latest', 'tag'],
  ];
  for (const [spec, kind] of cases) it(`${spec} is a ${kind}`, () => assert.equal(parseSpec(spec).kind, kind));
});

describe('raiseRange', () => {
  const cases: readonly [range: string, to: string, expected: string][] = [
    ['4.17.15', '4.17.21', '4.17.21'],
    ['=4.17.15', '4.17.21', '=4.17.21'],
    ['v4.17.15', '4.17.21', 'v4.17.21'],
    ['^4.17.15', '4.17.21', '^4.17.21'],
    ['~4.17.15', '4.17.21', '~4.17.21'],
    ['~1.2.3', '1.3.0', '~1.3.0'],
    ['^1.2.3', '2.0.1', '^2.0.1'],
    ['^0.1.0', '0.2.1', '^0.2.1'],
    ['0.1.x', '0.2.1', '0.2.x'],
    ['1.x.x', '2.3.4', '2.x.x'],
    ['4.x', '4.17.21', '4.x'],
    ['4', '5.1.0', '5'],
    ['^4', '4.17.21', '^4'],
    ['*', '4.17.21', '*'],
    ['', '4.17.21', ''],
    ['>=4.17.15', '4.17.21', '>=4.17.21'],
    ['>=4.17', '4.17.21', '>=4.17.21'],
    ['>= 4.17.15 < 5', '4.17.21', '>= 4.17.21 < 5'],
    ['>=4.17.15 <5.0.0', '5.0.1', '>=5.0.1 <6.0.0'],
    ['>=0.1.0 <0.2.0', '0.2.1', '>=0.2.1 <0.3.0'],
    ['<=4.17.20', '4.17.21', '<=4.17.21'],
    ['>4.17.15', '4.17.21', '>=4.17.21'],
    ['1.0.0 - 2.0.0', '1.5.0', '1.5.0 - 2.0.0'],
    ['1.0.0 - 2.0.0', '2.1.0', '2.1.0 - 2.1.0'],
    ['1.0 - 1.2', '1.2.6', '1.2.6 - 1.2'],
    ['^3.0.0 || ^4.0.0', '4.17.21', '^3.0.0 || ^4.17.21'],
    ['^3.0.0 || ^4.0.0', '5.0.1', '^3.0.0 || ^5.0.1'],
    ['1.0.0-beta.1', '1.0.0-beta.3', '1.0.0-beta.3'],
    ['^1.0.0-rc.1', '1.0.0', '^1.0.0'],
    ['1.2.3+build.5', '1.2.4', '1.2.4'],
  ];
  for (const [range, to, expected] of cases)
    it(`${range} → ${to}: ${expected}`, () => {
      assert.equal(raiseRange(range, to), expected);
    });

  const known = {
    clean: ['0.3.9', '1.2.5', '2.0.0', '2.1.0'],
    affected: ['0.2.0', '0.2.9', '0.3.0', '1.0.0', '1.2.4', '2.0.1', '3.0.0'],
  };
  const alternatives: readonly [range: string, to: string, expected: string][] = [
    // Affected versions alone: the alternative goes, wherever it stands.
    ['^0.2.0 || ^1.0.0', '1.2.5', '^1.2.5'],
    ['^1.0.0||0.2.x', '1.2.5', '^1.2.5'],
    ['^0.2.0 || ^1.0.0 || ^2.1.0 || >=3', '1.2.5', '^1.2.5 || ^2.1.0'],
    ['^0.2.0 || ^3.0.0', '1.2.5', '^1.2.5'],
    ['^0.2.0 || ^2.1.0', '1.2.5', '^1.2.5 || ^2.1.0'],
    // Both: its floor rises to its own lowest version above the affected ones.
    ['^0.3.0 || ^1.0.0', '1.2.5', '^0.3.9 || ^1.2.5'],
    ['^1.0.0 || 2.0.0 - 2.1.0', '1.2.5', '^1.2.5 || 2.1.0 - 2.1.0'],
    ['^1.0.0 || ^1.2.0', '1.2.5', '^1.2.5'],
    // No version above the affected one, none affected, none published: as it is.
    ['^1.0.0 || ~2.0.0', '1.2.5', '^1.2.5 || ~2.0.0'],
    ['^1.0.0 || ^2.1.0 || ^7.0.0', '1.2.5', '^1.2.5 || ^2.1.0 || ^7.0.0'],
  ];
  for (const [range, to, expected] of alternatives)
    it(`${range} → ${to}, knowing what is affected: ${expected}`, () => assert.equal(raiseRange(range, to, known), expected));

  it('always admits the new version, and an exact or floored range nothing below it', () => {
    const version = fc.tuple(fc.nat(5), fc.nat(20), fc.nat(20)).map((parts) => parts.join('.'));
    const style = fc.constantFrom('', '=', '^', '~', '>=', 'v');
    fc.assert(
      fc.property(style, version, version, version, (operator, from, to, other) => {
        const raised = raiseRange(`${operator}${from}`, to);
        assert.ok(raised !== undefined && satisfies(to, raised), `${operator}${from} → ${String(raised)}`);
        if (satisfies(other, raised)) assert.ok(satisfies(other, `>=${to}`), `${raised} admits ${other}`);
        assert.ok(raised.startsWith(operator));
      }),
    );
  });
});
