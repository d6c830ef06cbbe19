import * as vscode from 'vscode';
import type { TriagedFinding } from '../../core/model/triage';
import type { CommandId } from '../commandTable';
import { explainFinding } from '../findings/findingWords';
import type { FindingDiagnostics } from './findingDiagnostics';

const links: readonly (readonly [CommandId, string])[] = [
  ['patchline.generateFix', '$(wand) Generate Fix'],
  ['patchline.generateTest', '$(beaker) Regression Test'],
  ['patchline.proveFix', '$(verified) Prove'],
  ['patchline.openPanel', '$(layout) Panel'],
];

/** Explains the findings at the mouse: why this priority, who owns it, and what can be done. Only our own commands are trusted. */
export function createFindingHover(diagnostics: FindingDiagnostics): vscode.HoverProvider {
  return {
    provideHover(document, position) {
      const findings = diagnostics.at(document, position).slice(0, 3);
      return findings.length === 0 ? undefined : new vscode.Hover(findings.map(hoverOf));
    },
  };
}

function hoverOf(finding: TriagedFinding): vscode.MarkdownString {
  const args = encodeURIComponent(JSON.stringify([finding.id]));
  const actions = links.map(([id, label]) => `[${label}](command:${id}?${args})`).join(' &nbsp;·&nbsp; ');
  const markdown = new vscode.MarkdownString(explainFinding(finding, Date.now(), actions), true);
  markdown.isTrusted = { enabledCommands: links.map(([id]) => id) };
  return markdown;
}
