import assert from 'node:assert/strict';
import fc from 'fast-check';
import { identifyFindings } from '../../../src/core/findings/identity';
import { mergeFindings } from '../../../src/core/findings/merge';
import type { Finding } from '../../../src/core/model/finding';
import { codeDraft, dependencyDraft } from '../../support/drafts';

const eslint = { scanner: 'ESLint', file: 'eslint.sarif' };
const semgrep = { scanner: 'Semgrep', file: 'semgrep.json', rule: 'javascript.lang.security.detect-child-process' };
const snippets = { snippet: 'exec(`ls ${name}`)' };

describe('mergeFindings', () => {
  it('merges the same rule at the same place across scanners, worst severity, all witnesses', () => {
    const findings = [
      ...identifyFindings([codeDraft({ ...eslint, column: 3, endColumn: 20, more: { cwe: ['CWE-78'], severity: 'low' } })]),
      ...identifyFindings([
        codeDraft({ ...semgrep, ...snippets, column: 3, endColumn: 30, more: { cwe: ['CWE-77'], severity: 'high' } }),
      ]),
    ];
    const [merged, ...others] = mergeFindings(findings);
    assert.equal(others.length, 0);
    assert.equal(merged?.severity, 'high');
    assert.deepEqual(merged?.cwe, ['CWE-77', 'CWE-78']);
    assert.deepEqual(
      merged?.witnesses.map((w) => w.file),
      ['eslint.sarif', 'semgrep.json'],
    );
    assert.deepEqual([merged?.id, ...(merged?.formerIds ?? [])].sort(), findings.map((f) => f.id).sort());
  });

  const apart: readonly (readonly [string, Parameters<typeof codeDraft>[0], Parameters<typeof codeDraft>[0]])[] = [
    ['another rule', eslint, { ...semgrep, rule: 'x.detect-eval' }],
    ['another line', eslint, { ...semgrep, line: 13 }],
    ['another file', eslint, { ...semgrep, path: 'src/other.js' }],
    ['regions side by side', { ...eslint, column: 1, endColumn: 10 }, { ...semgrep, column: 10, endColumn: 20 }],
  ];
  for (const [name, a, b] of apart) {
    it(`keeps apart: ${name}`, () => {
      assert.equal(mergeFindings([...identifyFindings([codeDraft(a)]), ...identifyFindings([codeDraft(b)])]).length, 2);
    });
  }

  it('keeps two results of one report apart, and pairs them one to one with another report', () => {
    const two = (of: Parameters<typeof codeDraft>[0]): Finding[] =>
      identifyFindings([codeDraft({ ...of, index: 0 }), codeDraft({ ...of, index: 1 })]);
    assert.equal(mergeFindings(two(eslint)).length, 2);
    const merged = mergeFindings([...two(eslint), ...two(semgrep)]);
    assert.deepEqual(
      merged.map((f) => f.witnesses.length),
      [2, 2],
    );
  });

  it('merges what different scanners of one report say, as of different reports', () => {
    const merged = mergeFindings(
      identifyFindings([
        codeDraft({ ...eslint, index: 0 }),
        codeDraft({ ...eslint, index: 1 }),
        codeDraft({ ...semgrep, file: eslint.file, index: 2 }),
      ]),
    );
    assert.deepEqual(merged.map(({ witnesses }) => witnesses.map(({ index }) => index)).sort(), [[0, 2], [1]]);
  });

  it('merges an advisory through the closure of aliases, package by package and manifest by manifest', () => {
    const of = (file: string, aliases: string[], more: object = {}) =>
      identifyFindings([dependencyDraft({ file, scanner: file, aliases, ...more })]);
    const merged = mergeFindings([
      ...of('a', ['CVE-2021-23337']),
      ...of('b', ['GHSA-35JH-R3H4-6JHM'], { manifest: 'package-lock.json', version: '4.17.11' }),
      ...of('c', ['CVE-2021-23337', 'GHSA-35JH-R3H4-6JHM']),
      ...of('d', ['GHSA-35JH-R3H4-6JHM'], { manifest: 'web/package.json' }),
      ...of('e', ['GHSA-35JH-R3H4-6JHM'], { name: 'lodash-es' }),
    ]);
    assert.deepEqual(merged.map((f) => [f.package?.manifest, f.package?.name, f.witnesses.map((w) => w.file).join('')]).sort(), [
      ['package.json', 'lodash', 'abc'],
      ['package.json', 'lodash-es', 'e'],
      ['web/package.json', 'lodash', 'd'],
    ]);
    const lodash = merged.find((f) => f.witnesses.length === 3);
    assert.deepEqual(lodash?.aliases, ['CVE-2021-23337', 'GHSA-35JH-R3H4-6JHM']);
    assert.equal(lodash?.package?.version, '4.17.11', 'the lowest installed version');
    assert.equal(lodash?.id, of('x', ['GHSA-35JH-R3H4-6JHM'])[0]?.id, 'the id is that of the canonical advisory');
    assert.ok(lodash?.formerIds?.includes(of('x', ['CVE-2021-23337'])[0]?.id ?? ''));
  });

  it('names the manifest, and stands there, when another report names the lock file', () => {
    const at = (path: string, startLine: number, scanner: string): Finding[] =>
      identifyFindings([dependencyDraft({ manifest: path, scanner, file: scanner, more: { locations: [{ path, startLine }] } })]);
    const [merged] = mergeFindings([...at('package-lock.json', 2000, 'A'), ...at('package.json', 7, 'B')]);
    assert.equal(merged?.package?.manifest, 'package.json');
    assert.deepEqual(merged.locations, [{ path: 'package.json', startLine: 7 }]);
  });

  it('takes the newest CVSS and keeps a suggested fix', () => {
    const suggestedFix = { replacements: [{ path: 'a.js', text: 'x' }] };
    const v2 = { vector: 'AV:N/AC:L/Au:N/C:P/I:P/A:P', version: '2.0' as const, score: 7.5 };
    const v4 = { vector: 'CVSS:4.0/AV:N', version: '4.0' as const, score: 5 };
    const [merged] = mergeFindings([
      ...identifyFindings([codeDraft({ ...eslint, more: { cvss: v2 } })]),
      ...identifyFindings([codeDraft({ ...semgrep, more: { cvss: v4, suggestedFix } })]),
    ]);
    assert.deepEqual([merged?.cvss, merged?.suggestedFix], [v4, suggestedFix]);
  });

  it('is suppressed only when every witness is', () => {
    const pair = (a: boolean, b: boolean): boolean | undefined =>
      mergeFindings([
        ...identifyFindings([codeDraft({ ...eslint, more: { suppressed: a } })]),
        ...identifyFindings([codeDraft({ ...semgrep, more: { suppressed: b } })]),
      ])[0]?.suppressed;
    assert.deepEqual([pair(true, true), pair(true, false), pair(false, true), pair(false, false)], [true, false, false, false]);
  });

  /** Reports of several tools with many coincidences. */
  const anyReports = fc
    .array(
      fc.record({
        file: fc.constantFrom('a.sarif', 'b.sarif', 'c.json'),
        scanner: fc.constantFrom('ESLint', 'Semgrep'),
        code: fc.boolean(),
        rule: fc.constantFrom('x/detect-eval', 'y.detect-eval', 'detect-sql'),
        line: fc.integer({ min: 1, max: 2 }),
        column: fc.integer({ min: 1, max: 4 }),
        width: fc.integer({ min: 0, max: 4 }),
        snippet: fc.constantFrom('', 'eval(x)'),
        aliases: fc.subarray(['CVE-2020-1', 'CVE-2020-2', 'GHSA-2222-2222-2222'], { minLength: 0 }),
        manifest: fc.constantFrom('package.json', 'package-lock.json', 'web/package.json'),
        version: fc.constantFrom('1.0.0', '2.0.0', 'weird'),
        severity: fc.constantFrom('critical' as const, 'low' as const),
        suppressed: fc.boolean(),
      }),
      { maxLength: 24 },
    )
    .map((results) => {
      const files = ['a.sarif', 'b.sarif', 'c.json'];
      return files.flatMap((file) =>
        identifyFindings(
          results
            .filter((one) => one.file === file)
            .map((one, index) =>
              one.code
                ? codeDraft({
                    ...one,
                    index,
                    endColumn: one.column + one.width,
                    more: { severity: one.severity, suppressed: one.suppressed },
                  })
                : dependencyDraft({
                    ...one,
                    index,
                    more: { severity: one.severity, suppressed: one.suppressed },
                  }),
            ),
        ),
      );
    });

  it('does not depend on the order, is idempotent, loses no witness, gives unique ids', () => {
    fc.assert(
      fc.property(
        anyReports.chain((findings) =>
          fc.tuple(fc.constant(findings), fc.shuffledSubarray(findings, { minLength: findings.length })),
        ),
        ([findings, shuffled]) => {
          const merged = mergeFindings(findings);
          assert.deepEqual(mergeFindings(shuffled), merged);
          assert.deepEqual(mergeFindings(merged), merged);
          assert.deepEqual(mergeFindings([...findings, ...shuffled]), merged, 'the same report twice');
          assert.equal(new Set(merged.map((f) => f.id)).size, merged.length);
          const witnesses = (all: readonly Finding[]): string[] =>
            all.flatMap((f) => f.witnesses.map((w) => `${w.file}:${w.index}`)).sort();
          assert.deepEqual(witnesses(merged), witnesses(findings));
        },
      ),
      { numRuns: 500 },
    );
  });
});
