import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { drawArtifact, drawChecks, drawTestReport } from './drawChecks';
import { drawApproval, drawMetrics, drawRollout } from './drawRollout';
import type { FromPanel, PanelChecklistItem, PanelDelivery, PanelLink } from './protocol';

type Send = (message: FromPanel) => void;

/** A breach, with the measurement and what to read about it. */
export function drawAlert(
  { alert, revert, documents }: PanelDelivery,
  findingId: string,
  send: Send,
): TemplateResult | typeof nothing {
  if (alert === undefined) return nothing;
  const postMortem = documents.find((one) => one.command === 'patchline.showPostMortem');
  return html`<div class="banner ${alert.level}" role="alert">
    <p><span class="codicon codicon-${alert.level}" aria-hidden="true"></span> <strong>${alert.text}</strong></p>
    <p>${alert.detail}</p>
    <p class="evidence">
      ${
        revert === undefined
          ? nothing
          : html`<button class="link" type="button" @click=${() => send({ kind: 'revert' })}>
              Revert pull request #${revert.number}
            </button>`
      }
      ${postMortem === undefined ? nothing : drawLink(postMortem, findingId, send)}
    </p>
  </div>`;
}

/** What the run waits for, spoken when it changes. */
export function drawStanding({ waitsFor, announcement, problem }: PanelDelivery): TemplateResult {
  return html`<p class="standing">
      <span class="codicon codicon-clock" aria-hidden="true"></span>
      ${waitsFor === '' ? 'Waits for nobody.' : html`Waits for <strong>${waitsFor}</strong>`}
    </p>
    ${problem === undefined ? nothing : html`<p class="banner"><span class="codicon codicon-warning" aria-hidden="true"></span> Could not be read just now, what is shown is older: ${problem}</p>`}
    <p class="hidden" role="status">${announcement}</p>`;
}

/** Everything behind the pull request: what goes on first, then the parts in the order of the way. */
export function drawDelivery(delivery: PanelDelivery, findingId: string, send: Send, now: number): TemplateResult {
  const { rollout } = delivery;
  const rolloutParts = html`${drawRollout(rollout, now)} ${drawMetrics(delivery.charts, rollout !== undefined)}`;
  const waysTo = html`${drawChecks(delivery.ci, findingId, send, now)} ${drawTestReport(delivery.tests)}
  ${drawArtifact(delivery.artifact, send)} ${drawApproval(delivery.approval)}`;
  return html`${rollout === undefined ? nothing : rolloutParts} ${waysTo} ${rollout === undefined ? rolloutParts : nothing}`;
}

const itemLooks = {
  done: { icon: 'pass-filled', word: 'done', look: 'successful' },
  no: { icon: 'error', word: 'no', look: 'failed' },
  'not-yet': { icon: 'circle-large-outline', word: 'not yet', look: 'not-reached' },
} as const;

/** Ready to deploy? Computed from evidence; each line that is not done says what is missing and where to get it. */
export function drawChecklist(items: readonly PanelChecklistItem[], findingId: string, send: Send): TemplateResult {
  const done = items.filter((item) => item.state === 'done').length;
  return html`<section aria-labelledby="ready">
    <h2 id="ready">Ready to deploy: ${done} of ${items.length}</h2>
    <ul class="checks checklist">
      ${items.map((item) => {
        const { icon, word, look } = itemLooks[item.state];
        return html`<li class=${look}>
          <p><span class="codicon codicon-${icon}" aria-hidden="true"></span> ${item.text} <span class="word">· ${word}</span></p>
          ${item.detail === undefined ? nothing : html`<p class="quiet">${item.detail}</p>`}
          ${item.link === undefined ? nothing : html`<p class="evidence">${drawLink(item.link, findingId, send)}</p>`}
        </li>`;
      })}
    </ul>
  </section>`;
}

/** What there is to read about the run, as Markdown documents. */
export function drawDocuments(
  { documents, revert }: PanelDelivery,
  findingId: string,
  send: Send,
): TemplateResult | typeof nothing {
  if (documents.length === 0 && revert === undefined) return nothing;
  return html`<section aria-labelledby="documents">
    <h2 id="documents">To read</h2>
    <ul class="references">
      ${documents.map((one) => html`<li>${drawLink(one, findingId, send)}</li>`)}
      ${
        revert === undefined
          ? nothing
          : html`<li>
              <button class="link" type="button" @click=${() => send({ kind: 'revert' })}>
                Revert pull request #${revert.number}
              </button>
            </li>`
      }
    </ul>
  </section>`;
}

function drawLink({ command, title, argument }: PanelLink, findingId: string, send: Send): TemplateResult {
  const message = { kind: 'command', command, findingId, ...(argument === undefined ? {} : { argument }) } as const;
  return html`<button class="link" type="button" @click=${() => send(message)}>${title}</button>`;
}
