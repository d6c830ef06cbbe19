import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isHumanError } from '../../../src/core/errors';
import { branchNameProblem } from '../../../src/core/git/refName';
import { findingTrailer, readTrailer } from '../../../src/core/git/trailers';
import type { Patch } from '../../../src/core/model/patch';
import type { Proof, ProofCheck } from '../../../src/core/model/proof';
import type { RegressionTest } from '../../../src/core/model/regressionTest';
import type { TriagedFinding } from '../../../src/core/model/triage';
import { branchName } from '../../../src/core/pullRequest/branchName';
import { readinessChecklist } from '../../../src/core/pullRequest/checklist';
import { changeTitle, commitMessage } from '../../../src/core/pullRequest/commitMessage';
import { inertLine, markdownCode, markdownText, ownerMention, tableCell } from '../../../src/core/pullRequest/hostileText';
import { pullRequestMarker, readPullRequestMarker } from '../../../src/core/pullRequest/marker';
import { pullRequestText } from '../../../src/core/pullRequest/pullRequestText';

const finding: TriagedFinding = {
  id: 'pl-0123456789abcdef',
  kind: 'code',
  scanner: 'ESLint',
  ruleId: 'security/detect-child-process',
  title: 'Found child_process.exec() with non Literal first argument',
  severity: 'high',
  locations: [{ path: 'src/diagnostics.js', startLine: 14, startColumn: 5 }],
  aliases: [],
  cwe: ['CWE-78'],
  cvss: { vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', version: '3.1', score: 9.8 },
  references: [],
  suppressed: false,
  witnesses: [{ scanner: 'ESLint', file: 'reports/eslint.sarif', ruleId: 'security/detect-child-process', index: 3 }],
  triage: {
    priority: 88,
    band: 'now',
    reasons: [],
    owners: ['@example/web', 'ada@example.org'],
    detectedAt: '2026-01-05T08:00:00.000Z',
    due: '2026-01-12T08:00:00.000Z',
  },
};
const patch: Patch = {
  findingId: finding.id,
  fixer: 'structural-rule',
  trust: 'rule',
  title: 'Run the program without a shell',
  reason: 'execFile passes the host name as one argument; no shell reads it, so it cannot start another command.',
  changes: [
    {
      path: 'src/diagnostics.js',
      before: 'a',
      after: 'b',
      edits: [{ start: 0, end: 1, text: 'b', reason: 'exec becomes execFile with an argument array' }],
    },
  ],
  notes: ['The output stays the same for ordinary host names.'],
};
const test: RegressionTest = {
  findingId: finding.id,
  framework: 'node-test',
  path: 'test/diagnostics.command-injection.test.js',
  text: 'x',
  command: ['node', '--test', 'test/diagnostics.command-injection.test.js'],
  strength: 'behaviour',
  expectedFailure: 'a second command ran',
  claim: 'A host name with a shell metacharacter starts no second command.',
};
const check = (id: ProofCheck['id'], outcome: ProofCheck['outcome'], detail: string): ProofCheck => ({
  id,
  title: `Check ${id}`,
  outcome,
  detail,
  evidence: [{ name: `${id}.log`, mediaType: 'text/plain', digest: { sha256: id.charCodeAt(0).toString(16).padEnd(64, '0') } }],
  duration: 12,
});
const proof: Proof = {
  findingId: finding.id,
  patchDigest: 'a'.repeat(64),
  testDigest: 'b'.repeat(64),
  base: 'c'.repeat(40),
  outcome: 'successful',
  weaker: false,
  checks: (['clean', 'parse', 'red', 'green', 'repeat', 'suite', 'gone'] as const).map((id) =>
    check(id, 'successful', `Seen: ${id} | fine.`),
  ),
};

const hostile = [
  'x',
  '@octocat',
  '<script>alert(1)</script>',
  '<!-- patchline:finding=other run=1 -->',
  '](https://evil.example)',
  '`code`',
  '| cell |',
  'closes #1',
  'GH-2',
  'https://github.com/o/r/issues/3',
  '[skip ci]',
  '\u202e\u0007\u001b[31m',
  '\n\nPatchline-Finding: forged\n\n# Heading\n- [x] done',
  '$x$ ~~s~~ **b** _i_ \\',
].join(' ');
const hostileFinding: TriagedFinding = {
  ...finding,
  id: `${hostile}-->`,
  scanner: hostile,
  ruleId: hostile,
  title: hostile.repeat(5),
  description: hostile,
  locations: [{ path: `src/${hostile}.js`, startLine: 1 }],
  aliases: ['CVE-2021-23337', 'GHSA-35jh-r3h4-6jhm', hostile],
  cwe: [hostile],
  witnesses: Array.from({ length: 12 }, (_, index) => ({ scanner: hostile, file: hostile, ruleId: hostile, index })),
  triage: { ...finding.triage, owners: [hostile, '@example/web'] },
};
const dependency: TriagedFinding = {
  ...finding,
  kind: 'dependency',
  scanner: 'npm audit',
  ruleId: 'GHSA-35jh-r3h4-6jhm',
  title: 'Command Injection in lodash',
  locations: [],
  aliases: ['CVE-2021-23337', 'GHSA-35jh-r3h4-6jhm'],
  package: {
    purl: 'pkg:npm/lodash@4.17.15',
    ecosystem: 'npm',
    name: 'lodash',
    version: '4.17.15',
    manifest: 'package.json',
    fixedVersions: ['4.17.21'],
  },
  witnesses: [{ scanner: 'npm audit', file: 'reports/npm-audit.json', ruleId: '1106913', index: 0 }],
  triage: { ...finding.triage, owners: [] },
};
const update: Patch = {
  ...patch,
  fixer: 'npm-update',
  trust: 'dependency',
  reason: 'lodash 4.17.21 is the lowest version above 4.17.15 that no known advisory names.',
  changes: [
    { path: 'package.json', before: 'a', after: 'b' },
    { path: 'package-lock.json', before: 'a', after: 'b' },
  ],
  notes: ['Lock file written by npm 10.8.2.'],
  update: { name: 'lodash', from: '4.17.15', to: '4.17.21', manifest: 'package.json' },
};

/** Golden texts: UPDATE_GOLDEN=1 writes them anew; the difference is then reviewed like any other. */
function assertGolden(name: string, actual: string): void {
  const folder = join(import.meta.dirname, '../../golden/pullRequest');
  const file = join(folder, name);
  if (process.env['UPDATE_GOLDEN']) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, actual);
  }
  assert.equal(actual, readFileSync(file, 'utf8').replaceAll('\r\n', '\n'));
}

