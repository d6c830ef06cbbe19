import * as vscode from 'vscode';
import type { DeliveryState } from '../../core/delivery';
import type { PatchRun, RecordedStep } from '../../core/model/run';
import { stages } from '../../core/model/stage';
import type { Stage } from '../../core/model/stage';
import type { Patchline } from '../../core/patchline';
import { cleanLine } from '../../core/findings/cleanText';
import type { EditorServices } from '../services';
import type { TreeNode, TreeSource } from '../views';
import { attentionIcons, currentSteps, outcomeIcons, runContext, runStanding, stageTitles } from './runWords';

export interface StageNode {
  readonly kind: 'stage';
  readonly stage: Stage;
  readonly count: number;
}
export interface RunNode {
  readonly kind: 'run';
  readonly findingId: string;
  readonly run: PatchRun;
  /** How it stands behind its pull request, where it has one. */
  readonly delivery?: DeliveryState;
}
export interface StepNode {
  readonly kind: 'step';
  readonly findingId: string;
  readonly step: RecordedStep;
  readonly parent: RunNode;
}
export type PatchesNode = StageNode | RunNode | StepNode;

/** At most this many runs of one stage are shown, newest first. */
const limit = 200;

/** The Patches tree: runs by the stage they are in, each with its steps; drawn from the run log alone. */
export class PatchesTree implements TreeSource {
  private readonly changed = new vscode.EventEmitter<PatchesNode | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly listening: vscode.Disposable;
  private unsubscribe: (() => void) | undefined;

  constructor(private readonly services: EditorServices) {
    this.listening = services.onDidChangePatchline((engine) => this.show(engine));
    this.show(services.opened());
  }

  private show(engine: Patchline | undefined): void {
    this.unsubscribe?.();
    this.unsubscribe = engine?.runs.onDidChange(() => this.changed.fire(undefined));
    this.changed.fire(undefined);
  }

  async getChildren(node?: TreeNode): Promise<PatchesNode[]> {
    const known = node as PatchesNode | undefined;
    if (known === undefined) {
      if (this.services.root() === undefined) return [];
      let runs: readonly PatchRun[] = [];
      await this.services.guard('read the run log', async () => {
        runs = (await this.services.patchline()).runs.all();
      });
      return stages
        .map((stage): StageNode => ({ kind: 'stage', stage, count: runs.filter((run) => run.stage === stage).length }))
        .filter((one) => one.count > 0);
    }
    if (known.kind === 'stage') return this.inStage(known.stage);
    if (known.kind === 'run') {
      return currentSteps(known.run).map((step): StepNode => ({ kind: 'step', findingId: known.findingId, step, parent: known }));
    }
    return [];
  }

  private inStage(stage: Stage): RunNode[] {
    const runs = this.services.opened()?.runs.all() ?? [];
    return runs
      .filter((run) => run.stage === stage)
      .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
      .slice(0, limit)
      .map((run) => {
        const delivery = run.state === 'superseded' ? undefined : this.services.opened()?.delivery.state(run.finding.id);
        return { kind: 'run', findingId: run.finding.id, run, ...(delivery === undefined ? {} : { delivery }) };
      });
  }

  getParent(node: TreeNode): PatchesNode | undefined {
    const known = node as PatchesNode;
    if (known.kind === 'step') return known.parent;
    return known.kind === 'run' ? { kind: 'stage', stage: known.run.stage, count: 1 } : undefined;
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const known = node as PatchesNode;
    switch (known.kind) {
      case 'stage':
        return stageItem(known);
      case 'run':
        return runItem(known);
      case 'step':
        return stepItem(known);
    }
  }

  dispose(): void {
    this.unsubscribe?.();
    vscode.Disposable.from(this.changed, this.listening).dispose();
  }
}

function stageItem(node: StageNode): vscode.TreeItem {
  const item = new vscode.TreeItem(stageTitles[node.stage], vscode.TreeItemCollapsibleState.Expanded);
  item.id = `stage:${node.stage}`;
  item.description = node.count > limit ? `${limit} newest of ${node.count}` : String(node.count);
  item.accessibilityInformation = {
    label: `${stageTitles[node.stage]}, ${node.count} ${node.count === 1 ? 'patch' : 'patches'}`,
  };
  item.contextValue = 'stage';
  return item;
}

function runItem(node: RunNode): vscode.TreeItem {
  const { run, delivery } = node;
  const stands = runStanding(run, delivery);
  const item = new vscode.TreeItem(cleanLine(run.finding.title, 40), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `run:${run.id}`;
  item.description = stands;
  const last = currentSteps(run).at(-1);
  const outcome = run.state === 'failed' ? 'failed' : run.state === 'closed' ? 'closed' : (last?.outcome ?? 'waiting');
  item.iconPath = iconOf(
    attentionIcons[delivery?.attention ?? 'none'] ?? outcomeIcons[run.state === 'waiting' ? 'waiting' : outcome],
  );
  item.contextValue = runContext(run, delivery);
  item.tooltip = cleanLine(`${run.finding.title}: ${stands}, begun ${run.startedAt}`);
  item.command = { command: 'patchline.openPanel', title: 'Open Patch Panel', arguments: [node] };
  item.accessibilityInformation = { label: cleanLine(`${run.finding.title}, ${stageTitles[run.stage]}, ${stands}`) };
  return item;
}

function stepItem(node: StepNode): vscode.TreeItem {
  const { step } = node;
  const attempt = step.attempt > 1 ? ` (attempt ${step.attempt})` : '';
  const item = new vscode.TreeItem(`${step.name.replaceAll('-', ' ')}${attempt}`);
  item.id = `step:${step.run}:${step.stage}:${step.name}`;
  item.description = cleanLine(step.summary);
  item.iconPath = iconOf(outcomeIcons[step.outcome]);
  item.tooltip = cleanLine(`${step.outcome}: ${step.summary} (${step.by}, ${step.at})`, 600);
  item.contextValue = 'step';
  item.command = { command: 'patchline.openPanel', title: 'Open Patch Panel', arguments: [node] };
  item.accessibilityInformation = { label: cleanLine(`${step.name}, ${step.outcome}, ${step.summary}`) };
  return item;
}

function iconOf(look: { readonly icon: string; readonly color?: string }): vscode.ThemeIcon {
  return new vscode.ThemeIcon(look.icon, look.color === undefined ? undefined : new vscode.ThemeColor(look.color));
}
