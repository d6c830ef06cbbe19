import assert from 'node:assert/strict';
import { dueWords, explainFinding } from '../../../src/editor/findings/findingWords';
import { makeTriaged } from '../../support/findings';

const now = Date.UTC(2026, 0, 10);

describe('dueWords', () => {
  const cases: readonly (readonly [string | undefined, string | undefined])[] = [
    ['2026-01-13T00:00:00.000Z', 'due in 3 days'],
    ['2026-01-11T12:00:00.000Z', 'due in 1 day'],
    ['2026-01-10T12:00:00.000Z', 'due within a day'],
    ['2026-01-09T12:00:00.000Z', '1 day overdue'],
    ['2026-01-01T00:00:00.000Z', '9 days overdue'],
    [undefined, undefined],
    ['soon', undefined],
  ];
  for (const [due, words] of cases) it(`${due} → ${words}`, () => assert.equal(dueWords(due, now), words));
});

describe('explainFinding', () => {
  it('explains the priority line by line, and nothing of the report is markup', () => {
    const finding = makeTriaged(
      {
        title: 'Bad [x](command:a)',
        description: '# Boo <script>',
        references: ['http://plain.example', 'https://good.example/a(b)'],
        cwe: ['CWE-78'],
      },
      now,
    );
    assert.equal(
      explainFinding(finding, now),
      [
        '**Bad \\[x\\]\\(command\\:a\\)**',
        'high · ESLint · security\\/detect\\-child\\-process · CWE\\-78',
        '\\# Boo &lt;script\\>',
        `Priority **${finding.triage.priority}** of 100 (${finding.triage.band === 'now' ? 'fix now' : finding.triage.band})`,
        finding.triage.reasons.map((one) => `- \\+${one.points} ${one.text.replace(/[.():,/-]/g, '\\$&')}`).join('\n'),
        'Owner: nobody named · due in 30 days (2026-02-09)',
        '[good\\.example](<https://good.example/a(b)>)',
      ].join('\n\n'),
    );
  });

  it('links also to an address whose percent signs mean nothing, and no address ends its link early', () => {
    const references = ['https://good.example/100%/%zz', 'https://good.example/?a=\\>b#c d'];
    assert.match(
      explainFinding(makeTriaged({ references }, now), now),
      /\(<https:\/\/good\.example\/100%\/%zz>\) · \[good\\\.example\]\(<https:\/\/good\.example\/\?a=%5C%3Eb#c%20d>\)$/,
    );
  });

  it('says why a finding is suppressed', () => {
    const finding = makeTriaged({ suppressed: true, suppressions: [{ kind: 'inSource', justification: 'checked' }] }, now);
    assert.match(explainFinding(finding, now), /Suppressed: checked/);
  });
});
