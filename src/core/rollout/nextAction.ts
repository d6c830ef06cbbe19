import type { MetricPhase, MetricVerdict } from '../model/analysis';
import type { RolloutAction, RolloutEvent, RolloutState } from '../model/rollout';
import { isStuck } from './isStuck';
import { breachesLetPass } from './readingsToJudge';

/** What is due of a rollout at an instant. */
export type Due =
  | {
      readonly due: 'act';
      readonly action: RolloutAction;
      readonly key: string;
      readonly retry: boolean;
      /** The provider has begun it: it is asked how that stands. */
      readonly underWay?: { readonly ref: string; readonly seconds: number };
    }
  /** Read the metrics of the time between the two instants (milliseconds since the epoch). */
  | { readonly due: 'look'; readonly from: number; readonly to: number }
  | { readonly due: 'record'; readonly event: RolloutEvent }
  /** `until`: when to ask again, milliseconds since the epoch; undefined: something else must happen first. */
  | { readonly due: 'wait'; readonly until: number | undefined; readonly why: string };

export interface RolloutSituation {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether windows and freezes let a rollout start or go on now, and when they will. */
  readonly calendar: { readonly allowed: true } | { readonly allowed: false; readonly why: string; readonly until?: number };
  /** Verdicts over the readings of the current step (core/analysis). `atEnd`: nothing more of the step will be seen. */
  judge(state: RolloutState, atEnd: boolean): { readonly verdicts: readonly MetricVerdict[]; readonly phase: MetricPhase };
}

/** A provider's action that fails is tried again after 2, 4, 8 … seconds; after these many tries it is taken back. */
const mostTries = 4;

/**
 * The rollout's controller: from what the log holds to what is due now. It may be asked at any time and again (poll, click,
 * start-up after a crash) and gives the same answer for the same log and instant. Argo Rollouts' rules where it has one: a
 * failed analysis aborts, an inconclusive one pauses until a person decides.
 */
export function nextRolloutAction(state: RolloutState, situation: RolloutSituation): Due {
  const { now } = situation;
  switch (state.phase) {
    case 'completed':
    case 'rolled-back':
      return { due: 'wait', until: undefined, why: 'The rollout has ended.' };
    case 'rolling-back':
      return actOn(state, { kind: 'roll-back', why: state.reason ?? 'aborted' }, now);
    case 'degraded':
      if (isStuck(state))
        return {
          due: 'wait',
          until: undefined,
          why: `The way back of ${state.plan.service} failed ${state.failedTries} times (${state.lastFailure ?? 'no reason given'}). Look at the service, then roll back again.`,
        };
      return actOn(state, { kind: 'roll-back', why: state.reason ?? 'aborted' }, now);
    case 'planned':
      return beginStep(state, 0, situation);
    case 'progressing':
    case 'paused':
      return duringStep(state, situation);
    case 'watching':
      return whileWatching(state, situation);
  }
}

/** The key of an action is the same for each try, so that a provider can tell a retry from a new wish. */
export function actionKey(state: RolloutState, action: RolloutAction): string {
  const { run, attempt, service } = state.plan;
  return [run, attempt, service, action.kind, ...(action.kind === 'step' ? [action.step] : [])].join('/');
}

function actOn(state: RolloutState, action: RolloutAction, now: number): Due {
  const key = actionKey(state, action);
  const last = state.events.findLast(({ what }) => what.event === 'failed-action' && what.key === key);
  const again = last === undefined || state.failedTries === 0 ? now : Date.parse(last.at) + 1000 * 2 ** state.failedTries;
  if (again > now) return { due: 'wait', until: again, why: `Trying again: ${state.lastFailure ?? 'the last try failed'}` };
  const pending = state.pending?.key === key ? state.pending : undefined;
  const { underWay } = pending ?? {};
  return {
    due: 'act',
    action,
    key,
    retry: pending !== undefined || state.failedTries > 0,
    ...(underWay === undefined
      ? {}
      : { underWay: { ref: underWay.ref, seconds: Math.max(0, now - Date.parse(underWay.since)) / 1000 } }),
  };
}

function beginStep(state: RolloutState, index: number, { now, calendar }: RolloutSituation): Due {
  const step = state.plan.steps[index];
  if (step === undefined) return actOnOrGiveUp(state, { kind: 'promote' }, now);
  // What was begun is finished whatever the calendar says: half a change of weight is worse than one at night.
  if (!calendar.allowed && state.pending === undefined) return { due: 'wait', until: calendar.until, why: calendar.why };
  return actOnOrGiveUp(state, { kind: 'step', step: index, weight: step.weight }, now);
}

