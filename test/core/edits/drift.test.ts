import assert from 'node:assert/strict';
import { isHumanError } from '../../../src/core/errors';
import { assertNotDrifted } from '../../../src/core/edits/drift';

const change = { path: 'src/a.js', before: 'a', after: 'b' };
const created = { path: 'src/n.js', before: null, after: 'b' };

describe('assertNotDrifted', () => {
  it('lets pass what is as it was', () => {
    assertNotDrifted(change, 'a');
    assertNotDrifted(created, undefined);
    assertNotDrifted(created, 'b');
  });

  const drifted: readonly [typeof change | typeof created, string | undefined, RegExp][] = [
    [change, 'a ', /src\/a\.js has changed since/],
    [change, undefined, /src\/a\.js is no longer there/],
    [created, 'c', /src\/n\.js would be created/],
  ];
  for (const [of, text, message] of drifted)
    it(`refuses: ${message.source}`, () =>
      assert.throws(
        () => assertNotDrifted(of, text),
        (error: unknown) => isHumanError(error) && message.test(error.message),
      ));
});
