import assert from 'node:assert/strict';
import type { PriorityBand, TriagedFinding } from '../../../src/core/model/triage';
import { createFindingsTable } from '../../../src/core/triage/findingsTable';
import type { FindingsNode, PageNode } from '../../../src/editor/findings/findingsModel';
import { FindingsModel, pageSize } from '../../../src/editor/findings/findingsModel';
import { makeFinding } from '../../support/findings';
import { finish } from '../../../src/core/steps';

function many(count: number, band: PriorityBand = 'next', title = 'problem'): TriagedFinding[] {
  return Array.from({ length: count }, (_, n) => ({
    ...makeFinding({ id: `${band}-${n}`, title: `${title} ${n}` }),
    triage: { priority: 50, band, reasons: [], owners: [], detectedAt: '2026-01-01T00:00:00.000Z' },
  }));
}

function modelOf(findings: readonly TriagedFinding[]) {
  const table = createFindingsTable();
  finish(table.replaceSteps(findings));
  const model = new FindingsModel();
  model.show(table);
  model.groups();
  return { table, model };
}
const isPage = (node: FindingsNode | undefined): node is PageNode => node?.kind === 'page';
const ids = (nodes: readonly FindingsNode[]) => nodes.flatMap((node) => (node.kind === 'finding' ? [node.findingId] : []));

describe('FindingsModel', () => {
  it('is empty without a view', () => assert.deepEqual(new FindingsModel().groups(), []));

  it('never gives more than a page and one that leads on, through 100,000 findings, and misses none', () => {
    const { model } = modelOf(many(100_000));
    const seen: string[] = [];
    const pageIds = new Set<string>();
    for (;;) {
      const nodes = model.children('next');
      assert.ok(nodes.length <= pageSize + 1, `${nodes.length} siblings`);
      seen.push(...ids(nodes));
      const last = nodes.at(-1);
      if (!isPage(last)) break;
      assert.ok(!pageIds.has(last.id), 'each Load more has an id of its own');
      pageIds.add(last.id);
      assert.equal(model.turn(last)?.findingId, `next-${seen.length}`);
    }
    assert.equal(seen.length, 100_000);
    assert.equal(new Set(seen).size, 100_000);
  });

  it('leads back to where it came from', () => {
    const { model } = modelOf(many(700));
    const first = ids(model.children('next'));
    for (let turns = 0; turns < 2; turns++) model.turn(model.children('next').at(-1) as PageNode);
    for (let turns = 0; turns < 2; turns++) {
      const back = model.children('next')[0];
      assert.ok(isPage(back) && back.direction === 'back');
      model.turn(back);
    }
    assert.deepEqual(ids(model.children('next')), first);
  });

  it('finds a row on a far page and turns to it', () => {
    const { model } = modelOf(many(1000));
    for (const n of [0, 199, 200, 398, 399, 600, 999]) {
      const node = model.find(`next-${n}`);
      assert.equal(node?.row.title, `problem ${n}`);
      assert.ok(ids(model.children('next')).includes(`next-${n}`), `row ${n} stands on its page`);
    }
    assert.equal(model.find('nobody'), undefined);
  });

  it('draws only the group again whose page changed', () => {
    const now = many(3, 'now');
    const { table, model } = modelOf([...now, ...many(300)]);
    model.children('now');
    model.children('next');
    finish(table.replaceSteps([...now, ...many(300, 'next', 'other')]));
    const changes = model.changes();
    assert.deepEqual(changes === 'all' ? changes : changes.map((group) => group.band), ['next']);
  });

  it('keeps each group the same object, by which VS Code knows what to draw again', () => {
    const { table, model } = modelOf([...many(3), ...many(2, 'scheduled')]);
    const [next, later] = model.groups();
    model.children('next');
    finish(table.replaceSteps([...many(5), ...many(2, 'scheduled')]));
    const changes = model.changes();
    assert.ok(changes !== 'all' && changes[0] === next);
    assert.equal(next?.count, 5);
    assert.deepEqual([model.groups()[0] === next, model.groups()[1] === later, model.group('next') === next], [true, true, true]);
    finish(table.replaceSteps(many(2, 'scheduled')));
    assert.equal(model.changes(), 'all');
    finish(table.replaceSteps([...many(1), ...many(2, 'scheduled')]));
    assert.equal(model.groups()[0], next, 'also when it comes back');
  });

  it('draws everything again when a group came or went', () => {
    const { table, model } = modelOf(many(3));
    finish(table.replaceSteps([...many(1, 'now'), ...many(3)]));
    assert.equal(model.changes(), 'all');
  });

  it('shows the last page when the list became shorter than the page that was open', () => {
    const { table, model } = modelOf(many(700));
    model.turn(model.children('next').at(-1) as PageNode);
    finish(table.replaceSteps(many(10)));
    model.changes();
    assert.equal(ids(model.children('next')).length, 10);
  });

  it('filters', () => {
    const { model } = modelOf(many(1000));
    model.filter = { text: 'problem 99' };
    assert.deepEqual(
      model.groups().map((group) => group.count),
      [19],
    );
    assert.equal(model.find('next-5'), undefined);
  });
});
