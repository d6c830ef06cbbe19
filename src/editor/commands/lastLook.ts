import * as vscode from 'vscode';

/**
 * Where the person was last: in a text editor, or in a tree. A command of the palette is not told what has the focus, and a row
 * stays selected when the person has long gone on to other code.
 */
export class LastLook {
  private editor = false;
  private readonly listening: vscode.Disposable;

  constructor(...trees: readonly Pick<vscode.TreeView<unknown>, 'onDidChangeSelection'>[]) {
    this.listening = vscode.Disposable.from(
      // Without a kind it was moved by a program: a click on a row also shows its place.
      vscode.window.onDidChangeTextEditorSelection(({ kind }) => {
        if (kind === vscode.TextEditorSelectionChangeKind.Mouse || kind === vscode.TextEditorSelectionChangeKind.Keyboard)
          this.editor = true;
      }),
      ...trees.map((tree) =>
        tree.onDidChangeSelection(() => {
          this.editor = false;
        }),
      ),
    );
  }

  /** True when the person moved the cursor after a row was selected. */
  inEditor(): boolean {
    return this.editor;
  }

  dispose(): void {
    this.listening.dispose();
  }
}