function actOnOrGiveUp(state: RolloutState, action: RolloutAction, now: number): Due {
  if (state.failedTries >= mostTries) {
    const why = `the provider failed ${state.failedTries} times to ${action.kind === 'step' ? `set ${action.weight} %` : action.kind}: ${state.lastFailure ?? ''}`;
    return { due: 'record', event: { event: 'aborted', why, byPerson: false } };
  }
  return actOn(state, action, now);
}

function duringStep(state: RolloutState, situation: RolloutSituation): Due {
  const { now } = situation;
  // An action whose end is not in the log: a crash came in between, or its last try failed.
  if (state.pending !== undefined) return resume(state, state.pending.action, now);
  const step = state.plan.steps[state.step];
  if (step === undefined || state.stepSince === undefined) {
    if (state.phase === 'paused') return { due: 'wait', until: undefined, why: state.paused?.why ?? 'The rollout is paused.' };
    return beginStep(state, 0, situation);
  }
  const since = Date.parse(state.stepSince);
  // What is judged afresh is looked at for as long again; all else is looked at on meanwhile.
  const bakedAt = Math.max(since, ...breachesLetPass(state).values()) + step.bakeSeconds * 1000;
  const lookedAt = state.lastLookAt === undefined ? undefined : Date.parse(state.lastLookAt);
  const seenToEnd = lookedAt !== undefined && lookedAt >= bakedAt;
  const judged = situation.judge(state, seenToEnd);

  const breach = breachOf(state, judged.verdicts);
  if (breach !== undefined) return breach;
  const resumedAt = state.events.findLast(({ what }) => what.event === 'resumed')?.at ?? '';
  // Argo's rule (consecutiveErrorLimit): what cannot be measured any more is not waited for. A person who goes on gets another look.
  if (judged.phase === 'error' && state.phase === 'progressing' && !state.promoted && (state.lastLookAt ?? '') > resumedAt)
    return { due: 'record', event: { event: 'paused', why: blindWord(step.name, judged.verdicts), byPerson: false } };
  const look = nextLook(state, since, bakedAt, now);
  const goOn = (): Due => untilLook(beginStep(state, state.step + 1, situation), look.at);
  // A step without a bake time leads on: what comes after it is watched. While it cannot go on, it is watched like any other.
  const leadsOn = state.promoted || (step.bakeSeconds === 0 && !step.pause);
  if (state.phase === 'progressing' && leadsOn) {
    const next = goOn();
    if (next.due !== 'wait' || !look.now) return next;
  }
  if (look.now) return { due: 'look', from: look.from, to: now };
  if (state.phase === 'paused') return { due: 'wait', until: look.at, why: state.paused?.why ?? 'The rollout is paused.' };
  if (!seenToEnd && now < bakedAt + 1 && state.plan.metrics.length > 0)
    return {
      due: 'wait',
      until: Math.min(look.at ?? bakedAt, bakedAt),
      why: `${step.name} is looked at until ${clock(bakedAt)}.`,
    };
  if (now < bakedAt) return { due: 'wait', until: bakedAt, why: `${step.name} is looked at until ${clock(bakedAt)}.` };

  if (look.at !== undefined && judged.phase !== 'successful' && resumedAt > (state.lastLookAt ?? ''))
    return { due: 'wait', until: look.at, why: `${step.name} is looked at once more.` };
  // Too little was seen (a gap in the watch, little traffic): the step is looked at for as long again before a person is asked.
  const unclear = judged.phase === 'inconclusive' || judged.phase === 'waiting';
  if (unclear && look.at !== undefined && now < bakedAt + step.bakeSeconds * 1000)
    return { due: 'wait', until: look.at, why: `${step.name} is looked at longer, since too little was seen.` };
  const stop = stopAtEnd(state, bakedAt, judged.phase, judged.verdicts);
  if (stop !== undefined) return { due: 'record', event: { event: 'paused', why: stop, byPerson: false } };
  return goOn();
}

/** What waits for its window or for another try serves meanwhile, so the metrics are looked at on. */
function untilLook(due: Due, lookAt: number | undefined): Due {
  return due.due === 'wait' && lookAt !== undefined ? { ...due, until: Math.min(lookAt, due.until ?? lookAt) } : due;
}

function resume(state: RolloutState, action: RolloutAction, now: number): Due {
  return action.kind === 'roll-back' || action.kind === 'rehearse'
    ? actOn(state, action, now)
    : actOnOrGiveUp(state, action, now);
}

