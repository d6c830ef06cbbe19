import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html, render } from 'lit';
import './panel.css';
import './delivery.css';
import { drawPanel } from './drawPanel';
import { keepFocus } from './keepFocus';
import type { FromPanel, ToPanel } from './protocol';

declare function acquireVsCodeApi(): { postMessage(message: FromPanel): void };

const host = acquireVsCodeApi();
const send = (message: FromPanel) => host.postMessage(message);
const root = document.getElementById('root');

window.addEventListener('error', (event) => send({ kind: 'failed', message: event.message }));
window.addEventListener('unhandledrejection', (event) => send({ kind: 'failed', message: String(event.reason) }));

/** The page's first draw replaces the waiting line; afterwards only what changed is touched, so focus stays where it is. */
let drawn = false;
let shown: ToPanel | undefined;

function draw(): void {
  if (root === null || shown === undefined) return;
  if (!drawn) root.replaceChildren();
  drawn = true;
  root.setAttribute('aria-busy', 'false');
  keepFocus(root, () =>
    render(shown?.kind === 'state' ? drawPanel(shown.state, send, Date.now()) : html`<p class="empty">${shown?.why}</p>`, root),
  );
}

window.addEventListener('message', (event: MessageEvent<ToPanel>) => {
  shown = event.data;
  draw();
});

/** Times go on between two messages: how long something lasts, how far the bake time is. Nothing is asked for. */
setInterval(() => {
  if (!document.hidden && shown?.kind === 'state' && shown.state.delivery !== undefined) draw();
}, 5000);

send({ kind: 'ready' });
