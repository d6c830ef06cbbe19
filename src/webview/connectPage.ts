import { render } from 'lit';
import type { TemplateResult } from 'lit';
import { keepFocus } from './keepFocus';
import type { FromPanel } from './protocol';

declare function acquireVsCodeApi(): { postMessage(message: FromPanel): void };

type Send = (message: FromPanel) => void;

/**
 * Connects a page with its host: draws every message that comes, reports what fails, and says that it is ready.
 *
 * @param draw - what is to be seen of a message
 * @returns draws the last message once more, where there was one that `when` lets through
 */
export function connectPage<Message>(
  draw: (message: Message, send: Send) => TemplateResult,
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
    show(shown);
  });
  send({ kind: 'ready' });
  return (when) => {
    if (shown !== undefined && when(shown)) show(shown);
  };
}
