import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FileCoverage } from '../../../src/core/model/testReport';
import { changedLines } from '../../../src/core/testReports/changedLines';
import type { V8Function } from '../../../src/core/testReports/v8Coverage';
import { mergeCoverage, ranParts } from '../../../src/core/testReports/v8Coverage';

const range = (startOffset: number, endOffset: number, count: number) => ({ startOffset, endOffset, count });

describe('ranParts', () => {
  it('counts each place by the innermost range around it', () => {
    const functions: readonly V8Function[] = [
      { ranges: [range(0, 100, 1)] },
      { ranges: [range(10, 50, 3), range(20, 30, 0), range(22, 25, 1)] },
      { ranges: [range(60, 80, 0)] },
    ];
    assert.deepEqual(ranParts(functions), { length: 100, ran: [[0, 20], [22, 25], [30, 60], [80, 100]] }); // oxfmt-ignore
    assert.equal(ranParts([{ ranges: [range(5, 9, 1)] }]), undefined);
    assert.equal(ranParts([]), undefined);
  });

  it('gives for any nested ranges what painting them one over the other gives, and survives ranges that only overlap', () => {
    const any = fc.array(fc.tuple(fc.nat(30), fc.nat(30), fc.nat(1)), { maxLength: 12 });
    fc.assert(
      fc.property(any, (drawn) => {
        const all = drawn.map(([a, b, count]) => range(Math.min(a, b), Math.max(a, b), count));
        const nested = all.filter((one, index) =>
          all.slice(0, index).every((other) => {
            const apart = one.endOffset <= other.startOffset || other.endOffset <= one.startOffset;
            return apart || (other.startOffset <= one.startOffset && one.endOffset <= other.endOffset);
          }),
        );
        const painted = Array.from({ length: 31 }, () => 1);
        for (const { startOffset, endOffset, count } of nested) painted.fill(count, startOffset, endOffset);
        const { ran } = ranParts([{ ranges: [range(0, 31, 1), ...nested] }]) ?? { ran: [] };
        const seen = Array.from({ length: 31 }, (_, at) => (ran.some(([from, to]) => from <= at && at < to) ? 1 : 0));
        assert.deepEqual(seen, painted);
        const odd = ranParts([{ ranges: [range(0, 31, 1), ...all] }])?.ran ?? [];
        odd.forEach(([from, to], index) => assert.ok(from < to && to <= 31 && from > (odd[index - 1]?.[1] ?? -1)));
      }),
    );
  });
});

describe('mergeCoverage', () => {
  it('takes a place for run where one process ran it, and keeps forms of another length apart', () => {
    const file = (length: number, ...ran: FileCoverage['ran']): FileCoverage => ({ path: 'a.js', length, ran });
    const one = { files: [file(9, [0, 3]), file(7, [0, 7])], transformed: false };
    const two = { files: [file(9, [2, 5], [8, 9])], transformed: true };
    assert.deepEqual(mergeCoverage([one, two]), { files: [file(9, [0, 5], [8, 9]), file(7, [0, 7])], transformed: true });
    assert.deepEqual(mergeCoverage([]), { files: [], transformed: false });
  });
});

describe('changedLines', () => {
  const text = ['// a comment', 'one();', '', '/* two', '   lines */', '/* and */ two();', '});', 'three();', ''].join('\n');
  const change = { path: 'src/a.js', before: null, after: text };
  const ran = (path: string, length: number, ...parts: FileCoverage['ran']) => ({
    files: [{ path, length, ran: parts }],
    transformed: false,
  });

  it('counts lines with code alone', () => {
    const { files, covered, measured } = changedLines([change], ran('src/a.js', text.length, [0, text.indexOf('});')]));
    assert.deepEqual([files, covered, measured], [[{ path: 'src/a.js', ran: [2, 6], notRun: [8] }], 2, 3]);
  });

  it('counts changed lines alone', () => {
    const before = text.replace('three', 'drei');
    const { files } = changedLines([{ ...change, before }], ran('src/a.js', text.length));
    assert.deepEqual(files, [{ path: 'src/a.js', ran: [], notRun: [8] }]);
    assert.deepEqual(changedLines([{ ...change, before: text }], undefined), {
      covered: 0,
      measured: 0,
      files: [],
      notMeasured: [],
    });
  });

  it('finds the places behind a byte order mark, and of lines that end in CR LF', () => {
    const after = `\uFEFF${text.replaceAll('\n', '\r\n')}`;
    const from = after.indexOf('two();') - 1;
    const { files } = changedLines([{ ...change, after }], ran('src/a.js', after.length - 1, [from, from + 3]));
    assert.deepEqual(files, [{ path: 'src/a.js', ran: [6], notRun: [2, 8] }]);
  });

  it('says what is not measured and why; a manifest has no lines that run', () => {
    const paths = ['src/a.ts', 'src/a.js', 'package.json', 'a.tsx'];
    const of = (coverage: Parameters<typeof changedLines>[1]) =>
      changedLines(paths.map((path) => ({ ...change, path })), coverage); // oxfmt-ignore
    const said = (coverage: Parameters<typeof changedLines>[1]) =>
      of(coverage).notMeasured.map(({ path, why }) => `${path}: ${why}`);
    const compiled = ['src/a.ts', 'a.tsx'].map((path) => `${path}: it is compiled before it runs`);
    const [first = '', second = ''] = compiled;
    assert.deepEqual(said(undefined), [first, 'src/a.js: the checks measured nothing', second]);
    assert.deepEqual(said(ran('src/a.js', 3)), [first, 'src/a.js: it ran in another form than it is written in', second]);
    assert.deepEqual(said({ files: [], transformed: true }), [first, 'src/a.js: it was not loaded itself, but code that is made of other files was', second]); // oxfmt-ignore
    assert.deepEqual([said({ files: [], transformed: false }), of({ files: [], transformed: false }).measured], [compiled, 3]);
  });
});