/** Why the step is not left by itself when its time is over; undefined where it is. */
function stopAtEnd(
  state: RolloutState,
  bakedAt: number,
  phase: MetricPhase,
  verdicts: readonly MetricVerdict[],
): string | undefined {
  const step = state.plan.steps[state.step];
  // The pause that a person ended must not be made again; one that somebody made and ended before the step was over is another.
  const resumed = state.events.some(({ at, what }) => what.event === 'resumed' && Date.parse(at) >= bakedAt);
  if (step?.pause === true && !resumed) return `${step.name}: the plan asks a person to go on.`;
  if (state.plan.metrics.length === 0)
    return resumed ? undefined : `${step?.name ?? 'This step'}: no metric watches this rollout, so a person goes on.`;
  if (phase === 'successful') return undefined;
  const worst = verdicts.find((verdict) => verdict.phase === phase);
  return `${step?.name ?? 'This step'} ended ${phase === 'waiting' ? 'inconclusive' : phase}: ${worst?.message ?? 'there is no verdict'}`;
}

function blindWord(what: string, verdicts: readonly MetricVerdict[]): string {
  return `${what} cannot be watched: ${verdicts.find(({ phase }) => phase === 'error')?.message ?? 'the metrics cannot be read'}`;
}

/** A metric that failed: what the policy says it does. Recorded first, so that the measurement stands in the log before the act. */
function breachOf(state: RolloutState, verdicts: readonly MetricVerdict[]): Due | undefined {
  const failed = verdicts.filter(({ phase }) => phase === 'failed');
  const does = (name: string) => state.plan.metrics.find((metric) => metric.name === name)?.onBreach ?? 'rollback';
  const worst = failed.find(({ metric }) => does(metric) === 'rollback');
  if (worst !== undefined) {
    if (state.breach === undefined) return { due: 'record', event: { event: 'breached', verdict: worst } };
    return { due: 'record', event: { event: 'aborted', why: worst.message, byPerson: false } };
  }
  const pausing = failed.find(({ metric }) => does(metric) === 'pause');
  if (pausing !== undefined && state.phase === 'progressing' && !state.promoted)
    return { due: 'record', event: { event: 'paused', why: pausing.message, byPerson: false } };
  return undefined;
}

/** Looks come every `lookSeconds` from the end of the warm-up on, and one at the `end` of the bake or the watch. */
function nextLook(
  state: RolloutState,
  since: number,
  end: number,
  now: number,
): { readonly now: boolean; readonly from: number; readonly at: number | undefined } {
  const { metrics, lookSeconds, warmUpSeconds } = state.plan;
  if (metrics.length === 0) return { now: false, from: now, at: undefined };
  const begins = since + warmUpSeconds * 1000;
  const last = state.lastLookAt === undefined ? 0 : Date.parse(state.lastLookAt);
  // The first look of a step only reads where counters stand; differences are taken from it on.
  if (last < begins) return { now: now >= begins, from: begins, at: begins };
  const regular = last + Math.max(lookSeconds, 1) * 1000;
  const at = last < end ? Math.min(regular, end) : regular;
  // Where the last window ended, which is before its answers stood in the log.
  const seen = state.readings.findLast(({ step }) => step === state.step);
  return { now: now >= at, from: seen === undefined ? last : Math.min(last, Date.parse(seen.at)), at };
}

function whileWatching(state: RolloutState, situation: RolloutSituation): Due {
  const { now } = situation;
  if (state.pending !== undefined) return resume(state, state.pending.action, now);
  if (state.events.some(({ what }) => what.event === 'watched')) return { due: 'record', event: { event: 'completed' } };
  const since = Date.parse(state.stepSince ?? state.startedAt);
  const endsAt = since + state.plan.watchSeconds * 1000;
  const seenToEnd = state.lastLookAt !== undefined && Date.parse(state.lastLookAt) >= endsAt;
  const judged = situation.judge(state, seenToEnd);
  const breach = breachOf(state, judged.verdicts);
  if (breach !== undefined && breach.due === 'record' && breach.event.event !== 'paused') return breach;
  const look = nextLook(state, since, endsAt, now);
  if (look.now) return { due: 'look', from: look.from, to: now };
  if (now < endsAt)
    return {
      due: 'wait',
      until: Math.min(look.at ?? endsAt, endsAt),
      // Nothing is left to pause here: the metrics are asked on, since a breach still takes it back, and it says that it is blind.
      why:
        judged.phase === 'error'
          ? `${blindWord('The new version', judged.verdicts)} A person looks after it until ${clock(endsAt)}.`
          : `The metrics are watched until ${clock(endsAt)}.`,
    };
  const good = judged.phase === 'successful';
  const worst = judged.verdicts.find(({ phase }) => phase !== 'successful');
  const summary = good
    ? `The metrics stayed good for ${state.plan.watchSeconds} s after 100 %.`
    : state.plan.metrics.length === 0
      ? 'No metric watched the rollout.'
      : `The watch ended without a clear verdict: ${worst?.message ?? 'there is none'}`;
  return { due: 'record', event: { event: 'watched', outcome: good ? 'successful' : 'inconclusive', summary } };
}

/** `14:05:30 UTC`: the log's own zone, said. */
function clock(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}
