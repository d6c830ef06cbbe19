import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { drawEvidenceButtons } from './evidenceButtons';
import { drawPatch, drawProof, drawPullRequest, drawTest } from './drawEvidence';
import type { FromPanel, PanelPart, PanelStage, PanelState } from './protocol';
import { dueIn, instant, lasting, outcomes } from './words';

export type Send = (message: FromPanel) => void;

/** The whole panel from its state. Lit escapes every text, so nothing from a report can become markup. */
export function drawPanel(state: PanelState, send: Send, now: number): TemplateResult {
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
    ${drawStages(state.stages)}
    <nav class="actions" aria-label="What can be done now">
      ${state.actions.map(
        (action) =>
          html`<vscode-button
            icon=${action.icon}
            ?secondary=${!action.primary}
            @click=${() => send({ kind: 'command', command: action.command, findingId: state.findingId })}
            >${action.title}</vscode-button
          >`,
      )}
    </nav>
    <div class="columns">
      <div>${drawPatch(state)} ${drawTest(state, send)} ${drawProof(state, send)} ${drawPullRequest(state, send)}</div>
      <aside>${drawPriority(state, now, send)} ${drawHistory(state.stages, send)}</aside>
    </div>
  `;
}

/** The eight stages as a row; the words say what the colours say. */
function drawStages(stages: readonly PanelStage[]): TemplateResult {
  const current = stages.findLast((stage) => stage.state !== 'not-reached')?.id;
  return html`<ol class="stages" aria-label="Stages of the patch">
    ${stages.map((stage) => {
      const { icon, word } = outcomes[stage.state];
      const time =
        stage.duration !== undefined
          ? lasting(stage.duration)
          : stage.since !== undefined
            ? instant(stage.since).slice(0, 10)
            : '';
      return html`<li class="stage ${stage.state}" aria-current=${stage.id === current ? 'step' : nothing} title=${stage.hint}>
        <span class="codicon codicon-${icon}" aria-hidden="true"></span>
        <span class="name">${stage.title}</span>
        <span class="word">${word}${time === '' ? '' : ` · ${time}`}</span>
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
