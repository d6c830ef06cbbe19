import assert from 'node:assert/strict';
import type { PriorityBand, TriagedFinding } from '../../../src/core/model/triage';
import { createFindingsTable } from '../../../src/core/triage/findingsTable';
import { makeFinding } from '../../support/findings';
import { finish } from '../../../src/core/steps';

function triaged(id: string, band: PriorityBand, more: Partial<TriagedFinding> = {}): TriagedFinding {
  return {
    ...makeFinding({ id, ...more }),
    triage: { priority: 50, band, reasons: [], owners: [], detectedAt: '2026-01-01T00:00:00.000Z' },
  };
}

describe('findingsTable', () => {
  const table = createFindingsTable();
  beforeEach(() =>
    finish(
      table.replaceSteps([
        triaged('a', 'now', { title: 'Command injection', severity: 'critical' }),
        triaged('b', 'next', { title: 'Path traversal', severity: 'high' }),
        triaged('c', 'next', { title: 'Command line shown', severity: 'low', suppressed: true }),
      ]),
    ),
  );
  const ids = (filter?: { text?: string; suppressed?: boolean }) => table.rows(undefined, 0, 9, filter).map((row) => row.id);

  it('pages what is open when there is no filter', () => {
    assert.deepEqual(ids(), ['a', 'b']);
    assert.deepEqual(
      [...table.groups()],
      [
        { band: 'now', count: 1 },
        { band: 'next', count: 1 },
      ],
    );
  });

  it('shows rows that hold every word, whatever the case', () => {
    assert.deepEqual(ids({ text: 'COMMAND' }), ['a']);
    assert.deepEqual(ids({ text: 'injection critical' }), ['a']);
    assert.deepEqual(ids({ text: 'injection low' }), []);
    assert.deepEqual([...table.groups({ text: 'traversal' })], [{ band: 'next', count: 1 }]);
  });

  it('lists suppressed ones only when asked', () => {
    assert.deepEqual(ids({ suppressed: true }), ['a', 'b', 'c']);
    assert.deepEqual(ids({ suppressed: true, text: 'command' }), ['a', 'c']);
    assert.deepEqual(
      table.rows('next', 0, 9, { suppressed: true }).map((row) => row.suppressed),
      [false, true],
    );
  });

  it('forgets the filtered rows of what was there before', () => {
    assert.deepEqual(ids({ text: 'command' }), ['a']);
    finish(table.replaceSteps([triaged('d', 'backlog', { title: 'Command again' })]));
    assert.deepEqual(ids({ text: 'command' }), ['d']);
  });
});
