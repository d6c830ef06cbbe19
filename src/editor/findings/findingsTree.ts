import * as vscode from 'vscode';
import type { Patchline } from '../../core/patchline';
import type { EditorServices } from '../services';
import type { TreeNode, TreeSource } from '../views';
import { cleanLine } from '../../core/findings/cleanText';
import { bandTitles, dueWords, explainFinding, rowLabel, severityIcons } from './findingWords';
import type { FindingNode, FindingsNode, GroupNode, PageNode } from './findingsModel';
import { FindingsModel, pageSize } from './findingsModel';
import { importDropped } from './dropReports';
import type { ReportImport } from '../reports/reportImport';

/** The Findings tree: bands, in each one page of findings, worst first. Never starts the engine for a redraw. */
export class FindingsTree implements TreeSource {
  readonly model = new FindingsModel();
  private readonly changed = new vscode.EventEmitter<FindingsNode | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly listening: vscode.Disposable[] = [];
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly services: EditorServices,
    private readonly imports: ReportImport,
  ) {
    this.listening.push(services.onDidChangePatchline((engine) => this.show(engine)));
    this.show(services.opened());
  }

  private show(engine: Patchline | undefined): void {
    this.unsubscribe?.();
    this.unsubscribe = engine?.findings.onDidChange(() => this.refresh());
    this.model.show(engine?.findings);
    this.changed.fire(undefined);
  }

  /** Draws again what changed: all when bands came or went, else only the bands whose shown page is another. */
  refresh(): void {
    const changes = this.model.changes();
    if (changes === 'all') this.changed.fire(undefined);
    else for (const group of changes) this.changed.fire(group);
  }

  /** Everything anew: after another filter. */
  redraw(): void {
    this.changed.fire(undefined);
  }

  redrawGroup(group: GroupNode): void {
    this.changed.fire(group);
  }

  async getChildren(node?: TreeNode): Promise<FindingsNode[]> {
    if (node === undefined) {
      if (this.services.root() === undefined) return [];
      await this.imports.first();
      return [...this.model.groups()];
    }
    const known = node as FindingsNode;
    return known.kind === 'group' ? [...this.model.children(known.band)] : [];
  }

  getParent(node: TreeNode): FindingsNode | undefined {
    const known = node as FindingsNode;
    if (known.kind === 'finding') return this.model.group(known.row.band);
    return known.kind === 'page' ? this.model.group(known.band) : undefined;
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const known = node as FindingsNode;
    switch (known.kind) {
      case 'group':
        return groupItem(known, this.model.filter.text !== undefined);
      case 'finding':
        return findingItem(known);
      case 'page':
        return pageItem(known);
    }
  }

  resolveTreeItem(item: vscode.TreeItem, node: TreeNode): vscode.TreeItem {
    const known = node as FindingsNode;
    if (known.kind !== 'finding') return item;
    const finding = this.services.opened()?.findings.get(known.findingId);
    if (finding !== undefined) item.tooltip = new vscode.MarkdownString(explainFinding(finding, Date.now()));
    return item;
  }

  async handleDrop(_target: TreeNode | undefined, transfer: vscode.DataTransfer): Promise<void> {
    await this.services.guard('import what was dropped', () => importDropped(transfer, this.services, this.imports));
  }

  dispose(): void {
    this.unsubscribe?.();
    vscode.Disposable.from(this.changed, ...this.listening).dispose();
  }
}

function groupItem(node: GroupNode, filtered: boolean): vscode.TreeItem {
  // What was filtered for is shown at once; the id differs so that VS Code keeps the two states apart.
  const open = filtered || node.band === 'now' || node.band === 'next';
  const state = open ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
  const item = new vscode.TreeItem(bandTitles[node.band], state);
  item.id = `band:${node.band}${filtered ? ':filtered' : ''}`;
  item.description = node.count.toLocaleString('en');
  item.contextValue = 'band';
  item.accessibilityInformation = {
    label: `${bandTitles[node.band]}, ${node.count} ${node.count === 1 ? 'finding' : 'findings'}`,
  };
  return item;
}

function findingItem(node: FindingNode): vscode.TreeItem {
  const { row } = node;
  const item = new vscode.TreeItem(cleanLine(row.title));
  item.id = `finding:${row.id}`;
  const due = dueWords(row.due, Date.now());
  const overdue = due?.endsWith('overdue') === true ? ` · ${due}` : '';
  item.description = cleanLine(`${row.where}${overdue}${row.suppressed ? ' · suppressed' : ''}`);
  const { icon, color } = severityIcons[row.severity];
  item.iconPath = new vscode.ThemeIcon(row.suppressed ? 'circle-slash' : icon, new vscode.ThemeColor(color));
  item.contextValue = row.suppressed ? 'finding.suppressed' : 'finding';
  item.command = { command: 'patchline.showFinding', title: 'Show Finding', arguments: [node] };
  item.accessibilityInformation = { label: rowLabel(row) };
  return item;
}

function pageItem(node: PageNode): vscode.TreeItem {
  const more = node.direction === 'more';
  const count = Math.min(pageSize, node.hidden).toLocaleString('en');
  const item = new vscode.TreeItem(more ? `Load ${count} more` : 'Back to more urgent findings');
  item.id = node.id;
  item.description = more ? `${node.hidden.toLocaleString('en')} not shown` : `${node.hidden.toLocaleString('en')} above`;
  item.iconPath = new vscode.ThemeIcon(more ? 'chevron-down' : 'chevron-up');
  item.contextValue = 'page';
  item.command = { command: 'patchline.loadMore', title: 'Load More', arguments: [node] };
  return item;
}
