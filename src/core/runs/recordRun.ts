import { plainFinding } from '../findings/findingHandle';
import type { Actor } from '../model/actor';
import type { Evidence } from '../model/evidence';
import type { ReadEntry } from '../model/logEntry';
import type { Outcome } from '../model/outcome';
import type { Stage } from '../model/stage';
import type { Step } from '../model/step';
import type { PatchRun } from '../model/run';
import type { TriagedFinding } from '../model/triage';
import type { RunLog } from '../ports';
import { foldRuns, latestStep, nextAttempt, reopened, runStarted, stepRecorded } from './foldRuns';

/** What a stage has to say; run and attempt are filled in from the log. */
export interface StepDraft {
  readonly stage: Stage;
  readonly name: string;
  readonly outcome: Outcome;
  readonly summary: string;
  readonly evidence?: readonly Evidence[];
  readonly data?: Readonly<Record<string, unknown>>;
  /** Personal data of the step: kept beside the chain, from where it can be redacted. */
  readonly private?: Readonly<Record<string, unknown>>;
  /** Patchline saw or did it by itself; otherwise the person did. */
  readonly bySystem?: boolean;
}

/** Who did what nobody asked for at that moment: a poll, a rule, the controller of a rollout. */
export const systemActor: Actor = { kind: 'system', identity: 'patchline', source: 'patchline' };

/** Appends runs and steps to the log; the only place that writes them. */
export interface RunRecorder {
  /** The finding's current run; begun now, with the finding's own detection and triage, when there is none or it ended. */
  begin(finding: TriagedFinding): Promise<PatchRun>;
  record(run: PatchRun, step: StepDraft): Promise<PatchRun>;
}

/** @param fold - the log's runs; the application's own, which knows what it has folded before */
export function createRunRecorder(
  log: RunLog,
  actor: () => Promise<Actor>,
  fold: (entries: readonly ReadEntry[]) => readonly PatchRun[] = foldRuns,
): RunRecorder {
  async function reload(runId: string): Promise<PatchRun> {
    const run = fold((await log.read()).entries).find((candidate) => candidate.id === runId);
    if (run === undefined) throw new Error(`run ${runId} is not in the log it was written to`);
    return run;
  }

  async function record(run: PatchRun, draft: StepDraft): Promise<PatchRun> {
    // Another window may have made the same attempt meanwhile: the number comes from the log, not from what we hold.
    const fresh = await reload(run.id);
    const step: Step = {
      run: run.id,
      stage: draft.stage,
      name: draft.name,
      attempt: nextAttempt(fresh, draft.name),
      outcome: draft.outcome,
      summary: draft.summary,
      evidence: draft.evidence ?? [],
      ...(draft.data === undefined ? {} : { data: draft.data }),
    };
    await log.append({
      kind: stepRecorded,
      body: { ...step },
      actor: draft.bySystem === true ? systemActor : await actor(),
      ...(draft.private === undefined ? {} : { private: draft.private }),
    });
    return reload(run.id);
  }

  return {
    async begin(finding) {
      const runs = fold((await log.read()).entries).filter((run) => run.finding.id === finding.id);
      const current = runs.at(-1);
      // What was rolled back is tried again as a new run, which supersedes it.
      if (current !== undefined && current.state !== 'closed' && latestStep(current, reopened) === undefined) return current;
      const id = `${finding.id}-${runs.length + 1}`;
      const { owners, ...triage } = finding.triage;
      await log.append({
        kind: runStarted,
        body: { run: id, finding: { ...plainFinding(finding), triage: { ...triage, owners: [] } } },
        actor: await actor(),
        private: { owners },
      });
      const run = await reload(id);
      const reported = finding.witnesses.map((w) => `${w.scanner} (${w.file})`);
      const detected = await record(run, {
        stage: 'detection',
        name: 'finding',
        outcome: 'successful',
        summary: `Reported by ${[...new Set(reported)].join(' and ')}.`,
        data: { detectedAt: finding.triage.detectedAt },
      });
      return record(detected, {
        stage: 'triage',
        name: 'triage',
        outcome: 'successful',
        summary: `Priority ${finding.triage.priority} (${finding.triage.band})${finding.triage.due === undefined ? '' : `, due ${finding.triage.due.slice(0, 10)}`}.`,
        data: { reasons: finding.triage.reasons },
      });
    },
    record,
  };
}
