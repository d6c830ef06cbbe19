import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import { drawEvidenceButtons } from './evidenceButtons';
import type { FromPanel, PanelDiffLine, PanelState } from './protocol';
import { lasting, outcomes } from './words';

type Send = (message: FromPanel) => void;
type Part = TemplateResult | typeof nothing;

/** The fix: why, and the diff itself. */
export function drawPatch({ patch }: PanelState): Part {
  if (patch === undefined) {
    return html`<section aria-labelledby="fix">
      <h2 id="fix">Fix</h2>
      <p class="empty">No fix is accepted yet. Generate Fix proposes one; nothing is written before you apply it.</p>
    </section>`;
  }
  return html`<section aria-labelledby="fix">
    <h2 id="fix">Fix</h2>
    <p><strong>${patch.title}</strong> <span class="quiet">by ${patch.fixer}</span></p>
    <p>${patch.reason}</p>
    ${
      patch.notes.length === 0
        ? nothing
        : html`<ul>
            ${patch.notes.map((note) => html`<li>${note}</li>`)}
          </ul>`
    }
    <pre class="diff" tabindex="0" role="region" aria-label="The change, as a unified diff">${patch.diff.map(drawLine)}</pre>
    ${patch.cut === 0 ? nothing : html`<p class="quiet">${patch.cut} more lines stand in patch.diff.</p>`}
  </section>`;
}

const signs: Readonly<Record<PanelDiffLine['kind'], string>> = { file: 'File ', hunk: '', added: '', removed: '', context: '' };

function drawLine(line: PanelDiffLine): TemplateResult {
  return html`<span class=${line.kind}>${signs[line.kind]}${line.text}${'\n'}</span>`;
}

const strengths: Readonly<Record<string, string>> = {
  behaviour: 'attacks the code and looks at the effect',
  version: 'asserts versions, not behaviour: weaker',
  skeleton: 'waits for a person to complete one marked line',
};

/** The regression test: what it shows and how strong that is. */
export function drawTest({ test }: PanelState, _send: Send): Part {
  if (test === undefined) return nothing;
  return html`<section aria-labelledby="test">
    <h2 id="test">Regression test</h2>
    <p>${test.claim}</p>
    <p class="quiet">${test.path} · ${test.framework} · ${strengths[test.strength] ?? test.strength}</p>
  </section>`;
}

/** The proof, check by check, with the evidence of each. */
export function drawProof({ proof }: PanelState, send: Send): Part {
  if (proof === undefined) return nothing;
  const { word } = outcomes[proof.outcome];
  return html`<section aria-labelledby="proof">
    <h2 id="proof">Proof</h2>
    <p>
      <strong>${proof.outcome === 'successful' ? 'The fix is proven' : `The proof: ${word}`}</strong>
      ${proof.weaker ? html`<span class="word">by versions, not by behaviour: weaker</span>` : nothing}
      <span class="quiet">on commit ${proof.base}</span>
    </p>
    ${proof.current ? nothing : html`<p class="banner">The fix or its test changed since: this proof does not hold for what stands here now.</p>`}
    <ul class="checks">
      ${proof.checks.map((check) => {
        const drawn = outcomes[check.outcome];
        return html`<li class=${check.outcome}>
          <p>
            <span class="codicon codicon-${drawn.icon}" aria-hidden="true"></span>
            <strong>${check.title}</strong> <span class="word">${drawn.word}</span>
            <span class="quiet">${lasting(check.duration)}</span>
          </p>
          <p>${check.detail}</p>
          ${drawEvidenceButtons(check.evidence, send)}
        </li>`;
      })}
    </ul>
  </section>`;
}

/** The pull request, as the forge has it. */
export function drawPullRequest({ pullRequest }: PanelState, send: Send): Part {
  if (pullRequest === undefined) return nothing;
  const link = pullRequest.url.startsWith('https://');
  return html`<section aria-labelledby="pull">
    <h2 id="pull">Pull request</h2>
    <p>
      <span class="codicon codicon-git-pull-request" aria-hidden="true"></span>
      <strong>#${pullRequest.number}</strong> ${pullRequest.title}
    </p>
    <p class="quiet">${pullRequest.forge} · ${pullRequest.branch}</p>
    ${
      link
        ? html`<p>
            <button class="link" type="button" @click=${() => send({ kind: 'link', url: pullRequest.url })}>
              ${pullRequest.url}
            </button>
          </p>`
        : html`<p class="quiet breakable">${pullRequest.url}</p>`
    }
  </section>`;
}
