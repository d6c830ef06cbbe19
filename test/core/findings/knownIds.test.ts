import assert from 'node:assert/strict';
import { identifyFindings } from '../../../src/core/findings/identity';
import { keepKnownIds } from '../../../src/core/findings/knownIds';
import type { Finding } from '../../../src/core/model/finding';
import type { ReadReport } from '../../../src/core/ports';
import { noDetection } from '../../../src/core/stages/detection';
import { importInto } from '../../support/importInto';
import { codeDraft, dependencyDraft } from '../../support/drafts';
import { finish } from '../../../src/core/steps';

const [cve] = identifyFindings([dependencyDraft({ aliases: ['CVE-2021-23337'] })]);
const [both] = identifyFindings([dependencyDraft({ aliases: ['CVE-2021-23337', 'GHSA-35JH-R3H4-6JHM'] })]);
const [v1] = identifyFindings([codeDraft({ more: { fingerprints: { 'hash/v1': 'aaaaaaaa' } } })]);
const [v2] = identifyFindings([codeDraft({ more: { fingerprints: { 'hash/v1': 'aaaaaaaa', 'hash/v2': 'bbbbbbbb' } } })]);
const report = (findings: readonly Finding[]): ReadReport => ({
  format: 'sarif',
  scanner: 'ESLint',
  findings,
  rejected: [],
  results: findings.length,
  notes: [],
  complete: true,
});

describe('keepKnownIds', () => {
  const cases: readonly (readonly [string, Finding | undefined, Finding | undefined])[] = [
    ['an advisory gets a GHSA id', cve, both],
    ['a tool writes a newer fingerprint beside the old one', v1, v2],
  ];
  for (const [name, before, after] of cases) {
    it(`keeps the id when ${name}`, () => {
      assert.ok(before && after);
      assert.notEqual(before.id, after.id, 'else there is nothing to keep');
      const [kept] = finish(keepKnownIds([after], (id) => (id === before.id ? '2026-01-01' : undefined)));
      assert.deepEqual([kept?.id, kept?.formerIds], [before.id, [after.id]]);
      assert.deepEqual(finish(keepKnownIds([after], () => undefined)), [after], 'nothing known: nothing to keep');
      assert.deepEqual(
        finish(keepKnownIds([before, after], () => '2026')).map((f) => f.id),
        [before.id, after.id],
        'never twice',
      );
    });
  }

  it('keeps the id when another scanner tells the same, in this session and after a restart', () => {
    const eslint = identifyFindings([codeDraft({ file: 'eslint.sarif', column: 3 })]);
    for (const rule of ['a', 'b', 'c', 'd'].map((prefix) => `${prefix}.lang.detect-child-process`)) {
      const semgrep = identifyFindings([codeDraft({ rule, scanner: `Semgrep ${rule}`, file: 'semgrep.json', column: 3 })]);
      const first = importInto(noDetection, [{ name: 'eslint.sarif', report: report(eslint) }], []);
      const second = importInto(first.detection, [{ name: 'semgrep.json', report: report(semgrep) }], []);
      assert.deepEqual([second.added, second.closed, second.detection.findings.length], [[], [], 1]);
      const reports = [
        { name: 'semgrep.json', report: report(semgrep) },
        { name: 'eslint.sarif', report: report(eslint) },
      ];
      const restarted = importInto(noDetection, reports, [], [], new Map([[eslint[0]?.id ?? '', '2026-01-01']]));
      assert.deepEqual(
        restarted.detection.findings.map((f) => f.id),
        eslint.map((f) => f.id),
      );
    }
  });
});
