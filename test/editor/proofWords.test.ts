import assert from 'node:assert/strict';
import type { Outcome } from '../../src/core/model/outcome';
import type { Patch } from '../../src/core/model/patch';
import type { Proof, ProofCheck } from '../../src/core/model/proof';
import type { RegressionTest } from '../../src/core/model/regressionTest';
import { patchDigest, testDigest } from '../../src/core/runs/artifacts';
import { describeProof, describePullRequest, proofThatHolds } from '../../src/editor/proofWords';

const check = (id: ProofCheck['id'], outcome: Outcome): ProofCheck => ({
  id,
  title: `${id} title`,
  outcome,
  detail: `${id} detail`,
  evidence: [],
  duration: 1,
});
const proof = (outcome: Outcome, checks: readonly ProofCheck[], weaker = false): Proof => ({
  findingId: 'f',
  patchDigest: 'p',
  testDigest: 't',
  base: 'b',
  outcome,
  weaker,
  checks,
});
const patch: Patch = {
  findingId: 'f',
  fixer: 'structural-rule',
  trust: 'rule',
  title: 'No shell',
  reason: 'because',
  changes: [
    { path: 'src/x.js', before: 'a', after: 'b' },
    { path: 'src/y.js', before: null, after: 'c' },
  ],
  notes: [],
};

describe('describeProof', () => {
  it('says how much was shown', () =>
    assert.equal(
      describeProof(proof('successful', [check('red', 'successful'), check('green', 'successful')])),
      'The fix is proven: all 2 checks passed.',
    ));
  it('says when it is weaker', () =>
    assert.match(describeProof(proof('successful', [check('red', 'successful')], true)), /versions, not on behaviour/));
  it('names the check that failed', () =>
    assert.equal(
      describeProof(proof('failed', [check('clean', 'error'), check('red', 'failed')])),
      'The fix is not proven: a check failed. red title: red detail',
    ));
  it('never calls what could not be checked proven', () =>
    assert.equal(describeProof(proof('error', [check('red', 'error')])), 'The fix could not be checked. red title: red detail'));
});

describe('describePullRequest', () => {
  it('says so when nothing is proven', () =>
    assert.match(describePullRequest('patchline/x', patch, undefined, undefined), /Not proven/));
  it('lists files and checks with their marks', () => {
    const text = describePullRequest(
      'patchline/x',
      patch,
      undefined,
      proof('failed', [check('clean', 'successful'), check('red', 'failed')]),
    );
    for (const line of ['Branch patchline/x', '  src/x.js', '  src/y.js (new)', '  ✓ clean title', '  ✗ red title'])
      assert.ok(text.split('\n').includes(line), line);
  });
});

describe('proofThatHolds', () => {
  it('is the proof of this patch and this test, and no other', () => {
    const written: RegressionTest = {
      findingId: 'f',
      framework: 'node-test',
      path: 'test/x.test.js',
      text: 'one',
      command: ['node', '--test'],
      strength: 'behaviour',
      expectedFailure: 'x',
      claim: 'nothing',
    };
    const made = { ...proof('successful', []), patchDigest: patchDigest(patch), testDigest: testDigest(written) };
    assert.equal(proofThatHolds(made, patch, written), made);
    assert.equal(proofThatHolds(made, patch, { ...written, text: 'changed since' }), undefined);
    assert.equal(proofThatHolds(made, { ...patch, changes: [] }, written), undefined);
    assert.equal(proofThatHolds(made, patch, undefined), undefined);
  });
});
