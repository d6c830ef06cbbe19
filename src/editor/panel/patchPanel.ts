import * as vscode from 'vscode';
import type { FromPanel, ToPanel } from '../../webview/protocol';
import { isFromPanel, rememberedFinding } from '../../webview/protocol';
import { commandTable } from '../commandTable';
import type { PatchPanel } from '../panelPort';
import { patchView } from '../pageTypes';
import { openPullRequestPage } from '../pullRequestPage';
import type { EditorServices } from '../services';
import { createPage } from './createPage';
import { openEvidence } from './evidenceDocument';
import { panelState } from './panelState';
import { setStatus } from '../messages';

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  draw(): void;
}

/** One panel a finding; each redraws whenever the run log or the findings change, and asks for nothing on its own. */
export function createPatchPanel(
  extension: vscode.ExtensionContext,
  services: EditorServices,
  onShown: (findingId: string) => void,
): PatchPanel {
  const open = new Map<string, OpenPanel>();
  let unsubscribe: () => void = () => undefined;
  const drawAll = () => open.forEach((panel) => panel.draw());

  /** The engine may be replaced (settings, trust): listen to the one that is there. */
  function follow(): void {
    unsubscribe();
    const engine = services.opened();
    const stops = engine === undefined ? [] : [engine.runs.onDidChange(drawAll), engine.findings.onDidChange(drawAll)];
    unsubscribe = () => stops.forEach((stop) => stop());
    drawAll();
  }
  const engineChanges = services.onDidChangePatchline(follow);

  async function stateFor(findingId: string): Promise<ToPanel> {
    const engine = services.opened();
    const run = engine?.runs.forFinding(findingId);
    const finding = engine?.findings.get(findingId) ?? run?.finding;
    if (engine === undefined || finding === undefined)
      return { kind: 'gone', why: 'This finding is no longer here: its report is gone, or no folder is open.' };
    const [patch, test, proof] = await Promise.all([
      engine.currentPatch(findingId),
      engine.currentTest(findingId),
      engine.currentProof(findingId),
    ]);
    const delivery = engine.delivery.state(findingId);
    const problems = engine.runs.problems();
    return { kind: 'state', state: panelState({ finding, run, patch, test, proof, problems, delivery, now: Date.now() }) };
  }

  function create(findingId: string, restored?: vscode.WebviewPanel): OpenPanel {
    const panel = createPage(extension, { viewType: patchView, title: 'Patch', bundle: 'panel' }, restored);
    let drawing = 0;
    const draw = () => {
      const turn = ++drawing;
      void services.guard('draw the patch panel', async () => {
        const message = await stateFor(findingId);
        // A newer drawing has begun meanwhile: it will show more than this one.
        if (turn !== drawing || !open.has(findingId)) return;
        if (message.kind === 'state') panel.title = `Patch: ${message.state.title.slice(0, 40)}`;
        await panel.webview.postMessage(message);
      });
    };
    panel.webview.onDidReceiveMessage((message: unknown) => {
      if (isFromPanel(message)) void services.guard('do that', () => handle(message, findingId, draw));
    });
    panel.onDidDispose(() => open.delete(findingId));
    return { panel, draw };
  }

  async function handle(message: FromPanel, findingId: string, draw: () => void): Promise<void> {
    switch (message.kind) {
      case 'ready':
        return draw();
      case 'command':
        // Only our own commands, and only on the finding that this panel shows.
        if (Object.hasOwn(commandTable, message.command))
          await vscode.commands.executeCommand(message.command, findingId, message.argument);
        return;
      case 'place':
        await vscode.commands.executeCommand('patchline.showFinding', findingId);
        return;
      case 'evidence':
        return openEvidence(message);
      case 'link': {
        const uri = vscode.Uri.parse(message.url, true);
        if (uri.scheme === 'https') await vscode.env.openExternal(uri);
        return;
      }
      case 'copy':
        await vscode.env.clipboard.writeText(message.text);
        setStatus('Copied', 3000);
        return;
      case 'revert': {
        const revert = services.opened()?.delivery.state(findingId)?.revert;
        if (revert !== undefined) await openPullRequestPage(revert);
        return;
      }
      case 'failed':
        services.log.error(`The patch panel failed: ${message.message}`);
        return;
    }
  }

  return {
    async show(findingId) {
      await services.patchline();
      if (services.opened() !== undefined && open.size === 0) follow();
      let entry = open.get(findingId);
      if (entry === undefined) {
        entry = create(findingId);
        open.set(findingId, entry);
      } else entry.panel.reveal();
      entry.draw();
      onShown(findingId);
    },
    active: () => [...open].find(([, { panel }]) => panel.active)?.[0],
    async restore(tab, memory) {
      const findingId = rememberedFinding(memory);
      // A panel of the same finding may have been opened meanwhile.
      if (findingId === undefined || open.has(findingId)) return tab.dispose();
      await services.patchline();
      if (open.size === 0) follow();
      const entry = create(findingId, tab);
      open.set(findingId, entry);
      entry.draw();
    },
    dispose() {
      engineChanges.dispose();
      unsubscribe();
      for (const { panel } of [...open.values()]) panel.dispose();
    },
  };
}
