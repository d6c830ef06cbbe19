import '@vscode-elements/elements/dist/vscode-button/index.js';
import './panel.css';
import './delivery.css';
import './dashboard.css';
import { connectPage } from './connectPage';
import { drawDashboard } from './drawDashboard';
import type { DashboardState } from './protocol';

connectPage<{ readonly kind: 'state'; readonly state: DashboardState }>(({ state }, send) => drawDashboard(state, send));
