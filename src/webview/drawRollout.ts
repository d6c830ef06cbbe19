import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { drawChart } from './drawChart';
import type { PanelApproval, PanelChart, PanelReview, PanelRollout } from './protocol';
import { instant, lasting, outcomes } from './words';

/** Who must approve and why, who has, who was passed over. */
export function drawApproval(approval: PanelApproval | undefined): TemplateResult {
  if (approval === undefined) {
    return html`<section aria-labelledby="approval">
      <h2 id="approval">Approval</h2>
      <p class="empty">Who must approve is worked out from the risk of the change once its checks were read.</p>
    </section>`;
  }
  return html`<section aria-labelledby="approval">
    <h2 id="approval">Approval</h2>
    <p class=${approval.outcome}>
      <span class="codicon codicon-${outcomes[approval.outcome].icon}" aria-hidden="true"></span>
      <strong>${approval.summary}</strong>
    </p>
    <p><span class="tag">${approval.risk}</span> ${approval.needs}</p>
    ${
      approval.reasons.length === 0
        ? nothing
        : html`<ul>
            ${approval.reasons.map((reason) => html`<li>${reason}</li>`)}
          </ul>`
    }
    ${approval.waitsFor.length === 0 ? nothing : html`<p>Waits for: ${approval.waitsFor.join('; ')}</p>`}
    ${
      approval.reviews.length === 0
        ? html`<p class="empty">Nobody has said anything yet.</p>`
        : html`<ul class="checks rows">
            ${approval.reviews.map(drawReview)}
          </ul>`
    }
  </section>`;
}

function drawReview(review: PanelReview): TemplateResult {
  return html`<li>
    <p>
      <span class="codicon codicon-person" aria-hidden="true"></span> <strong>${review.by}</strong>
      <span class="word">${review.word}</span>
      ${review.label === undefined ? nothing : html`<span class="tag">${review.label}</span>`}
      <span class="quiet">${instant(review.at)}</span>
    </p>
    ${review.comment === undefined ? nothing : html`<p>${review.comment}</p>`}
    ${review.passedOver === undefined ? nothing : html`<p class="quiet">Does not count: ${review.passedOver}</p>`}
  </li>`;
}

const stepIcons = { over: 'pass-filled', current: 'play-circle', ahead: 'circle-large-outline', back: 'discard' } as const;
const stepWords = { over: 'over', current: 'now', ahead: 'ahead', back: 'taken back here' } as const;

/** The rollout step by step, the time that runs, what a person should know, what the metrics say. */
export function drawRollout(rollout: PanelRollout | undefined, now: number): TemplateResult {
  if (rollout === undefined) {
    return html`<section aria-labelledby="rollout">
      <h2 id="rollout">Rollout</h2>
      <p class="empty">
        No rollout has begun. Start Rollout merges the pull request and carries the artifact step by step to production, once the
        checklist is done.
      </p>
    </section>`;
  }
  return html`<section aria-labelledby="rollout">
    <h2 id="rollout">Rollout of ${rollout.service} to ${rollout.environment}</h2>
    <p class=${rollout.outcome}>
      <span class="codicon codicon-${outcomes[rollout.outcome].icon}" aria-hidden="true"></span>
      <strong>${rollout.summary}</strong> <span class="word">${rollout.phase}</span>
    </p>
    ${rollout.notes.map((note) => html`<p class="banner"><span class="codicon codicon-warning" aria-hidden="true"></span> ${note}</p>`)}
    <ol class="steps" aria-label="Steps of the rollout">
      ${rollout.steps.map(
        (step) =>
          html`<li class=${step.state} aria-current=${step.state === 'current' ? 'step' : nothing}>
            <span class="codicon codicon-${stepIcons[step.state]}" aria-hidden="true"></span>
            <span class="name">${step.name}</span> <span class="weight">${step.weight} %</span>
            <span class="word">${stepWords[step.state]} · ${step.detail}</span>
          </li>`,
      )}
    </ol>
    ${drawClock(rollout.clock, now)}
    ${rollout.services.length === 0 ? nothing : html`<p>Services of this patch: ${rollout.services.join('; ')}</p>`}
    ${
      rollout.verdicts.length === 0
        ? nothing
        : html`<ul class="verdicts" aria-label="What the metrics say">
            ${rollout.verdicts.map(
              (verdict) =>
                // Its sentence stands with its chart, right below.
                html`<li class=${verdict.outcome}>
                  <span class="codicon codicon-${outcomes[verdict.outcome].icon}" aria-hidden="true"></span>
                  ${verdict.title}: <strong>${outcomes[verdict.outcome].metric}</strong>
                </li>`,
            )}
          </ul>`
    }
    <dl>
      <dt>Artifact</dt>
      <dd class="breakable">${rollout.artifact}</dd>
      <dt>By</dt>
      <dd>${rollout.provider}</dd>
      <dt>Way back</dt>
      <dd class="breakable">${rollout.wayBack}; ${rollout.rehearsal}</dd>
    </dl>
    ${drawEvents(rollout)}
  </section>`;
}

/** How far the time is that runs now; the bar says the same in words. */
function drawClock(clock: PanelRollout['clock'], now: number): TemplateResult | typeof nothing {
  if (clock === undefined) return nothing;
  const [from, to] = [Date.parse(clock.from), Date.parse(clock.to)];
  const share = to <= from ? 1 : Math.min(1, Math.max(0, (now - from) / (to - from)));
  const left = to - now;
  return html`<div class="clock">
    <label for="clock">${clock.title}</label>
    <progress id="clock" max="100" value=${Math.floor(share * 100)}></progress>
    <span class="quiet">${left <= 0 ? 'is over' : `${lasting(left)} left`}, until ${instant(clock.to).slice(11)}</span>
  </div>`;
}

function drawEvents(rollout: PanelRollout): TemplateResult | typeof nothing {
  if (rollout.events.length === 0) return nothing;
  return html`<details class="names">
    <summary>What happened (${rollout.events.length + rollout.cut})</summary>
    <ol class="history">
      ${rollout.events.map(
        (event) =>
          html`<li>
            <p>${event.text}</p>
            <p class="quiet">${instant(event.at)} · ${event.by} · entry ${event.entry}</p>
          </li>`,
      )}
    </ol>
    ${rollout.cut === 0 ? nothing : html`<p class="quiet">${rollout.cut} older ones stand in the run log.</p>`}
  </details>`;
}

/** The metrics of the rollout, a chart each. */
export function drawMetrics(charts: readonly PanelChart[], begun: boolean): TemplateResult {
  return html`<section aria-labelledby="metrics">
    <h2 id="metrics">Metrics</h2>
    ${
      charts.length === 0
        ? html`<p class="empty">
            ${begun ? 'This service has no metrics: nothing would see that it turns bad.' : 'Canary beside baseline, with the threshold drawn in, from the first step of the rollout on.'}
          </p>`
        : html`<div class="charts">${charts.map(drawChart)}</div>`
    }
  </section>`;
}
