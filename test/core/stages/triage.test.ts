import assert from 'node:assert/strict';
import fc from 'fast-check';
import { triageFindings } from '../../../src/core/stages/triage';
import { createFindingsTable } from '../../../src/core/triage/findingsTable';
import { makeFinding } from '../../support/findings';
import { finish } from '../../../src/core/steps';

const now = Date.UTC(2026, 0, 10);
const context = { policy: {}, ownersOf: () => [], firstSeen: new Map<string, string>(), now };

const many = [
  makeFinding({ id: 'pl-1', severity: 'low' }),
  makeFinding({ id: 'pl-2', severity: 'critical', locations: [{ path: 'src/a.js', startLine: 3 }] }),
  makeFinding({ id: 'pl-3', severity: 'high', suppressed: true }),
  makeFinding({ id: 'pl-4', severity: 'high', ruleId: 'noise/x', aliases: ['CVE-2026-1'] }),
];

describe('triageFindings', () => {
  it('puts the worst first whatever the order they came in', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(many, { minLength: many.length }), (shuffled) => {
        assert.deepEqual(
          triageFindings(shuffled, context).map((f) => f.id),
          ['pl-2', 'pl-3', 'pl-4', 'pl-1'],
        );
      }),
    );
  });

  it('counts the clock from first detection, not from now', () => {
    const firstSeen = new Map([['pl-1', '2025-12-01T00:00:00.000Z']]);
    const finding = triageFindings(many, { ...context, firstSeen }).find((f) => f.id === 'pl-1');
    assert.equal(finding?.triage.due, '2026-05-30T00:00:00.000Z');
  });

  const ignores: readonly (readonly [string, object, boolean])[] = [
    ['by rule with *', { rule: 'noise/*' }, true],
    ['by alias', { rule: 'CVE-2026-1' }, true],
    ['by alias in another case', { rule: 'cve-2026-*' }, true],
    ['by no rule in another case', { rule: 'Noise/x' }, false],
    ['until a day that is not over', { rule: 'noise/x', until: '2026-01-10' }, true],
    ['not after its last day', { rule: 'noise/x', until: '2026-01-09' }, false],
    ['not in other files', { rule: 'noise/x', paths: ['lib/**'] }, false],
    ['not by a part of a rule', { rule: 'noise' }, false],
  ];
  for (const [name, entry, expected] of ignores) {
    it(`suppresses ${name}`, () => {
      const policy = { ignore: [{ rule: '', reason: 'agreed', ...entry }] };
      const finding = triageFindings(many, { ...context, policy }).find((f) => f.id === 'pl-4');
      assert.equal(finding?.suppressed, expected);
      assert.equal(finding.suppressions?.at(-1)?.justification, expected ? 'agreed' : undefined);
    });
  }
});

describe('findingsTable', () => {
  it('groups, pages, counts and finds by file without the suppressed', () => {
    const table = createFindingsTable();
    let heard = 0;
    table.onDidChange(() => heard++);
    finish(table.replaceSteps(triageFindings(many, context)));
    assert.deepEqual(table.groups(), [
      { band: 'now', count: 1 },
      { band: 'next', count: 1 },
      { band: 'backlog', count: 1 },
    ]);
    assert.deepEqual([table.count, table.suppressedCount, heard], [3, 1, 1]);
    assert.deepEqual(
      table.rows(undefined, 1, 1).map((row) => [row.id, row.where]),
      [['pl-4', 'src/ping.js:7']],
    );
    assert.deepEqual(
      table.inFile('src/ping.js', 1).map((f) => f.id),
      ['pl-4'],
    );
    assert.deepEqual(table.files(), ['src/a.js', 'src/ping.js']);
    assert.equal(table.get('pl-3')?.suppressed, true);
  });
});
