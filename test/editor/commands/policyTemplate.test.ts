import assert from 'node:assert/strict';
import { policyTemplate } from '../../../src/editor/commands/policyTemplate';
import { parsePolicy } from '../../../src/core/policy/parsePolicy';
import { findRolloutGaps } from '../../../src/core/rollout/findRolloutGaps';

describe('the policy that Open Policy writes', () => {
  it('changes nothing as it stands', () => {
    assert.deepEqual(parsePolicy(policyTemplate), {});
  });

  it('is valid in every part that a person takes the comment away from', () => {
    // What is commented out begins with a bracket or a quotation mark, words with a letter.
    const whole = policyTemplate.replaceAll(/^ {2}\/\/ ( *["[\]{}])/gm, '  $1').replaceAll(/^( {2}("\w+": .*)?[\]}])$/gm, '$1,');
    const policy = parsePolicy(whole.replace(/,(\s*\}\s*)$/, '$1'));
    assert.deepEqual(Object.keys(policy), ['slaDays', 'components', 'ignore', 'licences', 'test', 'forge', 'ci', 'build', 'approval', 'rollout']); // oxfmt-ignore
    assert.deepEqual(findRolloutGaps(policy, ['src/index.js']), { problems: [], warnings: [] });
  });
});
