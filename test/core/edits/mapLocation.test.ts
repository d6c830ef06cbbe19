import assert from 'node:assert/strict';
import { mapLocation } from '../../../src/core/edits/mapLocation';

const before = 'a\nb\nc\nd\ne\n';

describe('mapLocation', () => {
  const table: readonly [string, string, object, object][] = [
    [
      'moves with its line',
      'x\ny\na\nb\nc\nd\ne\n',
      { startLine: 3, startColumn: 1, endLine: 3, endColumn: 2 },
      { startLine: 5, startColumn: 1, endLine: 5, endColumn: 2 },
    ],
    ['stays above a change', 'a\nb\nc\nd\nE\n', { startLine: 2 }, { startLine: 2 }],
    [
      'takes the lines that took its place',
      'a\nb\nC\nCC\nd\ne\n',
      { startLine: 3, startColumn: 1 },
      { startLine: 3, endLine: 4 },
    ],
    ['stays near where its lines are gone', 'a\nb\nd\ne\n', { startLine: 3 }, { startLine: 3, endLine: 3 }],
    ['moves up', 'c\nd\ne\n', { startLine: 4, endLine: 5 }, { startLine: 2, endLine: 3 }],
    ['grows with a change inside', 'a\nb\nc\nnew\nd\ne\n', { startLine: 2, endLine: 5 }, { startLine: 2, endLine: 6 }],
    ['without a line it is the whole file', 'z\n', {}, {}],
  ];
  for (const [name, after, location, expected] of table)
    it(name, () => assert.deepEqual(mapLocation(before, after, location), expected));
});
