import assert from 'node:assert/strict';
import { findingIdIn, findingIdsIn } from '../../../src/editor/commands/findingIds';

const row = (findingId: string) => ({ kind: 'finding', findingId });

describe('findingIdsIn', () => {
  it('takes an id, a row, or a row with the selection it belongs to', () => {
    assert.deepEqual(findingIdsIn(['pl-1']), ['pl-1']);
    assert.deepEqual(findingIdsIn([row('a')]), ['a']);
    assert.deepEqual(findingIdsIn([row('a'), [row('a'), row('b')]]), ['a', 'b']);
  });
  it('forgets a selection that the clicked row is not part of', () =>
    assert.deepEqual(findingIdsIn([row('c'), [row('a'), row('b')]]), ['c']));
  it('takes the selection alone when a key was pressed', () => assert.deepEqual(findingIdsIn([undefined, [row('a')]]), ['a']));
  it('leaves out what is no finding', () => {
    assert.deepEqual(findingIdsIn([]), []);
    assert.deepEqual(findingIdsIn([{ kind: 'group', band: 'now' }]), []);
    assert.deepEqual(findingIdsIn([null, [3, row('a'), {}]]), ['a']);
  });
});

describe('findingIdIn', () => {
  it('takes the clicked row, whichever is selected first', () =>
    assert.equal(findingIdIn([row('b'), [row('a'), row('b')]]), 'b'));
  it('takes the first of the selection when a key was pressed', () =>
    assert.equal(findingIdIn([undefined, [row('a'), row('b')]]), 'a'));
  it('knows of none where none is named', () => assert.equal(findingIdIn([{ kind: 'group' }, []]), undefined));
});
