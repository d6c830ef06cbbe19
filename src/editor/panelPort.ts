/** The patch panel as the rest of the editor sees it. */
export interface PatchPanel {
  /** Opens the panel for the finding, or brings it to the front. */
  show(findingId: string): Promise<void>;
  dispose(): void;
}
