import assert from 'node:assert/strict';
import type { Finding } from '../../../src/core/model/finding';
import { noDetection } from '../../../src/core/stages/detection';
import { importInto } from '../../support/importInto';
import { makeFinding } from '../../support/findings';

const report = (name: string, ids: readonly string[], complete = true) => ({
  name,
  report: {
    format: 'sarif',
    scanner: 'ESLint',
    findings: ids.map((id): Finding =>
      makeFinding({ id, ruleId: `rule-${id}`, locations: [{ path: `${id}.js`, startLine: 1 }] }),
    ),
    rejected: [],
    results: ids.length,
    notes: [],
    complete,
  },
});

describe('importInto', () => {
  const first = importInto(noDetection, [report('a.sarif', ['pl-1', 'pl-2']), report('b.sarif', ['pl-3'])], []);

  it('counts what is new', () =>
    assert.deepEqual([first.added, first.closed, first.unchanged], [['pl-1', 'pl-2', 'pl-3'], [], 0]));

  it('gives 0 new and 0 closed for the same report again', () => {
    const again = importInto(first.detection, [report('a.sarif', ['pl-1', 'pl-2'])], []);
    assert.deepEqual([again.added, again.closed, again.unchanged], [[], [], 3]);
  });

  it('closes what a newer complete report of the same name no longer has, and only that', () => {
    const next = importInto(first.detection, [report('a.sarif', ['pl-2', 'pl-4'])], []);
    assert.deepEqual([next.added, next.closed, next.unchanged], [['pl-4'], ['pl-1'], 2]);
  });

  it('closes nothing by a scan that did not succeed, nor by a report that cannot be read', () => {
    const failed = importInto(
      first.detection,
      [report('a.sarif', ['pl-5'], false)],
      [{ file: 'b.sarif', path: '', reason: 'torn' }],
    );
    assert.deepEqual([failed.added, failed.closed, failed.unchanged], [['pl-5'], [], 3]);
    assert.equal(failed.detection.rejected.length, 1);
    assert.equal(importInto(failed.detection, [report('b.sarif', ['pl-3'])], []).detection.rejected.length, 0);
  });

  it('does not call findings closed whose report was taken away', () => {
    const gone = importInto(first.detection, [], [], ['b.sarif']);
    assert.deepEqual([gone.closed, gone.detection.findings.map((f) => f.id)], [[], ['pl-1', 'pl-2']]);
  });
});
