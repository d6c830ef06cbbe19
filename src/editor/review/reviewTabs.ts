import * as vscode from 'vscode';
import { cleanLine } from '../../core/findings/cleanText';
import { reviewScheme } from '../reviewPort';
import { readReviewUri, reviewUri } from './reviewFiles';
import type { ReviewSession } from './reviewSession';

/** The label of a review's tab: the diff of several files can only be found again by it. */
function labelOf(session: ReviewSession): string {
  return `Review: ${cleanLine(session.patch.title, 60)}`;
}

/** Opens the review: the diff of one file, or all files in one editor; a created file has nothing on the left. */
export async function openReviewTabs(session: ReviewSession, root: vscode.Uri): Promise<void> {
  const [only, ...more] = session.patch.changes;
  if (only === undefined) return;
  if (more.length === 0 && only.before !== null) {
    const left = vscode.Uri.joinPath(root, only.path);
    await vscode.commands.executeCommand('vscode.diff', left, reviewUri(session.id, only.path), labelOf(session), {
      preview: false,
    });
    return;
  }
  const resources = session.patch.changes.map((change) => [
    vscode.Uri.joinPath(root, change.path),
    change.before === null ? undefined : vscode.Uri.joinPath(root, change.path),
    reviewUri(session.id, change.path),
  ]);
  // Each call opens one more tab: the review's own is closed first.
  await closeReviewTabs(session.id, new Map([[session.id, session]]));
  await vscode.commands.executeCommand('vscode.changes', labelOf(session), resources);
  // It comes as a preview, which the next file or review that is looked at would take the place of.
  await vscode.commands.executeCommand('workbench.action.keepEditor');
}

/**
 * The right sides of a diff of several files. The stable API has no class for it, though the object is there: it is looked at
 * as something unknown.
 */
function filesOf(input: unknown): readonly vscode.Uri[] {
  if (typeof input !== 'object' || input === null || !('textDiffs' in input) || !Array.isArray(input.textDiffs)) return [];
  return input.textDiffs.flatMap((diff: unknown) => (diff instanceof vscode.TabInputTextDiff ? [diff.modified] : []));
}

/** The review that a tab shows; undefined for any other tab. */
export function reviewOfTab(tab: vscode.Tab, sessions: ReadonlyMap<string, ReviewSession>): string | undefined {
  const { input } = tab;
  if (input instanceof vscode.TabInputTextDiff) return readReviewUri(input.modified)?.review;
  if (input instanceof vscode.TabInputText) return readReviewUri(input.uri)?.review;
  // Reviews of two findings may have the same title (one update closes both): the files that are shown tell them apart.
  const shown = filesOf(input).find((uri) => uri.scheme === reviewScheme);
  if (shown !== undefined) return readReviewUri(shown)?.review;
  // A tab that VS Code restored and nobody looked at yet has no files: its label, to which VS Code adds their number, tells it.
  return [...sessions.values()].find((session) => tab.label === labelOf(session) || tab.label.startsWith(`${labelOf(session)} (`))
    ?.id;
}

/** Closes every tab of a review, wherever it is. */
export async function closeReviewTabs(review: string, sessions: ReadonlyMap<string, ReviewSession>): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs.filter((tab) => reviewOfTab(tab, sessions) === review));
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
}
