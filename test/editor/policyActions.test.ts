import assert from 'node:assert/strict';
import { messageOf } from '../../src/core/errors';
import { parsePolicy } from '../../src/core/policy/parsePolicy';
import { policyActions } from '../../src/editor/policyActions';

describe('what is offered for a broken policy', () => {
  it('opens it at the place that the error names', () => {
    let message = '';
    try {
      parsePolicy('{\n  "slaDays": { "high": "soon" }\n}');
    } catch (error) {
      message = messageOf(error);
    }
    assert.deepEqual(policyActions(message), [{ title: 'Open .patchline.json', command: 'patchline.openPolicy', args: [2, 24] }]);
  });

  it('opens it where no place is known, and offers nothing for other messages', () => {
    assert.deepEqual(policyActions('`.patchline.json` is not UTF-8 text.')[0]?.args, []);
    assert.deepEqual(policyActions('CODEOWNERS is not UTF-8 text.'), []);
  });
});
