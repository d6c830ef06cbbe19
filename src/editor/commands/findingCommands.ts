import * as vscode from 'vscode';
import type { HumanError } from '../../core/errors';
import { CancelledError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { TriagedFinding } from '../../core/model/triage';
import { ActionableError } from '../actionableError';
import type { CommandHandlers } from '../commandTable';
import { rangeOf } from '../diagnostics/findingRange';
import type { PageNode } from '../findings/findingsModel';
import { askFilter, setFilter } from '../findings/filterInput';
import type { FeatureContext } from './featureContext';
import { pickFinding, pickFindings } from './pickFinding';
import { setStatus } from '../messages';

type Ids =
  | 'patchline.showFinding'
  | 'patchline.nextFinding'
  | 'patchline.previousFinding'
  | 'patchline.copyFindingId'
  | 'patchline.filterFindings'
  | 'patchline.clearFilter'
  | 'patchline.showSuppressed'
  | 'patchline.hideSuppressed'
  | 'patchline.loadMore';

/** Going through the findings. */
export function findingCommands(context: FeatureContext): Pick<CommandHandlers, Ids> {
  const { findings, views } = context;
  return {
    'patchline.showFinding': async (...args) => {
      const fromTree = typeof args[0] === 'object' && args[0] !== null;
      const finding = await pickFinding(args, context, 'Show which finding?');
      await openPlace(context, finding, fromTree);
      if (!fromTree) await reveal(context, finding.id, false);
    },
    'patchline.nextFinding': () => step(context, 1),
    'patchline.previousFinding': () => step(context, -1),

    'patchline.copyFindingId': async (...args) => {
      const chosen = await pickFindings(args, context, 'Copy the id of which finding?');
      await vscode.env.clipboard.writeText(chosen.map((finding) => finding.id).join('\n'));
      setStatus(chosen.length === 1 ? 'Finding ID copied' : `${chosen.length} finding IDs copied`, 3000);
    },

    'patchline.filterFindings': () => askFilter(context),
    'patchline.clearFilter': async () => setFilter(context, { ...findings.model.filter, text: '' }),
    'patchline.showSuppressed': async () => setFilter(context, { ...findings.model.filter, suppressed: true }),
    'patchline.hideSuppressed': async () => setFilter(context, { ...findings.model.filter, suppressed: false }),

    'patchline.loadMore': async (node) => {
      if (!isPage(node)) return;
      const first = findings.model.turn(node);
      const group = findings.model.group(node.band);
      if (group === undefined || first === undefined) return;
      findings.redrawGroup(group);
      await views.findings.reveal(first, { select: true, focus: true });
    },
  };
}

function isPage(node: unknown): node is PageNode {
  return typeof node === 'object' && node !== null && 'kind' in node && node.kind === 'page';
}

async function reveal(context: FeatureContext, findingId: string, focus: boolean): Promise<void> {
  const node = context.findings.model.find(findingId);
  if (node !== undefined) await context.views.findings.reveal(node, { select: true, focus });
}

/** The next finding in the tree's own order, over all bands; at the end it begins again. */
async function step(context: FeatureContext, by: 1 | -1): Promise<void> {
  await context.imports.first();
  const view = (await context.services.patchline()).findings;
  const { filter } = context.findings.model;
  const count = view.groups(filter).reduce((sum, group) => sum + group.count, 0);
  if (count === 0) throw noneToGoTo(filter.text, view.count);
  const selected = context.views.findings.selection[0];
  const current = selected !== undefined && 'findingId' in selected ? selected.findingId : context.diagnostics.atCursor();
  const rows = view.rows(undefined, 0, count, filter);
  const at = rows.findIndex((row) => row.id === current);
  const next = rows[at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count];
  const finding = next === undefined ? undefined : view.get(next.id);
  if (finding === undefined) throw new CancelledError();
  await openPlace(context, finding, false);
  await reveal(context, finding.id, false);
}

function noneToGoTo(filter: string | undefined, all: number): HumanError {
  if (filter !== undefined && all > 0)
    return new ActionableError(
      `None of the ${all} findings fits the filter “${cleanLine(filter, 80)}”. Clear it to go through all.`,
      [{ title: 'Clear Filter', command: 'patchline.clearFilter' }],
    );
  return new ActionableError('There is no finding to go to. Import a scanner report first.', [
    { title: 'Import Report…', command: 'patchline.importReport' },
  ]);
}

/** Opens the place of a finding: the code, or for a dependency the manifest at the package's name. */
async function openPlace(context: FeatureContext, finding: TriagedFinding, preserveFocus: boolean): Promise<void> {
  const root = context.services.root();
  const location = finding.locations[0];
  const path = location?.path ?? finding.package?.manifest;
  if (root === undefined || path === undefined) return context.panel.show(finding.id);
  const uri = vscode.Uri.joinPath(root.uri, path);
  const document = await vscode.workspace.openTextDocument(uri).then(
    (found) => found,
    () => undefined,
  );
  if (document === undefined) {
    const there = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    throw new ActionableError(
      there
        ? `${path} is there, but is no text that the editor can show. The panel shows the finding.`
        : `${path} is not in the workspace (any more), though a report names it. The report may be of another version: scan again, or look at the finding in its panel.`,
      [{ title: 'Show Panel', command: 'patchline.openPanel', args: [finding.id] }],
    );
  }
  const selection = context.diagnostics.rangeIn(document, finding.id) ?? placeIn(document, finding);
  const cursor = new vscode.Range(selection.start, selection.start);
  await vscode.window.showTextDocument(document, { preview: true, preserveFocus, selection: cursor });
}

function placeIn(document: vscode.TextDocument, finding: TriagedFinding): vscode.Range {
  const location = finding.locations[0];
  if (location?.startLine !== undefined) {
    const range = rangeOf(location, document.getText().split(/\r?\n/));
    return document.validateRange(new vscode.Range(range.startLine, range.startColumn, range.endLine, range.endColumn));
  }
  const at = finding.package === undefined ? -1 : document.getText().indexOf(`"${finding.package.name}"`);
  const start = document.positionAt(Math.max(0, at));
  return at < 0
    ? new vscode.Range(start, start)
    : new vscode.Range(start, document.positionAt(at + (finding.package?.name.length ?? 0) + 2));
}
