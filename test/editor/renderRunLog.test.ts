import assert from 'node:assert/strict';
import { describeVerdict, renderRunLog } from '../../src/editor/renderRunLog';
import { FakePatchline } from '../support/fakePatchline';
import { makeTriaged } from '../support/findings';

describe('renderRunLog', () => {
  it('says that nothing happened yet', () =>
    assert.equal(renderRunLog([], []), 'Patchline run log\n\nNo patch has been begun yet.\n'));

  it('shows each step with time, outcome, person and its entry in the chain', async () => {
    const patchline = new FakePatchline({ findings: [makeTriaged({ id: 'f', title: 'Bad\u202e thing' })] });
    await patchline.importReports();
    await patchline.acceptPatch({
      findingId: 'f',
      fixer: 'x',
      trust: 'rule',
      title: 'No shell',
      reason: '',
      changes: [],
      notes: [],
    });
    assert.equal(
      renderRunLog(patchline.runs.all(), []),
      [
        'Patchline run log',
        '',
        'Bad thing',
        '  finding f · run run-f · active in generation',
        '  2026-01-01T12:00:00.000Z  successful    generation/patch              No shell',
        '      by Ada Lovelace · entry 1 of c0ffee00 · 0000000000000000',
        '',
      ].join('\n'),
    );
  });

  it('puts damage first', () => {
    const text = renderRunLog([], [{ kind: 'altered', chain: 'c', line: 3, n: 3, why: 'The hash does not match.' }]);
    assert.match(text, /^Patchline run log\n\nDAMAGED {2}altered at entry 3: The hash does not match\./);
  });
});

describe('describeVerdict', () => {
  it('names the first bad entry and why', () =>
    assert.equal(
      describeVerdict({ kind: 'deleted', chain: 'c0ffee0012', line: 4, n: 5, why: 'Entry 4 is missing.' }),
      'Run log c0ffee00: deleted at entry 5 (line 4). Entry 4 is missing.',
    ));
  it('says that an intact one is intact', () =>
    assert.equal(
      describeVerdict({ kind: 'intact', chain: 'c0ffee0012', entries: 1, head: 'a'.repeat(64) }),
      'Run log c0ffee00: intact, 1 entry, head aaaaaaaaaaaa.',
    ));
});
