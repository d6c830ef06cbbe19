import * as vscode from 'vscode';
import type { Patch } from '../core/model/patch';

/**
 * The diff review as the rest of the editor sees it: a proposed patch is shown, hunk by hunk decided, and applied or discarded.
 * Context keys it keeps (they stand in the manifest's `when` clauses): `patchline.inReview` while the active editor shows a
 * review, `patchline.reviewOpen` while one is open anywhere.
 */
export interface PatchReview {
  /**
   * Shows the patch as a diff with a writable right side; nothing is written to the workspace. A review of the same finding in
   * which the person decided or changed something is shown instead, or asked about where the proposal is another one now.
   */
  open(patch: Patch): Promise<void>;
  /**
   * The patch as it stands in the review now (rejected hunks left out, edits in), also where its tab was closed; undefined when
   * there is none for the finding.
   */
  current(findingId: string): Promise<Patch | undefined>;
  /** The finding whose review is the active editor. */
  active(): string | undefined;
  /** Writes the reviewed change to the workspace as one undoable edit, saved. */
  apply(): Promise<void>;
  discard(): Promise<void>;
  acceptHunk(...args: readonly unknown[]): Promise<void>;
  rejectHunk(...args: readonly unknown[]): Promise<void>;
  nextHunk(): Promise<void>;
  previousHunk(): Promise<void>;
  dispose(): void;
}

/** The scheme of the reviewed documents. */
export const reviewScheme = 'patchline';

/** Every kind of tab that the stable API describes, other than text and diffs of text. */
const described = [
  vscode.TabInputCustom,
  vscode.TabInputWebview,
  vscode.TabInputNotebook,
  vscode.TabInputNotebookDiff,
  vscode.TabInputTerminal,
];

/**
 * True when an open tab may be a review that VS Code restores: a `patchline:` document or diff, or a kind that the stable API
 * does not describe (the diff of several files is one of them; its input is an object without a public class, or none).
 */
export function restoresReview(tabs: readonly vscode.Tab[]): boolean {
  return tabs.some(({ input }) => {
    if (input instanceof vscode.TabInputTextDiff) return input.modified.scheme === reviewScheme;
    if (input instanceof vscode.TabInputText) return input.uri.scheme === reviewScheme;
    return !described.some((kind) => input instanceof kind);
  });
}
