import type { TemplateResult } from 'lit';
import { html, nothing } from 'lit';
import type { FromPanel, PanelEvidence } from './protocol';

/** One button a piece of evidence: one click away. */
export function drawEvidenceButtons(
  evidence: readonly PanelEvidence[],
  send: (message: FromPanel) => void,
): TemplateResult | typeof nothing {
  if (evidence.length === 0) return nothing;
  return html`<p class="evidence">
    ${evidence.map(
      (one) =>
        html`<button class="link" type="button" title="SHA-256 ${one.sha256}" @click=${() => send({ kind: 'evidence', ...one })}>
          <span class="codicon codicon-file-code" aria-hidden="true"></span>${one.name}
        </button>`,
    )}
  </p>`;
}
