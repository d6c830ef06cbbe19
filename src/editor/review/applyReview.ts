import * as vscode from 'vscode';
import { HumanError } from '../../core/errors';
import type { FileChange, Patch } from '../../core/model/patch';
import { lineChanges, splitLines } from '../../core/edits/lineChanges';
import { fileState } from '../fileState';

/**
 * Writes a reviewed patch as one undoable edit and saves the files it touched. Only the changed lines are replaced, so that
 * cursors, folds and breakpoints elsewhere stay.
 *
 * @throws HumanError when a file is no longer what the fix was made for, or has unsaved changes.
 */
export async function applyReview(root: vscode.Uri, patch: Patch): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  const touched: vscode.Uri[] = [];
  for (const change of patch.changes) {
    const uri = vscode.Uri.joinPath(root, change.path);
    touched.push(uri);
    const { onDisk, unsaved } = await fileState(uri);
    if (change.before === null) {
      if (onDisk || unsaved)
        throw new HumanError(`${change.path} is there by now, and the fix would create it. Move it away, or discard the review.`);
      edit.createFile(uri, { overwrite: false, contents: new TextEncoder().encode(change.after) });
      continue;
    }
    if (!onDisk && unsaved)
      throw new HumanError(
        `${change.path} was deleted on the disk while it is open with unsaved changes. Save it to bring it back, or close it; then generate the fix again.`,
      );
    if (!onDisk) throw new HumanError(`${change.path} is no longer there; the fix was made for it. Discard the review.`);
    const document = await vscode.workspace.openTextDocument(uri);
    await assertAsProposed(document, change.path, change.before);
    addLineEdits(edit, document, change);
  }
  // Without isRefactoring the edit over all files is one entry of the undo stack.
  if (!(await vscode.workspace.applyEdit(edit)))
    throw new HumanError('VS Code refused the change; nothing was written. Is one of the files read-only?');
  for (const uri of touched) {
    const document = await vscode.workspace.openTextDocument(uri);
    if (document.isDirty && !(await document.save()))
      throw new HumanError(
        `${vscode.workspace.asRelativePath(uri)} was changed but could not be saved. Save it yourself, or undo.`,
      );
  }
}

async function assertAsProposed(document: vscode.TextDocument, path: string, before: string): Promise<void> {
  if (document.isDirty) throw new HumanError(`${path} has unsaved changes. Save or revert it first, then apply the review.`);
  const bytes = await vscode.workspace.fs.readFile(document.uri);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (text !== before) throw new HumanError(`${path} has changed since the fix was made. Generate the fix again.`);
  // A document has one kind of line end, so saving would rewrite every other one: that is no minimal change.
  if (mixesLineEnds(before)) {
    throw new HumanError(
      `${path} mixes line endings, and VS Code would rewrite all of them. Write the fix with “patchline fix --write” instead.`,
    );
  }
}

/** VS Code takes a lone CR for a line end as well, which git and our own lines do not. */
function mixesLineEnds(text: string): boolean {
  return /\r(?!\n)/.test(text) || (/\r\n/.test(text) && /(^|[^\r])\n/.test(text));
}

/** Line numbers are the same in the document and in the text: both were checked to be the same, apart from a BOM. */
function addLineEdits(edit: vscode.WorkspaceEdit, document: vscode.TextDocument, change: FileChange): void {
  const after = splitLines(change.after);
  for (const part of lineChanges(change.before ?? '', change.after, change.edits)) {
    const range = new vscode.Range(part.beforeStart, 0, part.beforeEnd, 0);
    // VS Code holds documents without BOM and writes it back itself.
    const text = after
      .slice(part.afterStart, part.afterEnd)
      .join('')
      .replace(/^\uFEFF/, '');
    edit.replace(document.uri, document.validateRange(range), text);
  }
}
