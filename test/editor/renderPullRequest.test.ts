import assert from 'node:assert/strict';
import { renderPullRequest } from '../../src/editor/renderPullRequest';

describe('renderPullRequest', () => {
  it('shows title, state, branches and body', () =>
    assert.equal(
      renderPullRequest(
        JSON.stringify({
          number: 1,
          title: 'fix: no [shell]',
          state: 'open',
          branch: 'patchline/x',
          base: 'main',
          headCommit: 'f74414583e34020c',
          body: '## Finding',
        }),
      ),
      '# fix\\: no \\[shell\\]\n\n#1 · open · `patchline/x` → `main` · commit `f74414583e34`\n\n## Finding\n',
    ));
  for (const [what, record] of [
    ['gone', undefined],
    ['torn', '{"title": "x'],
    ['something else', '[]'],
  ] as const) {
    it(`says so when the record is ${what}`, () => assert.match(renderPullRequest(record), /^The record of this pull request/));
  }
});
