import assert from 'node:assert/strict';
import { judge, scenarios } from './scenarios.mjs';

const good = scenarios['good'] ?? assert.fail();
const bad = scenarios['bad'] ?? assert.fail();
const stage = { stage: 'rollout', outcome: 'successful', seconds: 20, evidence: ['sha256:00'], extra: 1 };
const run = { outcome: 'deployed', stages: [stage], log: 'log.jsonl', pullRequest: { number: 1 } };
const reverted = { ...run, outcome: 'rolled-back', revert: { number: 2 }, reopened: true };

describe('what counts as it should in npm run sample', () => {
  it('a good fix that is deployed, a bad one that is rolled back, reverted and reopened', () => {
    assert.deepEqual(judge(good, 0, run), {
      document: { ...run, stages: [{ stage: 'rollout', outcome: 'successful', seconds: 20, evidence: ['sha256:00'] }] },
      problems: [],
    });
    assert.deepEqual(judge(bad, 1, reverted).problems, []);
  });

  it('nothing else', () => {
    assert.deepEqual(judge(good, 1, reverted).problems, [
      'patchline run ended with exit code 1',
      'the outcome is rolled-back instead of deployed',
    ]);
    assert.deepEqual(judge(bad, 0, run).problems, [
      'patchline run ended with exit code 0',
      'the outcome is deployed instead of rolled-back',
      'no pull request reverts the bad fix',
      'the finding was not reopened',
    ]);
    assert.deepEqual(judge(bad, 1, { ...reverted, reopened: undefined }).problems, ['the finding was not reopened']);
    assert.equal(judge(good, 1, undefined).document['outcome'], 'error');
    assert.ok(judge(good, 1, undefined).problems.includes('patchline run wrote no JSON document'));
  });
});
