import type * as vscode from 'vscode';

/** The patch panel as the rest of the editor sees it. */
export interface PatchPanel {
  /** Opens the panel for the finding, or brings it to the front. */
  show(findingId: string): Promise<void>;
  /** The finding whose panel is the active editor. */
  active(): string | undefined;
  /** Fills a tab that VS Code brought back after a reload, by what its page left behind; closes it when that is nothing. */
  restore(tab: vscode.WebviewPanel, memory: unknown): Promise<void>;
  dispose(): void;
}
