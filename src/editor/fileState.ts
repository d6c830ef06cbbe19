import * as vscode from 'vscode';

/**
 * Where a file is: on the disk, and with unsaved changes in the editor. What was deleted while it was open with unsaved changes is
 * still there for the person, and only there.
 */
export async function fileState(uri: vscode.Uri): Promise<{ readonly onDisk: boolean; readonly unsaved: boolean }> {
  const onDisk = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  const unsaved = vscode.workspace.textDocuments.some((open) => open.isDirty && open.uri.toString() === uri.toString());
  return { onDisk, unsaved };
}
