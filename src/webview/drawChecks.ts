import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { drawEvidenceButtons } from './evidenceButtons';
import type { FromPanel, PanelArtifact, PanelCi, PanelCiCheck, PanelTestList, PanelTests } from './protocol';
import { instant, lasting, outcomes } from './words';

type Send = (message: FromPanel) => void;

/** The checks of the pull request's head: state, attempt, log of each; and what nobody has reported yet. */
export function drawChecks(ci: PanelCi | undefined, findingId: string, send: Send, now: number): TemplateResult {
  if (ci === undefined) {
    return html`<section aria-labelledby="checks">
      <h2 id="checks">Checks</h2>
      <p class="empty">The checks of the pull request were not read yet. Refresh reads them.</p>
      ${drawRefresh(findingId, send)}
    </section>`;
  }
  return html`<section aria-labelledby="checks">
    <h2 id="checks">Checks</h2>
    <p class=${ci.outcome}>
      <span class="codicon codicon-${outcomes[ci.outcome].icon}" aria-hidden="true"></span> <strong>${ci.summary}</strong>
      <span class="quiet">commit ${ci.commit} · ${ci.provider} · read ${instant(ci.readAt)}</span>
    </p>
    ${ci.checks.length + ci.missing.length === 0 ? html`<p class="empty">No check exists for this commit. That is no proof of anything: name the checks in .patchline.json.</p>` : nothing}
    <ul class="checks rows">
      ${repeat(
        ci.checks,
        (check) => check.id,
        (check) => drawCheck(check, findingId, send, now),
      )}
      ${ci.missing.map(
        (name) =>
          html`<li class="waiting">
            <p>
              <span class="codicon codicon-clock" aria-hidden="true"></span> <strong>${name}</strong>
              <span class="word">required, not reported yet</span>
            </p>
          </li>`,
      )}
    </ul>
    <p class="evidence">
      ${
        ci.canRerun
          ? html`<button
              class="link"
              type="button"
              @click=${() => send({ kind: 'command', command: 'patchline.rerunFailedChecks', findingId })}
            >
              <span class="codicon codicon-debug-rerun" aria-hidden="true"></span>Re-run failed
            </button>`
          : nothing
      }
      ${drawRefresh(findingId, send)}
    </p>
  </section>`;
}

function drawRefresh(findingId: string, send: Send): TemplateResult {
  return html`<button
    class="link"
    type="button"
    @click=${() => send({ kind: 'command', command: 'patchline.refreshDelivery', findingId })}
  >
    <span class="codicon codicon-refresh" aria-hidden="true"></span>Refresh
  </button>`;
}

function drawCheck(check: PanelCiCheck, findingId: string, send: Send, now: number): TemplateResult {
  const ran =
    check.duration ?? (check.since === undefined || check.outcome !== 'waiting' ? undefined : now - Date.parse(check.since));
  const facts = [
    check.word,
    ...(check.required === undefined ? [] : [check.required]),
    ...(check.attempt > 1 ? [`attempt ${check.attempt}`] : []),
    ...(ran === undefined ? [] : [lasting(ran)]),
  ];
  return html`<li class=${check.outcome}>
    <p>
      <span class="codicon codicon-${outcomes[check.outcome].icon}" aria-hidden="true"></span> <strong>${check.name}</strong>
      <span class="word">${facts.join(' · ')}</span>
      ${
        check.hasLog
          ? html`<button
              class="link"
              type="button"
              aria-label="Log of ${check.name}"
              @click=${() => send({ kind: 'command', command: 'patchline.showCheckLog', findingId, argument: check.id })}
            >
              Log
            </button>`
          : nothing
      }
      ${check.url === undefined ? nothing : drawPage(check.name, check.url, send)}
    </p>
    ${check.summary === undefined ? nothing : html`<p class="quiet">${check.summary}</p>`}
  </li>`;
}

function drawPage(name: string, url: string, send: Send): TemplateResult {
  return html`<button
    class="link"
    type="button"
    aria-label="Page of ${name}"
    title=${url}
    @click=${() => send({ kind: 'link', url })}
  >
    Page
  </button>`;
}

/** What was built: digest, size, where it lies, whether it can be built again, and its provenance. */
export function drawArtifact(artifact: PanelArtifact | undefined, send: Send): TemplateResult {
  if (artifact === undefined) {
    return html`<section aria-labelledby="artifact">
      <h2 id="artifact">Artifact</h2>
      <p class="empty">No artifact is built yet. It is built once the checks have passed, and is what the rollout carries.</p>
    </section>`;
  }
  return html`<section aria-labelledby="artifact">
    <h2 id="artifact">Artifact</h2>
    <p><strong>${artifact.name}</strong> <span class="quiet">${artifact.size} · commit ${artifact.commit}</span></p>
    <dl>
      <dt>SHA-256</dt>
      <dd class="breakable">
        <code>${artifact.digest}</code>
        <button
          class="link"
          type="button"
          aria-label="Copy the SHA-256"
          @click=${() => send({ kind: 'copy', text: artifact.digest })}
        >
          <span class="codicon codicon-copy" aria-hidden="true"></span>Copy
        </button>
      </dd>
      <dt>Registry</dt>
      <dd class="breakable">${artifact.registry} · ${artifact.uri}</dd>
    </dl>
    <p class=${artifact.reproducible}>
      <span class="codicon codicon-${outcomes[artifact.reproducible].icon}" aria-hidden="true"></span> ${artifact.verdict}
    </p>
    ${
      artifact.differences.length === 0
        ? nothing
        : html`<ul>
            ${artifact.differences.map((line) => html`<li class="breakable">${line}</li>`)}
          </ul>`
    }
    ${drawEvidenceButtons([artifact.provenance], send)}
  </section>`;
}

/** The test report of the patch beside that of its base. */
export function drawTestReport(tests: PanelTests | undefined): TemplateResult {
  if (tests === undefined) {
    return html`<section aria-labelledby="tests">
      <h2 id="tests">Test report</h2>
      <p class="empty">No test report was read yet. It comes with the checks, as JUnit XML.</p>
    </section>`;
  }
  return html`<section aria-labelledby="tests">
    <h2 id="tests">Test report</h2>
    <p class=${tests.outcome}>
      <span class="codicon codicon-${outcomes[tests.outcome].icon}" aria-hidden="true"></span> <strong>${tests.summary}</strong>
    </p>
    <p class="counts">
      <span><strong>${tests.passed}</strong> passed</span> <span><strong>${tests.failed}</strong> failed</span>
      <span><strong>${tests.skipped}</strong> skipped</span>
    </p>
    <p>${tests.regression}</p>
    ${tests.lists.map(drawTestList)}
  </section>`;
}

function drawTestList(list: PanelTestList): TemplateResult {
  return html`<details class="names" ?open=${list.bad}>
    <summary>${list.bad ? html`<span class="codicon codicon-error" aria-hidden="true"></span> ` : nothing}${list.title}</summary>
    <ul>
      ${list.names.map((name) => html`<li class="breakable">${name}</li>`)}
    </ul>
    ${list.cut === 0 ? nothing : html`<p class="quiet">and ${list.cut} more</p>`}
  </details>`;
}
