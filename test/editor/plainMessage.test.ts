import assert from 'node:assert/strict';
import fc from 'fast-check';
import { plainMessage } from '../../src/editor/plainMessage';

/** What VS Code makes a link of in a notification: words in brackets, a target of these kinds right behind. */
const link = /\[[^\]]+\]\((?:https?:\/\/|command:|file:)[^)\s]+(?: ["'].+?["'])?\)/i;

describe('a message with words from outside', () => {
  it('holds no link', () => {
    const hostile = '[See why](command:workbench.action.toggleSidebarVisibility) this.sarif';
    assert.match(hostile, link);
    assert.equal(plainMessage(hostile), '[See why] (command:workbench.action.toggleSidebarVisibility) this.sarif');
    assert.doesNotMatch(plainMessage('[a](https://host.example "b") [c](file:///d)'), link);
  });

  it('holds no icon', () => {
    assert.equal(plainMessage('$(verified) trusted'), '$ (verified) trusted');
  });

  it('never has a link, however the pieces are put together, and is the same when cleaned twice', () => {
    const pieces = fc.constantFrom('[', ']', '(', ')', '](', '[a]', '(command:x)', 'command:x', '$(', '$', ' ', '"', 'https://h');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const plain = plainMessage(parts.join(''));
        assert.ok(!plain.includes('](') && !plain.includes('$('));
        assert.equal(plainMessage(plain), plain);
      }),
    );
  });
});
