import * as vscode from 'vscode';
import type { RowFilter } from '../../core/patchline';
import type { FeatureContext } from '../commands/featureContext';

type FilterContext = Pick<FeatureContext, 'findings' | 'views' | 'services' | 'imports'>;

/** Shows the tree under another filter, says so above it, and keeps the context keys of the title buttons. */
export function setFilter(context: FilterContext, filter: RowFilter): void {
  const text = filter.text?.trim() ?? '';
  const suppressed = filter.suppressed === true;
  context.findings.model.filter = { ...(text === '' ? {} : { text }), ...(suppressed ? { suppressed } : {}) };
  void vscode.commands.executeCommand('setContext', 'patchline.filtered', text !== '');
  void vscode.commands.executeCommand('setContext', 'patchline.suppressedShown', suppressed);
  context.findings.redraw();
  showFilterMessage(context);
}

/** The line above the tree: what is filtered and how many are shown; none when there is nothing to say. */
export function showFilterMessage(context: Pick<FilterContext, 'findings' | 'views' | 'services'>): void {
  const { filter } = context.findings.model;
  const view = context.services.opened()?.findings;
  const lines: string[] = [];
  if (filter.text !== undefined && view !== undefined) {
    const shown = view.groups(filter).reduce((sum, group) => sum + group.count, 0);
    lines.push(`Filter “${filter.text}”: ${shown.toLocaleString('en')} of ${view.count.toLocaleString('en')} findings`);
  }
  const problems = context.services.opened()?.triageProblems() ?? [];
  if (problems.length > 0)
    lines.push(
      `Sorted without ${problems.some((one) => one.includes('.patchline.json')) ? '.patchline.json' : 'CODEOWNERS'}, which cannot be read.`,
    );
  if (!vscode.workspace.isTrusted) lines.push('Restricted Mode: reading only, nothing runs.');
  // An empty message hides the line; the type knows no undefined.
  context.views.findings.message = lines.join(' · ');
}

/** Filters while the person types; Escape brings the earlier filter back. */
export async function askFilter(context: FilterContext): Promise<void> {
  await context.imports.first();
  await vscode.commands.executeCommand('patchline.findings.focus');
  const earlier = context.findings.model.filter;
  const box = vscode.window.createInputBox();
  box.title = 'Filter Findings';
  box.placeholder = 'Words in title, rule, scanner, place or severity';
  box.value = earlier.text ?? '';
  let timer: NodeJS.Timeout | undefined;
  let accepted = false;
  await new Promise<void>((resolve) => {
    box.onDidChangeValue((text) => {
      clearTimeout(timer);
      timer = setTimeout(() => setFilter(context, { ...earlier, text }), 120);
    });
    box.onDidAccept(() => {
      accepted = true;
      setFilter(context, { ...earlier, text: box.value });
      box.hide();
    });
    box.onDidHide(() => {
      clearTimeout(timer);
      if (!accepted) setFilter(context, earlier);
      box.dispose();
      resolve();
    });
    box.show();
  });
}
