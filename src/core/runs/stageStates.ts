import type { Outcome } from '../model/outcome';
import type { PatchRun, RecordedStep } from '../model/run';
import type { Stage } from '../model/stage';
import { stages } from '../model/stage';

/** How one of the eight stages stands in a run. */
export interface StageState {
  readonly stage: Stage;
  /** `not-reached` where no step was made; else the outcome of the newest step. */
  readonly state: Outcome | 'not-reached';
  /** ISO 8601 instant of the stage's first step. */
  readonly since?: string;
  /** Milliseconds from the stage's first step to the next stage's first; absent while it lasts. */
  readonly duration?: number;
  /** The newest attempt of each part, in the order of their first attempts. */
  readonly parts: readonly RecordedStep[];
}

/** The eight stages of a run with their state, since when, and how long: a fold over its steps. */
export function stageStates(run: PatchRun): readonly StageState[] {
  return stages.map((stage, index) => {
    const steps = run.steps.filter((step) => step.stage === stage);
    const first = steps[0];
    const last = steps.at(-1);
    if (first === undefined || last === undefined) return { stage, state: 'not-reached', parts: [] };
    // Only what comes after it: a rehearsal of the way back may stand before the checks have ended.
    const next = run.steps.slice(run.steps.indexOf(first)).find((step) => stages.indexOf(step.stage) > index);
    const parts = new Map<string, RecordedStep>();
    for (const step of steps) parts.set(step.name, step);
    return {
      stage,
      state: last.outcome,
      since: first.at,
      ...(next === undefined ? {} : { duration: Date.parse(next.at) - Date.parse(first.at) }),
      parts: [...parts.values()],
    };
  });
}
