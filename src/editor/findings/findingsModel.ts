import type { FindingRow, FindingsView, RowFilter } from '../../core/patchline';
import type { PriorityBand } from '../../core/model/triage';

/** At most this many siblings ever reach VS Code: with 100,000 the window would stand still for a minute. */
export const pageSize = 200;

/** One and the same object for a band as long as the model lives: VS Code knows the elements of a tree by their identity. */
export interface GroupNode {
  readonly kind: 'group';
  readonly band: PriorityBand;
  count: number;
}
export interface FindingNode {
  readonly kind: 'finding';
  readonly findingId: string;
  readonly row: FindingRow;
}
/** Turns the page of its group. Its id is new each time, since a constant one would drag the focus along. */
export interface PageNode {
  readonly kind: 'page';
  readonly band: PriorityBand;
  readonly to: number;
  readonly hidden: number;
  readonly direction: 'more' | 'back';
  readonly id: string;
}
export type FindingsNode = GroupNode | FindingNode | PageNode;

/**
 * What the Findings tree shows of a view: groups by band, of each one page of rows, worst first. Pure, so that it can be
 * tested with 100,000 findings and no editor.
 */
export class FindingsModel {
  private readonly offsets = new Map<PriorityBand, number>();
  private readonly everyGroup = new Map<PriorityBand, GroupNode>();
  private groupNodes: ReadonlyMap<PriorityBand, GroupNode> = new Map();
  private readonly signatures = new Map<PriorityBand, string>();
  private turned = 0;
  private view: FindingsView | undefined;
  filter: RowFilter = {};

  /** Takes another view (or none) and forgets which pages were shown. */
  show(view: FindingsView | undefined): void {
    this.view = view;
    this.offsets.clear();
    this.signatures.clear();
  }

  groups(): readonly GroupNode[] {
    const groups = this.view?.groups(this.filter) ?? [];
    const nodes = groups
      .filter((group) => group.count > 0)
      .map(({ band, count }): GroupNode => {
        const node = this.everyGroup.get(band) ?? { kind: 'group', band, count };
        node.count = count;
        this.everyGroup.set(band, node);
        return node;
      });
    this.groupNodes = new Map(nodes.map((node) => [node.band, node]));
    return nodes;
  }

  /** One page: at most 200 nodes and one that leads on. */
  children(band: PriorityBand): readonly FindingsNode[] {
    const view = this.view;
    const count = this.groupNodes.get(band)?.count ?? 0;
    if (view === undefined || count === 0) return [];
    const offset = this.offset(band, count);
    const before = offset > 0 ? 1 : 0;
    const rows = view.rows(band, offset, pageSize - before, this.filter);
    this.signatures.set(band, this.signature(band));
    const nodes: FindingsNode[] = rows.map((row) => ({ kind: 'finding', findingId: row.id, row }));
    if (before === 1) nodes.unshift(this.page(band, Math.max(0, this.previous(offset)), offset, 'back'));
    const end = offset + rows.length;
    if (end < count) nodes.push(this.page(band, end, count - end, 'more'));
    return nodes;
  }

  /** Turns to the page that a Load more (or Back) row names; gives the row that should get the focus. */
  turn(node: PageNode): FindingNode | undefined {
    this.turned += 1;
    this.offsets.set(node.band, node.to);
    const row = this.view?.rows(node.band, node.to, 1, this.filter)[0];
    return row === undefined ? undefined : { kind: 'finding', findingId: row.id, row };
  }

  group(band: PriorityBand): GroupNode | undefined {
    return this.groupNodes.get(band);
  }

  /** The group in which a finding stands and its row, with the page turned to it; undefined when the filter hides it. */
  find(findingId: string): FindingNode | undefined {
    const view = this.view;
    const finding = view?.get(findingId);
    if (view === undefined || finding === undefined) return undefined;
    const { band } = finding.triage;
    const count = this.groupNodes.get(band)?.count ?? this.groups().find((group) => group.band === band)?.count ?? 0;
    for (let offset = 0; offset < count; offset += pageSize) {
      const rows = view.rows(band, offset, pageSize, this.filter);
      const at = rows.findIndex((row) => row.id === findingId);
      const row = rows[at];
      if (row === undefined) continue;
      const shown = this.offset(band, count);
      const position = offset + at;
      const capacity = shown > 0 ? pageSize - 1 : pageSize;
      if (position < shown || position >= shown + capacity) this.offsets.set(band, this.pageOf(position));
      return { kind: 'finding', findingId, row };
    }
    return undefined;
  }

  /** Which groups must be drawn again: `all` when groups came or went, else those whose shown page changed. */
  changes(): 'all' | readonly GroupNode[] {
    const known = [...this.groupNodes.keys()].join();
    const counts = new Map([...this.groupNodes].map(([band, node]) => [band, node.count]));
    const nodes = this.groups();
    if (nodes.map((node) => node.band).join() !== known) return 'all';
    return nodes.filter(
      (node) => counts.get(node.band) !== node.count || this.signatures.get(node.band) !== this.signature(node.band),
    );
  }

  private offset(band: PriorityBand, count: number): number {
    const offset = this.offsets.get(band) ?? 0;
    return offset < count ? offset : this.pageOf(count - 1);
  }

  /** Start of the page that holds a position: the first page has 200 rows, later ones 199, since one goes to the way back. */
  private pageOf(position: number): number {
    if (position < pageSize) return 0;
    return pageSize + Math.floor((position - pageSize) / (pageSize - 1)) * (pageSize - 1);
  }

  private previous(offset: number): number {
    return offset <= pageSize ? 0 : offset - (pageSize - 1);
  }

  private page(band: PriorityBand, to: number, hidden: number, direction: 'more' | 'back'): PageNode {
    return { kind: 'page', band, to, hidden, direction, id: `page:${band}:${direction}:${to}:${this.turned}` };
  }

  private signature(band: PriorityBand): string {
    const count = this.groupNodes.get(band)?.count ?? 0;
    const offset = this.offset(band, count);
    const rows = this.view?.rows(band, offset, pageSize, this.filter) ?? [];
    return rows.map((row) => `${row.id} ${row.priority} ${row.title} ${row.where} ${row.suppressed}`).join('\n');
  }
}
