import * as vscode from 'vscode';
import type { PatchRun } from '../core/model/run';
import type { LogVerdict } from '../core/model/logEntry';
import { cleanLine } from '../core/findings/cleanText';
import type { EditorServices } from './services';

export const runLogUri = vscode.Uri.parse('patchline-log:/Patchline%20run%20log');

/** The run log as a read-only document, newest run first; it follows the log while it is open. */
export function createRunLogDocument(services: EditorServices): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let unsubscribe: (() => void) | undefined;
  const follow = (): void => {
    unsubscribe?.();
    unsubscribe = services.opened()?.runs.onDidChange(() => changed.fire(runLogUri));
    changed.fire(runLogUri);
  };
  follow();
  return vscode.Disposable.from(
    changed,
    services.onDidChangePatchline(follow),
    vscode.workspace.registerTextDocumentContentProvider('patchline-log', {
      onDidChange: changed.event,
      provideTextDocumentContent: async () => {
        const { runs } = await services.patchline();
        return renderRunLog(runs.all(), runs.problems());
      },
    }),
    { dispose: () => unsubscribe?.() },
  );
}

/** The log in words: each run, each step with when, by whom, what came of it, and its entry in the chain. */
export function renderRunLog(runs: readonly PatchRun[], problems: readonly LogVerdict[]): string {
  const lines = ['Patchline run log', ''];
  const damage = problems.filter((problem) => problem.kind !== 'intact');
  for (const problem of damage) lines.push(`DAMAGED  ${problem.kind} at entry ${problem.n}: ${problem.why}`);
  if (damage.length > 0) lines.push('');
  if (runs.length === 0) lines.push('No patch has been begun yet.');
  for (const run of [...runs].sort((a, b) => b.startedAt.localeCompare(a.startedAt))) {
    lines.push(`${cleanLine(run.finding.title)}`);
    lines.push(`  finding ${run.finding.id} · run ${run.id} · ${run.state} in ${run.stage}`);
    for (const step of run.steps) {
      const attempt = step.attempt > 1 ? ` (attempt ${step.attempt})` : '';
      lines.push(
        `  ${step.at}  ${step.outcome.padEnd(12)}  ${`${step.stage}/${step.name}${attempt}`.padEnd(28)}  ${cleanLine(step.summary)}`,
      );
      lines.push(
        `      by ${cleanLine(step.by, 120)} · entry ${step.entry.n} of ${step.entry.chain.slice(0, 8)} · ${step.entry.hash.slice(0, 16)}`,
      );
      for (const evidence of step.evidence) {
        lines.push(`      evidence ${cleanLine(evidence.name, 120)} · sha256 ${evidence.digest.sha256.slice(0, 16)}`);
      }
    }
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
