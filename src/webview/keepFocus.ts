/**
 * Draws, and where the focused element went away with the drawing (a button that is no longer of the moment) gives the focus
 * to the part that held it, so that the keyboard is not thrown back to the top of the page.
 */
export function keepFocus(root: HTMLElement, draw: () => void): void {
  const focused = document.activeElement;
  const part = focused !== null && root.contains(focused) ? focused.closest('nav, section, details, [role="alert"]') : null;
  draw();
  if (focused === null || focused.isConnected || !(part instanceof HTMLElement)) return;
  const next = part.isConnected ? part : root;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
}
