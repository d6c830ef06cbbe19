import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { drawChart } from './drawChart';
import type { DashboardBar, DashboardState, FromPanel } from './protocol';
import { instant } from './words';

type Send = (message: FromPanel) => void;

/** The whole dashboard from its state. */
export function drawDashboard(state: DashboardState, send: Send): TemplateResult {
  return html`
    <header>
      <h1>Patches: how fast, how safe</h1>
      <p class="quiet">
        ${state.runs === 0 ? '' : `${state.runs} ${state.runs === 1 ? 'patch' : 'patches'}, ${state.period}, from the run log`}
      </p>
    </header>
    ${state.runs === 0 ? drawEmpty() : drawFigures(state, send)}
  `;
}

function drawEmpty(): TemplateResult {
  return html`<p class="empty">
    Nothing to measure yet. Figures come with the first patch: the time to repair once one is deployed, the success rate once one
    is deployed or rolled back.
  </p>`;
}

function drawFigures(state: DashboardState, send: Send): TemplateResult {
  const exportAs = (command: string) => () => send({ kind: 'command', command, findingId: '' });
  return html`<dl class="tiles">
      ${state.tiles.map(
        (tile) =>
          html`<div>
            <dt>${tile.title}</dt>
            <dd><strong>${tile.value}</strong> <span class="quiet">${tile.detail}</span></dd>
          </div>`,
      )}
    </dl>
    <nav class="actions" aria-label="Export">
      <vscode-button secondary icon="save" @click=${exportAs('patchline.exportMetricsCsv')}>Export as CSV…</vscode-button>
      <vscode-button secondary icon="json" @click=${exportAs('patchline.exportMetricsJson')}>Export as JSON…</vscode-button>
    </nav>
    <section aria-labelledby="stages">
      <h2 id="stages">Time in each stage, median</h2>
      ${state.bottleneck === undefined ? nothing : html`<p><span class="codicon codicon-watch" aria-hidden="true"></span> <strong>${state.bottleneck}</strong></p>`}
      ${drawBars(state.stages, 'Stage')}
    </section>
    <section aria-labelledby="severities">
      <h2 id="severities">Time to repair by severity, median</h2>
      ${state.severities.length === 0 ? html`<p class="empty">Nothing is deployed yet.</p>` : drawBars(state.severities, 'Severity')}
    </section>
    <section aria-labelledby="trend">
      <h2 id="trend">Week by week</h2>
      <div class="charts">${state.charts.map(drawChart)}</div>
    </section>
    ${drawIncidents(state, send)}`;
}

/** Bars in a table: what a bar shows stands beside it in words. */
function drawBars(bars: readonly DashboardBar[], head: string): TemplateResult {
  return html`<table class="bars">
    <thead class="hidden">
      <tr>
        <th scope="col">${head}</th>
        <th scope="col">Time</th>
      </tr>
    </thead>
    <tbody>
      ${bars.map(
        (bar) =>
          html`<tr>
            <th scope="row">${bar.title}</th>
            <td>
              <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect x="0" y="0" width=${Math.max(bar.share * 100, bar.share > 0 ? 1 : 0)} height="10" />
              </svg>
              <span>${bar.words}</span>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function drawIncidents({ incidents, cut }: DashboardState, send: Send): TemplateResult {
  return html`<section aria-labelledby="incidents">
    <h2 id="incidents">Incidents after a patch</h2>
    ${
      incidents.length === 0
        ? html`<p class="empty">None is recorded.</p>`
        : html`<ul class="checks">
            ${incidents.map(
              (incident) =>
                html`<li class="failed">
                  <p>
                    <span class="codicon codicon-error" aria-hidden="true"></span>
                    <button
                      class="link"
                      type="button"
                      @click=${() => send({ kind: 'command', command: 'patchline.openPanel', findingId: incident.findingId })}
                    >
                      ${incident.title}
                    </button>
                    <span class="quiet">${instant(incident.at)}</span>
                  </p>
                  <p>${incident.what}</p>
                </li>`,
            )}
          </ul>`
    }
    ${cut === 0 ? nothing : html`<p class="quiet">${cut} older ones stand in the export.</p>`}
  </section>`;
}
