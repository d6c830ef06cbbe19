import assert from 'node:assert/strict';
import type { Patch } from '../../../src/core/model/patch';
import { ReviewSession } from '../../../src/editor/review/reviewSession';

const before = 'a\nb\nc\nd\n';
const patch: Patch = {
  findingId: 'pl-1',
  fixer: 'structural-rule',
  trust: 'rule',
  title: 'A fix',
  reason: 'Because of b and d.',
  changes: [{ path: 'a.js', before, after: 'a\nB\nc\nD\n' }],
  notes: [],
};
const open = () => ReviewSession.of('r-1', patch, 'file:///somewhere');
const only = (session: ReviewSession, at: number) => session.hunks('a.js')[at] ?? assert.fail(`no hunk ${at}`);

describe('ReviewSession', () => {
  it('is untouched as proposed, and touched by a decision or a change', () => {
    const session = open();
    assert.equal(session.isTouched, false);
    assert.equal(session.current(), patch);
    session.accept('a.js', only(session, 0).hunk);
    assert.equal(session.isTouched, true);
    const other = open();
    other.setText('a.js', 'a\nB\nc\nd\n');
    assert.equal(other.isTouched, true);
  });

  it('leaves a rejected hunk out, and rejecting the next one brings it not back', () => {
    const session = open();
    session.setText('a.js', session.without('a.js', only(session, 0).hunk) ?? '');
    assert.equal(session.current().changes[0]?.after, 'a\nb\nc\nD\n');
    session.setText('a.js', session.without('a.js', only(session, 0).hunk) ?? '');
    assert.deepEqual(session.current().changes, []);
  });

  it('gives the reason of the fix for its hunks, and none of it for what the person typed', () => {
    const session = open();
    session.setText('a.js', 'own\na\nB\nc\nD\n');
    assert.deepEqual(
      session.hunks('a.js').map((placed) => session.reasonOf(placed)),
      ['Changed by hand; the proposed fix has no such change.', patch.reason, patch.reason],
    );
  });

  it('comes back from what is kept of it, folder included', () => {
    const session = open();
    session.setText('a.js', 'a\nB\nc\nd\n');
    const again = new ReviewSession(JSON.parse(JSON.stringify(session.toRecord())) as ReturnType<ReviewSession['toRecord']>);
    assert.deepEqual([again.root, again.isTouched, again.text('a.js')], ['file:///somewhere', true, 'a\nB\nc\nd\n']);
  });
});
