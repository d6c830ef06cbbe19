import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html } from 'lit';
import './panel.css';
import './delivery.css';
import { connectPage } from './connectPage';
import { drawPanel } from './drawPanel';
import type { ToPanel } from './protocol';

const drawAgain = connectPage<ToPanel>(
  (shown, send) => (shown.kind === 'state' ? drawPanel(shown.state, send, Date.now()) : html`<p class="empty">${shown.why}</p>`),
  (shown) => (shown.kind === 'state' ? { findingId: shown.state.findingId } : undefined),
);

/** Times go on between two messages: how long something lasts, how far the bake time is. Nothing is asked for. */
setInterval(() => {
  if (!document.hidden) drawAgain((shown) => shown.kind === 'state' && shown.state.delivery !== undefined);
}, 5000);
