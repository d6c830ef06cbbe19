import '@vscode-elements/elements/dist/vscode-button/index.js';
import { render } from 'lit';
import './panel.css';
import './delivery.css';
import './dashboard.css';
import { drawDashboard } from './drawDashboard';
import { keepFocus } from './keepFocus';
import type { DashboardState, FromPanel } from './protocol';

declare function acquireVsCodeApi(): { postMessage(message: FromPanel): void };

const host = acquireVsCodeApi();
const send = (message: FromPanel) => host.postMessage(message);
const root = document.getElementById('root');

window.addEventListener('error', (event) => send({ kind: 'failed', message: event.message }));
window.addEventListener('unhandledrejection', (event) => send({ kind: 'failed', message: String(event.reason) }));

let drawn = false;

window.addEventListener('message', (event: MessageEvent<{ readonly kind: 'state'; readonly state: DashboardState }>) => {
  if (root === null) return;
  if (!drawn) root.replaceChildren();
  drawn = true;
  root.setAttribute('aria-busy', 'false');
  keepFocus(root, () => render(drawDashboard(event.data.state, send), root));
});

send({ kind: 'ready' });
