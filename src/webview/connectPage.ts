import { render } from 'lit';
import type { TemplateResult } from 'lit';
import { keepFocus } from './keepFocus';
import type { FromPanel, PanelMemory } from './protocol';

declare function acquireVsCodeApi(): { postMessage(message: FromPanel): void; setState(memory: PanelMemory): void };

type Send = (message: FromPanel) => void;

/**
 * Connects a page with its host: draws every message that comes, reports what fails, and says that it is ready.
 *
 * @param draw - what is to be seen of a message
 * @param memory - what the editor keeps of a message, to bring the page back after the window was loaded anew
 * @returns draws the last message once more, where there was one that `when` lets through
 */
export function connectPage<Message>(
  draw: (message: Message, send: Send) => TemplateResult,
  memory: (message: Message) => PanelMemory | undefined = () => undefined,
): (when: (shown: Message) => boolean) => void {
  const host = acquireVsCodeApi();
  const send: Send = (message) => host.postMessage(message);
  const root = document.getElementById('root');
  let shown: Message | undefined;
  /** The first draw replaces the waiting line; afterwards only what changed is touched, so focus stays where it is. */
  let drawn = false;

  function show(message: Message): void {
    if (root === null) return;
    if (!drawn) root.replaceChildren();
    drawn = true;
    root.setAttribute('aria-busy', 'false');
    keepFocus(root, () => render(draw(message, send), root));
  }

  window.addEventListener('error', (event) => send({ kind: 'failed', message: event.message }));
  window.addEventListener('unhandledrejection', (event) => send({ kind: 'failed', message: String(event.reason) }));
  window.addEventListener('message', (event: MessageEvent<Message>) => {
    shown = event.data;
    const kept = memory(shown);
    if (kept !== undefined) host.setState(kept);
    show(shown);
  });
  send({ kind: 'ready' });
  return (when) => {
    if (shown !== undefined && when(shown)) show(shown);
  };
}