describe('pull request texts', () => {
  it('of a code finding with a full proof', () => {
    const { title, body } = pullRequestText({ finding, patch, test, proof, run: 'run-1' });
    assert.equal(title, 'fix(security): Found child_process.exec() with non Literal first…');
    assertGolden('code.md', body);
    assertGolden('code.commit.txt', commitMessage({ finding, patch, test }));
  });

  it('of a dependency update with a weaker, unfinished proof', () => {
    const checks = proof.checks.map((each) =>
      each.id === 'suite'
        ? check('suite', 'error', 'The suite could not be started.')
        : each.id === 'gone'
          ? check('gone', 'inconclusive', 'Two advisories do not say.')
          : each,
    );
    const weaker: Proof = { ...proof, weaker: true, outcome: 'error', checks };
    const { title, body } = pullRequestText({
      finding: dependency,
      patch: update,
      test: { ...test, strength: 'version' },
      proof: weaker,
      run: 'run-2',
    });
    assert.equal(title, 'fix(deps): update lodash from 4.17.15 to 4.17.21 (CVE-2021-23337)');
    assert.ok(title.length <= 72);
    assertGolden('dependency.md', body);
    assertGolden('dependency.commit.txt', commitMessage({ finding: dependency, patch: update }));
  });

  it('of a hostile report', () => {
    const evil = { ...patch, reason: hostile, notes: [hostile], fixer: hostile };
    const text = pullRequestText({ finding: hostileFinding, patch: evil, run: '--> <b>' });
    assertGolden('hostile.md', `${text.title}\n\n${text.body}`);
    const message = commitMessage({ finding: hostileFinding, patch: evil, test: { ...test, claim: hostile, path: hostile } });
    assertGolden('hostile.commit.txt', message);

    assert.deepEqual(readPullRequestMarker(text.body), { finding: hostileFinding.id.slice(0, 300), run: '--> <b>' });
    const outsideCode = text.body.replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '');
    assert.deepEqual(outsideCode.match(/@[\w/-]+/g), ['@example/web'], 'nobody but the owner is mentioned');
    assert.equal([...outsideCode.matchAll(/<!--/g)].length, 1, 'only our own marker');
    assert.doesNotMatch(outsideCode, /<script|(?<!\\)#\d|:\/\/evil|^# Heading/m);
    assert.doesNotMatch(message, /@\w|#\d|\[skip ci|issues\/3|\u202e|\u001b/);
    assert.notEqual(readTrailer(message, findingTrailer), 'forged');
    const trailers = execFileSync('git', ['interpret-trailers', '--parse'], { input: message, encoding: 'utf8' });
    assert.match(trailers, /^Patchline-Finding: x__octocat\S+\nPatchline-Fixer: \S+\n$/);
    assert.ok(text.title.length <= 72);
  });

  it('stay below what a forge takes, however much there is', () => {
    const many = Array.from({ length: 500 }, () => hostile.repeat(50));
    const big: TriagedFinding = { ...hostileFinding, aliases: many, cwe: many, triage: { ...finding.triage, owners: many } };
    const checks = proof.checks.map((each) => ({
      ...each,
      title: hostile,
      detail: hostile.repeat(50),
      evidence: Array.from({ length: 200 }, () => each.evidence[0]!),
    }));
    const changes = many.map((path) => ({ ...patch.changes[0]!, path, edits: [{ start: 0, end: 0, text: '', reason: path }] }));
    const { body } = pullRequestText({
      finding: big,
      patch: { ...patch, reason: many.join(), notes: many, changes },
      test,
      proof: { ...proof, checks },
      run: 'r',
    });
    assert.ok(body.length < 65_536, String(body.length));
    assert.ok(readPullRequestMarker(body));
    assert.match(body, /## Ready to deploy/, 'the checklist is not what gets lost');
  });
});

describe('hostile text', () => {
  it('markdownText leaves no character that could be markup', () => {
    const unit = fc.constantFrom(
      ...'ab1 @#<>&`*_[]()!|~\\$:/.-\n\u202e'.split(''),
      'https://',
      'www.',
      'GH-1',
      '/issues/1',
      '[skip ci]',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        const shown = markdownText(text);
        assert.doesNotMatch(shown, /[<>]|@[\w-]|:\/\/|www\.|\n/);
        const plain = shown.replace(/\\[!-/:-@[-`{-~]/g, '').replace(/&(?:amp|lt|gt);/g, '');
        assert.doesNotMatch(plain, /[\\`*_[\]()#!|~$]/, shown);
        // A cell stays one cell: GFM splits at bars that no backslash precedes.
        assert.doesNotMatch(tableCell(markdownCode(text)), /(?<!\\)\|/);
      }),
    );
  });

  it('markdownCode shows the text exactly, with a fence it does not hold', () => {
    assert.equal(markdownCode('a'), '`a`');
    assert.equal(markdownCode('a`b``c'), '```a`b``c```');
    assert.equal(markdownCode('`'), '`` ` ``');
    assert.equal(markdownCode(' \n '), '``(empty)``');
  });

  it('only well-formed CODEOWNERS entries notify', () => {
    assert.equal(ownerMention('@example/team-1'), '@example/team-1');
    assert.equal(ownerMention('@ada'), '@ada');
    for (const bad of ['@a/b/c', '@a b', '@-a', 'x@y', '@a<b>']) assert.doesNotMatch(ownerMention(bad), /@\w/, bad);
    assert.equal(inertLine('mail a@b.c', 50), 'mail a@\u200bb.c');
  });
});

describe('branchName', () => {
  for (const [change, expected] of [
    [{}, 'patchline/detect-child-process-0123456789abcdef'],
    [{ package: dependency.package }, 'patchline/lodash-0123456789abcdef'],
    [{ package: { ...dependency.package!, name: '@hono/node-server' } }, 'patchline/hono-node-server-0123456789abcdef'],
    [{ ruleId: '../../--upload-pack=x' }, 'patchline/upload-pack-x-0123456789abcdef'],
    [{ ruleId: '…', id: '…' }, 'patchline/finding'],
    [{ ruleId: 'python.lang.security.audit.eval-detected.lock' }, 'patchline/lock-0123456789abcdef'],
  ] as const) {
    it(expected, () => {
      const name = branchName({ ...finding, ...(change as Partial<TriagedFinding>) });
      assert.equal(name, expected);
      assert.equal(branchNameProblem(name), undefined);
    });
  }

  it("takes the policy's prefix and refuses one that makes no name", () => {
    assert.equal(branchName(finding, 'sec-'), 'sec-detect-child-process-0123456789abcdef');
    assert.throws(() => branchName(finding, '-'), isHumanError);
    assert.throws(() => branchName(finding, 'a b/'), isHumanError);
  });
});

describe('changeTitle', () => {
  it('is cut at a word and never longer than 72', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (title) => {
        const cut = changeTitle({ finding: { ...finding, title }, patch });
        assert.ok(cut.length <= 72 && !/[\n\r]/.test(cut), cut);
      }),
    );
  });
});

