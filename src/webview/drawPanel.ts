import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { drawAlert, drawChecklist, drawDelivery, drawDocuments, drawStanding } from './drawDelivery';
import { drawEvidenceButtons } from './evidenceButtons';
import { drawPatch, drawProof, drawPullRequest, drawTest } from './drawEvidence';
import type { FromPanel, PanelAction, PanelPart, PanelStage, PanelState } from './protocol';
import { dueIn, instant, lasting, outcomes } from './words';

export type Send = (message: FromPanel) => void;

/** The whole panel from its state. Lit escapes every text, so nothing from a report can become markup. */
export function drawPanel(state: PanelState, send: Send, now: number): TemplateResult {
  const { delivery } = state;
  /** Before the rollout it is what matters; afterwards it stands aside. */
  const checklist = (here: boolean) =>
    here && delivery !== undefined ? drawChecklist(delivery.checklist, state.findingId, send) : nothing;
  return html`
    ${state.logProblem === undefined ? nothing : html`<p class="banner" role="alert"><span class="codicon codicon-warning" aria-hidden="true"></span> ${state.logProblem}</p>`}
    <header>
      <h1>${state.title}</h1>
      <p class="facts">
        <span class="severity ${state.severity}">${state.severity}</span>
        <button class="link" type="button" @click=${() => send({ kind: 'place' })}>${state.where}</button>
        <span>${state.rule} · ${state.scanner}</span>
        ${state.aliases.map((alias) => html`<span class="tag">${alias}</span>`)}
        ${state.cwe.map((cwe) => html`<span class="tag">${cwe}</span>`)}
      </p>
    </header>
    ${delivery === undefined ? nothing : drawAlert(delivery, state.findingId, send)} ${drawStages(state.stages, now)}
    ${delivery === undefined ? nothing : drawStanding(delivery)}
    ${drawActions(state.actions, 'What can be done now', state.findingId, send)}
    <div class="columns">
      <div>
        ${checklist(delivery?.rollout === undefined)}
        ${delivery === undefined ? nothing : drawDelivery(delivery, state.findingId, send, now)} ${drawPullRequest(state, send)}
        ${drawPatch(state)} ${drawTest(state, send)} ${drawProof(state, send)}
        ${
          delivery === undefined
            ? nothing
            : html`<details class="names">
                <summary>Do an earlier step again</summary>
                ${drawActions(delivery.earlier, 'Earlier steps', state.findingId, send)}
              </details>`
        }
      </div>
      <aside>
        ${checklist(delivery?.rollout !== undefined)}
        ${delivery === undefined ? nothing : drawDocuments(delivery, state.findingId, send)} ${drawPriority(state, now, send)}
        ${drawHistory(state.stages, send)}
      </aside>
    </div>
  `;
}

/** Buttons, each kept for its own command, so that the focus never ends up on another act when they change. */
function drawActions(actions: readonly PanelAction[], label: string, findingId: string, send: Send): TemplateResult {
  return html`<nav class="actions" aria-label=${label} tabindex="-1">
    ${repeat(
      actions,
      (action) => action.command,
      (action) =>
        html`<vscode-button
          icon=${action.icon}
          ?secondary=${!action.primary}
          @click=${() => send({ kind: 'command', command: action.command, findingId })}
          >${action.title}</vscode-button
        >`,
    )}
  </nav>`;
}

/** The eight stages as a row; the words say what the colours say. */
function drawStages(stages: readonly PanelStage[], now: number): TemplateResult {
  const current = stages.findLast((stage) => stage.state !== 'not-reached')?.id;
  return html`<ol class="stages" aria-label="Stages of the patch">
    ${stages.map((stage) => {
      const { icon, word } = outcomes[stage.state];
      const lasts =
        stage.duration ?? (stage.since === undefined || stage.id !== current ? undefined : now - Date.parse(stage.since));
      const since = stage.since === undefined ? '' : ` · since ${instant(stage.since).slice(0, 16)}`;
      const time = `${since}${lasts === undefined ? '' : ` · ${lasting(lasts)}`}`;
      return html`<li class="stage ${stage.state}" aria-current=${stage.id === current ? 'step' : nothing} title=${stage.hint}>
        <span class="codicon codicon-${icon}" aria-hidden="true"></span>
        <span class="name">${stage.title}</span>
        <span class="word">${word}${time}</span>
      </li>`;
    })}
  </ol>`;
}

function drawPriority(state: PanelState, now: number, send: Send): TemplateResult {
  return html`<section aria-labelledby="priority">
    <h2 id="priority">Why this order</h2>
    <p><strong>${state.priority}</strong> of 100: <strong>${state.band}</strong></p>
    <ul class="reasons">
      ${state.reasons.map((reason) => html`<li><span class="points">${reason.points >= 0 ? '+' : ''}${reason.points}</span> ${reason.text}</li>`)}
    </ul>
    <dl>
      <dt>Owner</dt>
      <dd>${state.owners.length === 0 ? 'nobody is named' : state.owners.join(', ')}</dd>
      <dt>Due</dt>
      <dd>${state.due === undefined ? 'no due date' : `${state.due.slice(0, 10)}, ${dueIn(state.due, now)}`}</dd>
      ${
        state.cvss === undefined
          ? nothing
          : html`<dt>CVSS</dt>
              <dd class="breakable">${state.cvss}</dd>`
      }
    </dl>
    ${
      state.references.length === 0
        ? nothing
        : html`<ul class="references">
            ${state.references.map(
              (url) =>
                html`<li><button class="link" type="button" @click=${() => send({ kind: 'link', url })}>${url}</button></li>`,
            )}
          </ul>`
    }
  </section>`;
}

/** Everything that happened, as the run log has it. */
function drawHistory(stages: readonly PanelStage[], send: Send): TemplateResult {
  const parts = stages.flatMap((stage) => stage.parts);
  return html`<section aria-labelledby="history">
    <h2 id="history">Run log</h2>
    ${
      parts.length === 0
        ? html`<p class="empty">Nothing is recorded yet. Work on the finding begins with its fix.</p>`
        : html`<ol class="history">
            ${parts.map((part) => drawPart(part, send))}
          </ol>`
    }
  </section>`;
}

function drawPart(part: PanelPart, send: Send): TemplateResult {
  const { icon, word } = outcomes[part.outcome];
  return html`<li class=${part.outcome}>
    <p>
      <span class="codicon codicon-${icon}" aria-hidden="true"></span>
      <strong>${part.title}</strong> <span class="word">${word}${part.attempt > 1 ? `, attempt ${part.attempt}` : ''}</span>
    </p>
    <p>${part.summary}</p>
    <p class="quiet">${instant(part.at)} · ${part.by} · entry ${part.entry}</p>
    ${drawEvidenceButtons(part.evidence, send)}
  </li>`;
}
