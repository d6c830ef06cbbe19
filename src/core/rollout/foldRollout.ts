import type { Reading } from '../model/analysis';
import type { ReadEntry } from '../model/logEntry';
import type { ServicePolicy } from '../model/policy';
import type { RecordedRolloutEvent, RolloutAction, RolloutEvent, RolloutPlan, RolloutState } from '../model/rollout';

/** Kind of the log entries that tell a rollout. */
export const rolloutRecorded = 'rollout';

/** What each of those entries says beside its event. */
export interface RolloutEntryBody {
  readonly run: string;
  readonly attempt: number;
  readonly service: string;
}

/** The rollouts of a log that goes on: what is added costs as much as it is, not as much as what stands there. */
export interface RolloutsFold {
  add(entry: ReadEntry): void;
  rollouts(): readonly RolloutState[];
}

interface OpenRollout {
  /** Without readings and events: these only grow, and are kept beside it so that a look does not copy all earlier ones. */
  state: RolloutState;
  readonly readings: Reading[];
  readonly events: RecordedRolloutEvent[];
  /** The rollout as it was last given out; absent where something came since. */
  made?: RolloutState;
}

/**
 * Every rollout as the log tells it, in the order of their plans: a fold, so that a window that opens, a second process and a
 * crash in the middle all see the same. Events of a rollout that was never planned are passed over.
 */
export function foldRollouts(entries: readonly ReadEntry[]): readonly RolloutState[] {
  const fold = createRolloutsFold();
  for (const entry of entries) fold.add(entry);
  return fold.rollouts();
}

/** The fold itself, entry by entry. What it gave out never changes; a rollout without news is the same object again. */
export function createRolloutsFold(): RolloutsFold {
  const rollouts = new Map<string, OpenRollout>();
  return {
    add(entry) {
      if (entry.kind !== rolloutRecorded) return;
      const key = keyOf(entry.body);
      const recorded = recordedOf(entry);
      const known = rollouts.get(key);
      if (recorded.what.event === 'planned') {
        if (known === undefined)
          rollouts.set(key, {
            state: planned(recorded.what.plan, recorded.what.policy, recorded),
            readings: [],
            events: [recorded],
          });
      } else if (known !== undefined) {
        const { readings, ...state } = applyEvent(known.state, recorded);
        known.state = { ...state, readings: [] };
        known.readings.push(...readings);
        known.events.push(recorded);
        delete known.made;
      }
    },
    rollouts() {
      return [...rollouts.values()].map(
        (one) => (one.made ??= { ...one.state, readings: [...one.readings], events: [...one.events] }),
      );
    },
  };
}

function keyOf(body: ReadEntry['body']): string {
  return JSON.stringify([body['run'], body['attempt'], body['service']]);
}

function recordedOf(entry: ReadEntry): RecordedRolloutEvent {
  return {
    at: entry.time,
    by: entry.identity ?? '(redacted)',
    entry: { chain: entry.chain, n: entry.n, hash: entry.hash },
    what: entry.body as unknown as RolloutEvent,
  };
}

function planned(plan: RolloutPlan, service: ServicePolicy, recorded: RecordedRolloutEvent): RolloutState {
  return {
    plan,
    service,
    phase: 'planned',
    step: -1,
    weight: 0,
    startedAt: recorded.at,
    failedTries: 0,
    promoted: false,
    readings: [],
    verdicts: [],
    events: [],
  };
}

/**
 * One event applied to a rollout's state; `events` is left to the caller. Several processes append: what was decided before an
 * abort and is written behind it (a pause, a click, the end of a promotion) does not call the way back off.
 */
export function applyEvent(state: RolloutState, { at, what }: RecordedRolloutEvent): RolloutState {
  const isAtSteps = state.phase === 'progressing' || state.phase === 'paused';
  switch (what.event) {
    case 'planned':
      return state;
    case 'intent':
      return {
        ...state,
        // What somebody else is at work on has begun, although its weight is not set yet.
        phase: state.phase === 'planned' && what.underWay !== undefined ? 'progressing' : state.phase,
        pending: {
          action: what.action,
          key: what.key,
          since: state.pending?.key === what.key ? state.pending.since : at,
          ...(what.underWay === undefined ? {} : { underWay: { ...what.underWay, since: at } }),
        },
      };
    case 'done':
      return acted(withoutPending(state), what.action, at);
    case 'failed-action':
      return {
        ...withoutPending(state),
        failedTries: what.action.kind === 'rehearse' ? state.failedTries : state.failedTries + 1,
        lastFailure: what.why,
        ...(what.action.kind === 'roll-back' ? { phase: 'degraded' as const } : {}),
      };
    case 'looked':
      return { ...state, readings: [...state.readings, ...what.readings], verdicts: what.verdicts, lastLookAt: at };
    case 'paused':
      return !isAtSteps ? state : { ...state, phase: 'paused', paused: { why: what.why, byPerson: what.byPerson, since: at } };
    case 'resumed':
      return isAtSteps ? { ...withoutPause(state), phase: 'progressing' } : state;
    case 'promoted':
      return isAtSteps && what.step === state.step ? { ...withoutPause(state), phase: 'progressing', promoted: true } : state;
    case 'breached':
      return { ...state, breach: what.verdict };
    case 'aborted':
      // A person who aborts again after a failed way back starts counting anew; what is back already is not taken back again.
      return state.phase === 'rolled-back'
        ? state
        : { ...withoutPause(state), phase: 'rolling-back', reason: what.why, failedTries: 0 };
    case 'watched':
      return what.outcome === 'successful' || state.phase !== 'watching' ? state : { ...state, reason: what.summary };
    case 'completed':
      return state.phase === 'watching' ? { ...state, phase: 'completed', endedAt: at } : state;
    case 'rehearsed':
      return { ...state, rehearsal: { ok: what.ok, at, summary: what.summary } };
  }
}

function acted(state: RolloutState, action: RolloutAction, at: string): RolloutState {
  switch (action.kind) {
    case 'step':
      return {
        ...state,
        phase: state.phase === 'planned' ? 'progressing' : state.phase,
        step: action.step,
        weight: action.weight,
        stepSince: at,
        failedTries: 0,
        promoted: false,
        verdicts: [],
      };
    case 'promote':
      return {
        ...state,
        phase: state.phase === 'rolling-back' || state.phase === 'degraded' ? state.phase : 'watching',
        weight: 100,
        stepSince: at,
        step: state.plan.steps.length,
        failedTries: 0,
        promoted: false,
        verdicts: [],
      };
    case 'roll-back':
      return { ...state, phase: 'rolled-back', weight: 0, endedAt: at, failedTries: 0 };
    case 'rehearse':
      return state;
  }
}

function withoutPending(state: RolloutState): RolloutState {
  const { pending: _ended, ...rest } = state;
  return rest;
}

function withoutPause(state: RolloutState): RolloutState {
  const { paused: _over, ...rest } = state;
  return rest;
}

/** True while something may still happen to it by itself. */
export function isActiveRollout({ phase }: Pick<RolloutState, 'phase'>): boolean {
  return phase !== 'completed' && phase !== 'rolled-back';
}
