import assert from 'node:assert/strict';
import { isHumanError } from '../../../src/core/errors';
import { applyEdits } from '../../../src/core/edits/applyEdits';

describe('applyEdits', () => {
  it('makes edits in any order, insertions at one place in the order given', () => {
    assert.equal(
      applyEdits('const a = 1;\r\n', [
        { start: 10, end: 11, text: '2' },
        { start: 0, end: 0, text: '// x\r\n' },
        { start: 0, end: 0, text: '// y\r\n' },
        { start: 0, end: 5, text: 'let' },
      ]),
      '// x\r\n// y\r\nlet a = 2;\r\n',
    );
    assert.equal(applyEdits('ab', []), 'ab');
    assert.equal(applyEdits('', [{ start: 0, end: 0, text: 'a' }]), 'a');
  });

  const bad: readonly [string, readonly { start: number; end: number; text: string }[]][] = [
    [
      'overlap',
      [
        { start: 0, end: 3, text: '' },
        { start: 2, end: 4, text: '' },
      ],
    ],
    [
      'insertion inside a replacement',
      [
        { start: 0, end: 3, text: '' },
        { start: 1, end: 1, text: 'x' },
      ],
    ],
    ['beyond the end', [{ start: 0, end: 7, text: '' }]],
    ['before the start', [{ start: -1, end: 0, text: '' }]],
    ['backwards', [{ start: 3, end: 2, text: '' }]],
    ['no whole number', [{ start: 0.5, end: 2, text: '' }]],
  ];
  for (const [name, edits] of bad) it(`refuses ${name}`, () => assert.throws(() => applyEdits('abcdef', edits), isHumanError));
});
