import * as vscode from 'vscode';
import type { TriagedFinding } from '../../core/model/triage';
import type { CommandId } from '../commandTable';
import { cleanLine } from '../../core/findings/cleanText';
import type { FindingDiagnostics } from './findingDiagnostics';

const offers: readonly (readonly [CommandId, (name: string) => string])[] = [
  ['patchline.generateFix', (name) => `Patchline: Generate fix for ${name}`],
  ['patchline.generateTest', (name) => `Patchline: Generate regression test for ${name}`],
  ['patchline.proveFix', (name) => `Patchline: Prove fix of ${name}`],
];

/** At most this many findings of one place are offered: the light bulb is no list. */
const findingsOffered = 3;

/** Quick fixes on a finding's place: fix, regression test, proof. */
export function createFindingActions(diagnostics: FindingDiagnostics): vscode.CodeActionProvider {
  return {
    provideCodeActions(document, range, context) {
      const findings = diagnostics.in(document, range).slice(0, findingsOffered);
      return findings.flatMap((finding) => actionsOf(finding, context.diagnostics));
    },
  };
}

function actionsOf(finding: TriagedFinding, known: readonly vscode.Diagnostic[]): vscode.CodeAction[] {
  const title = cleanLine(finding.title, 500);
  const mine = known.filter((diagnostic) => diagnostic.message === title);
  return offers.map(([command, words]) => {
    const action = new vscode.CodeAction(words(cleanLine(finding.ruleId, 60)), vscode.CodeActionKind.QuickFix);
    action.command = { command, title: action.title, arguments: [finding.id] };
    action.diagnostics = [...mine];
    return action;
  });
}
