import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { DraftFinding } from '../../../src/core/findings/draft';
import { identifyFindings } from '../../../src/core/findings/identity';
import { lineHashes } from '../../../src/core/findings/lineHash';
import { codeDraft, dependencyDraft } from '../../support/drafts';

const idOf = (draft: DraftFinding): string | undefined => identifyFindings([draft])[0]?.id;
const native = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('identifyFindings', () => {
  it('gives ids of the promised form', () => {
    assert.match(idOf(codeDraft({})) ?? '', /^pl-[0-9a-f]{16}$/);
  });

  const base = codeDraft({ snippet: 'exec(`ls ${name}`);' });
  const same: readonly (readonly [string, DraftFinding])[] = [
    ['another line', codeDraft({ snippet: 'exec(`ls ${name}`);', line: 99 })],
    ['another indentation', codeDraft({ snippet: '   exec(`ls\t${name}`);\r\n' })],
    ['another severity', { ...base, severity: 'low' }],
    ['another message', { ...base, title: 'something else', description: 'worded anew' }],
    ['a prefix of the rule that only tells the folder or plugin', { ...base, ruleId: `home.ada.rules.${base.ruleId}` }],
  ];
  for (const [what, draft] of same) it(`is the same with ${what}`, () => assert.equal(idOf(draft), idOf(base)));

  const different: readonly (readonly [string, DraftFinding])[] = [
    ['path', codeDraft({ snippet: 'exec(`ls ${name}`);', path: 'src/other.js' })],
    ['rule', { ...base, ruleId: 'detect-eval' }],
    ['snippet', codeDraft({ snippet: 'exec(`rm ${name}`);' })],
    ['fingerprint', { ...base, fingerprints: { 'primaryLocationLineHash/v1': 'abc:1' } }],
  ];
  for (const [what, draft] of different) it(`differs by ${what}`, () => assert.notEqual(idOf(draft), idOf(base)));

  it('keeps multiplicity, the first one unchanged', () => {
    const one = identifyFindings([base]).map((f) => f.id);
    const three = identifyFindings([base, { ...base }, { ...base }]).map((f) => f.id);
    assert.equal(three[0], one[0]);
    assert.equal(new Set(three).size, 3);
    assert.deepEqual(
      identifyFindings([base, base, base]).map((f) => f.id),
      three,
    );
  });

  it('takes the latest version of a fingerprint, and no placeholder for one', () => {
    const v = (fingerprints: Record<string, string>): string | undefined => idOf({ ...base, fingerprints });
    assert.equal(v({ 'hash/v2': 'new', 'hash/v1': 'old' }), v({ 'hash/v2': 'new' }));
    assert.equal(v({ 'matchBasedId/v1': 'requires login' }), idOf(base));
    assert.equal(v({ primaryLocationStartColumnFingerprint: '4' }), idOf(base));
    assert.equal(v({ 'a/v1': 'x', primaryLocationLineHash: 'y' }), v({ primaryLocationLineHash: 'y' }));
  });

  it('uses the hash of the line where the source is known: stable when the code above grows', () => {
    const bare = codeDraft({ line: 2 });
    const before = 'a();\nexec(x);\nb();\n';
    const after = `// one\n// two\n${before}`;
    const context = (text: string) => ({ lineHash: (_: string, line: number) => lineHashes(text)[line - 1] });
    const moved = identifyFindings([codeDraft({ line: 4 })], context(after))[0]?.id;
    assert.equal(moved, identifyFindings([bare], context(before))[0]?.id);
    assert.notEqual(moved, identifyFindings([codeDraft({ line: 1 })], context(before))[0]?.id);
  });

  const lodash = dependencyDraft({ aliases: ['GHSA-35JH-R3H4-6JHM', 'CVE-2021-23337'] });
  it('knows a dependency finding by advisory, package and manifest, not by version', () => {
    assert.equal(idOf(dependencyDraft({ aliases: ['GHSA-35JH-R3H4-6JHM'], version: '4.17.19' })), idOf(lodash));
    assert.equal(idOf(dependencyDraft({ aliases: ['GHSA-35JH-R3H4-6JHM'], manifest: 'package-lock.json' })), idOf(lodash));
    assert.notEqual(idOf(dependencyDraft({ aliases: ['GHSA-35JH-R3H4-6JHM'], manifest: 'web/package.json' })), idOf(lodash));
    assert.notEqual(idOf(dependencyDraft({ aliases: ['GHSA-P6MC-M468-83GW'] })), idOf(lodash));
    assert.notEqual(idOf(dependencyDraft({ aliases: ['GHSA-35JH-R3H4-6JHM'], name: 'lodash-es' })), idOf(lodash));
  });

  it('gives the same ids with a native SHA-256', () => {
    const drafts = [base, lodash, codeDraft({ path: 'ä/ö 😀.js' }), base];
    assert.deepEqual(identifyFindings(drafts, { sha256: native }), identifyFindings(drafts));
  });
});
