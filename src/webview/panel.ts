import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html, render } from 'lit';
import './panel.css';
import { drawPanel } from './drawPanel';
import type { FromPanel, ToPanel } from './protocol';

declare function acquireVsCodeApi(): { postMessage(message: FromPanel): void };

const host = acquireVsCodeApi();
const send = (message: FromPanel) => host.postMessage(message);
const root = document.getElementById('root');

window.addEventListener('error', (event) => send({ kind: 'failed', message: event.message }));
window.addEventListener('unhandledrejection', (event) => send({ kind: 'failed', message: String(event.reason) }));

/** The page's first draw replaces the waiting line; afterwards only what changed is touched, so focus stays where it is. */
let drawn = false;

window.addEventListener('message', (event: MessageEvent<ToPanel>) => {
  if (root === null) return;
  if (!drawn) root.replaceChildren();
  drawn = true;
  root.setAttribute('aria-busy', 'false');
  render(
    event.data.kind === 'state' ? drawPanel(event.data.state, send, Date.now()) : html`<p class="empty">${event.data.why}</p>`,
    root,
  );
});

send({ kind: 'ready' });
