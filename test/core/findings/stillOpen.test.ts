import assert from 'node:assert/strict';
import fc from 'fast-check';
import { identifyFindings } from '../../../src/core/findings/identity';
import { stillOpen } from '../../../src/core/findings/stillOpen';
import { noDetection } from '../../../src/core/stages/detection';
import { importInto } from '../../support/importInto';
import type { ReadReport } from '../../../src/core/ports';
import { codeDraft, dependencyDraft } from '../../support/drafts';

const findings = identifyFindings([
  codeDraft({ path: 'src/a.js' }),
  codeDraft({ path: 'src/b.js', index: 1 }),
  dependencyDraft({ manifest: 'poetry.lock', index: 2 }),
]);
const known: ReadReport = {
  format: 'semgrep',
  scanner: 'Semgrep',
  findings,
  rejected: [],
  results: 3,
  notes: [],
  complete: true,
};
const places = (report: Partial<ReadReport>): readonly (string | undefined)[] =>
  stillOpen(known, { ...known, findings: [], ...report }).map((finding) => finding.locations[0]?.path);

describe('stillOpen', () => {
  const cases: readonly (readonly [string, Partial<ReadReport>, readonly string[]])[] = [
    ['a complete scan of everything closes all', {}, []],
    ['a failed scan closes nothing', { complete: false }, ['src/a.js', 'src/b.js', 'poetry.lock']],
    ['another tool closes nothing', { scanner: 'ESLint' }, ['src/a.js', 'src/b.js', 'poetry.lock']],
    ['another format closes nothing', { format: 'sarif' }, ['src/a.js', 'src/b.js', 'poetry.lock']],
    ['a narrower scan closes in its files only', { scope: ['src/a.js'] }, ['src/b.js', 'poetry.lock']],
    ['a scan of nothing closes nothing', { scope: [] }, ['src/a.js', 'src/b.js', 'poetry.lock']],
  ];
  for (const [name, report, open] of cases) it(name, () => assert.deepEqual(places(report), open));
});

describe('importing reports again', () => {
  const anyReport = fc
    .array(
      fc.record({
        rule: fc.constantFrom('detect-eval', 'detect-sql'),
        path: fc.constantFrom('a.js', 'b.js'),
        line: fc.integer({ min: 1, max: 3 }),
        snippet: fc.constantFrom('', 'eval(x)', 'eval(y)'),
      }),
      { maxLength: 12 },
    )
    .map((results): ReadReport => ({
      ...known,
      findings: identifyFindings(results.map((one, index) => codeDraft({ ...one, index }))),
    }));

  it('the same again: 0 new, 0 closed; a failed or empty-scoped one closes nothing', () => {
    fc.assert(
      fc.property(anyReport, anyReport, (one, other) => {
        const first = importInto(
          noDetection,
          [
            { name: 'one', report: one },
            { name: 'two', report: other },
          ],
          [],
        );
        const again = importInto(
          first.detection,
          [
            { name: 'two', report: other },
            { name: 'one', report: one },
          ],
          [],
        );
        assert.deepEqual([again.added, again.closed, again.unchanged], [[], [], first.detection.findings.length]);
        for (const weaker of [{ complete: false }, { scope: [] }]) {
          const failed = importInto(first.detection, [{ name: 'one', report: { ...other, ...weaker } }], []);
          assert.deepEqual(failed.closed, []);
        }
      }),
    );
  });
});
