import type { RolloutState } from '../model/rollout';
import type { PatchRun } from '../model/run';
import type { Stage } from '../model/stage';
import { deliverySteps } from '../runs/deliveryState';
import { stageStates } from '../runs/stageStates';
import { runEnd } from './runEnd';

/**
 * Milliseconds that a run spent in each stage that is over: from the stage's first step to the next stage's first. Beyond that,
 * detection begins when the finding was first seen, not when somebody began to work on it; and monitoring begins when every
 * service stands at 100 %, and lasts until the run ended. Rehearsals are no part of the way.
 *
 * @param rollouts - of this run
 */
export function runDurations(run: PatchRun, rollouts: readonly RolloutState[]): Readonly<Partial<Record<Stage, number>>> {
  const steps = run.steps.filter(({ name }) => name !== deliverySteps.rehearsal);
  const states = stageStates({ ...run, steps });
  const times = new Map<Stage, number>();
  for (const { stage, duration } of states) if (duration !== undefined) times.set(stage, duration);
  const waited = Date.parse(run.startedAt) - Date.parse(run.finding.triage.detectedAt);
  const detection = times.get('detection');
  if (detection !== undefined && waited > 0) times.set('detection', detection + waited);
  const since = (stage: Stage): number => Date.parse(states.find((one) => one.stage === stage)?.since ?? '');
  const full = fullSince(rollouts);
  if (full !== undefined) times.set('rollout', full - since('rollout'));
  const { end, at } = runEnd(run);
  if (end === 'deployed' || end === 'rolledBack') times.set('monitoring', Date.parse(at) - (full ?? since('monitoring')));
  // Clocks of two machines may differ, and a date from outside may be none.
  return Object.fromEntries(
    [...times].filter(([, time]) => !Number.isNaN(time)).map(([stage, time]) => [stage, Math.max(0, time)]),
  );
}

/** When the last service came to stand at 100 % (milliseconds since the epoch); undefined where one did not. */
function fullSince(rollouts: readonly RolloutState[]): number | undefined {
  const instants = rollouts.map(
    ({ events }) => events.find(({ what }) => what.event === 'done' && what.action.kind === 'promote')?.at,
  );
  if (instants.length === 0 || instants.includes(undefined)) return undefined;
  return Math.max(...instants.map((at) => Date.parse(at ?? '')));
}
