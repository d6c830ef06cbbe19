import { cleanLine } from '../core/findings/cleanText';
import type { LogVerdict } from '../core/model/logEntry';
import type { PatchRun } from '../core/model/run';

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

/** One sentence: the chain is intact, or which entry is bad and why. */
export function describeVerdict(verdict: LogVerdict): string {
  const chain = verdict.chain.slice(0, 8);
  switch (verdict.kind) {
    case 'intact':
      return `Run log ${chain}: intact, ${verdict.entries} ${verdict.entries === 1 ? 'entry' : 'entries'}, head ${verdict.head.slice(0, 12)}.`;
    case 'anchor-mismatch':
      return `Run log ${chain}: entry ${verdict.n} does not match its anchor. ${verdict.why}`;
    case 'altered':
    case 'deleted':
    case 'reordered':
    case 'torn':
    case 'unreadable':
      return `Run log ${chain}: ${verdict.kind} at entry ${verdict.n} (line ${verdict.line}). ${verdict.why}`;
  }
}