describe('readinessChecklist', () => {
  const state = (facts: Parameters<typeof readinessChecklist>[0]): string =>
    readinessChecklist(facts)
      .map((item) => `${item.id}=${item.state}`)
      .join(' ');

  it('is all "not yet" when nothing is known', () => {
    assert.ok(readinessChecklist({}).every((item) => item.state === 'not-yet'));
  });

  it('counts only what was measured and good', () => {
    assert.equal(
      state({ test, proof }),
      'red=done green=done suite=done gone=done clean=done ci=not-yet approval=not-yet artifact=not-yet way-back=not-yet',
    );
    for (const outcome of ['error', 'inconclusive', 'waiting', 'closed'] as const) {
      assert.ok(
        readinessChecklist({ ci: outcome }).every((item) => item.state === 'not-yet'),
        outcome,
      );
    }
    assert.match(state({ ci: 'failed', approval: 'successful' }), /ci=no approval=done/);
    const repeat = proof.checks.map((each) => (each.id === 'repeat' ? { ...each, outcome: 'failed' as const } : each));
    assert.match(state({ proof: { ...proof, checks: repeat } }), /green=no/);
    assert.match(state({ proof: { ...proof, checks: proof.checks.filter((each) => each.id !== 'repeat') } }), /green=not-yet/);
  });
});

describe('marker', () => {
  it('comes back as it went in and is always one harmless comment', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40, minLength: 1 }),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
        (id, run) => {
          const marker = pullRequestMarker(id, run);
          assert.match(marker, /^<!-- [^<>]* -->$/);
          assert.equal(marker.slice(4, -3).includes('--'), false);
          assert.deepEqual(readPullRequestMarker(`text\n${marker}\n`), { finding: id, run });
        },
      ),
    );
    assert.equal(readPullRequestMarker('<!-- patchline:finding=%E0 run=1 -->'), undefined);
    assert.equal(readPullRequestMarker('nothing'), undefined);
  });
});
