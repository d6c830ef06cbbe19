import assert from 'node:assert/strict';
import { rangeOf } from '../../../src/editor/diagnostics/findingRange';
import { TrackedFile } from '../../../src/editor/diagnostics/trackedFile';
import { makeTriaged } from '../../support/findings';

const text = ['const a = 1;', '  run(a);', 'stop();'];
const finding = makeTriaged({ locations: [{ path: 'src/x.js', startLine: 2 }] });
const at = (file: TrackedFile, lines: readonly string[]) => file.place(lines).map((one) => one.range.startLine);

describe('rangeOf', () => {
  it('covers the line from its first character where there is no column', () =>
    assert.deepEqual(rangeOf({ path: 'x', startLine: 2 }, text), { startLine: 1, startColumn: 2, endLine: 1, endColumn: 9 }));
  it('takes columns as SARIF counts them', () =>
    assert.deepEqual(rangeOf({ path: 'x', startLine: 1, startColumn: 7, endColumn: 8 }), {
      startLine: 0,
      startColumn: 6,
      endLine: 0,
      endColumn: 7,
    }));
  it('is never empty', () => {
    const range = rangeOf({ path: 'x', startLine: 3, startColumn: 5, endColumn: 5 });
    assert.ok(range.endColumn > range.startColumn);
  });
});

describe('TrackedFile', () => {
  const file = new TrackedFile('src/x.js', [finding], text);
  it('moves with the lines, vanishes when its line changes, comes back with undo', () => {
    assert.deepEqual(at(file, ['', ...text]), [2]);
    assert.deepEqual(at(file, [text[0]!, 'safe(a);', text[2]!]), []);
    assert.deepEqual(at(file, text), [1]);
  });
  it('keeps the text it was made for while the findings name the same lines', () => {
    const edited = ['', ...text];
    assert.deepEqual(at(file.next([finding], edited), edited), [2]);
  });
  it('takes the text of now when a newer report names other lines', () => {
    const edited = ['', ...text];
    const moved = makeTriaged({ locations: [{ path: 'src/x.js', startLine: 3 }] });
    assert.deepEqual(at(file.next([moved], edited), edited), [2]);
  });
});
