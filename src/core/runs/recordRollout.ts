import { plainFinding } from '../findings/findingHandle';
import type { Actor } from '../model/actor';
import type { Finding } from '../model/finding';
import type { RolloutEvent, RolloutPlan } from '../model/rollout';
import type { PatchRun } from '../model/run';
import type { TriagedFinding } from '../model/triage';
import type { RunLog } from '../ports';
import { rolloutRecorded } from '../rollout/foldRollout';
import { latestStep, reopened } from './foldRuns';

/** Kind of the log entry that says that a finding is open again although its fix was merged. */
export const findingReopened = 'finding.reopened';

/** Appends one event of a rollout; the only place that writes them. */
export async function recordRolloutEvent(log: RunLog, plan: RolloutPlan, event: RolloutEvent, actor: Actor): Promise<void> {
  const { run, attempt, service } = plan;
  await log.append({ kind: rolloutRecorded, body: { run, attempt, service, ...event }, actor });
}

/**
 * The open findings with those whose rollout was taken back: a report that was made while the fix was in the files no longer
 * lists them, but production has the flaw again.
 */
export function reopenedFindings(findings: readonly Finding[], runs: readonly PatchRun[]): readonly Finding[] {
  const candidates = runs.filter((run) => run.state !== 'superseded' && latestStep(run, reopened) !== undefined);
  if (candidates.length === 0) return findings;
  const known = new Set(findings.flatMap(({ id, formerIds = [] }) => [id, ...formerIds]));
  const back = candidates.filter((run) => !known.has(run.finding.id));
  return back.length === 0 ? findings : [...findings, ...back.map(({ finding }) => withoutTriage(finding))];
}

function withoutTriage(triaged: TriagedFinding): Finding {
  const { triage: _then, ...finding } = plainFinding(triaged);
  return finding;
}
