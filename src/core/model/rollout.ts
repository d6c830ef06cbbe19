import type { MetricSpec, MetricVerdict, Reading } from './analysis';
import type { ServicePolicy } from './policy';
import type { RolloutStrategy } from './rolloutStrategy';

/** Every strategy comes down to these: weight of the new version in percent, how long it is looked at, whether a person goes on. */
export interface RolloutStep {
  /** 0-based. */
  readonly index: number;
  /** `canary 10 %`, `green`, `batch 2 of 4`, `flag 25 %`. */
  readonly name: string;
  readonly weight: number;
  readonly bakeSeconds: number;
  readonly pause: boolean;
}

export interface RolloutPlan {
  readonly run: string;
  /** 1-based: a later attempt of the same run supersedes this one. */
  readonly attempt: number;
  readonly service: string;
  readonly environment: string;
  /** Registry id. */
  readonly provider: string;
  readonly strategy: RolloutStrategy['kind'];
  /** The last one carries weight 100. */
  readonly steps: readonly RolloutStep[];
  readonly artifact: { readonly name: string; readonly uri: string; readonly sha256: string; readonly commit: string };
  readonly metrics: readonly MetricSpec[];
  /** Seconds between two looks at the metrics. */
  readonly lookSeconds: number;
  /** Seconds that are left out of the analysis after each change of weight. */
  readonly warmUpSeconds: number;
  /** Seconds that the metrics are watched after 100 %. */
  readonly watchSeconds: number;
  /** What takes it back, for people: `npm run rollback`. */
  readonly wayBack: string;
}

/** What happened to a rollout; each is one log entry of kind `rollout`, whose body is this with the run's id and attempt. */
export type RolloutEvent =
  /** With the service as the policy had it: a policy that changes meanwhile does not change how it is taken back. */
  | { readonly event: 'planned'; readonly plan: RolloutPlan; readonly policy: ServicePolicy }
  /** Written before the provider is told, so that a crash in between is seen; `key` is the same for each try of one action. */
  | { readonly event: 'intent'; readonly action: RolloutAction; readonly key: string }
  | {
      readonly event: 'done';
      readonly action: RolloutAction;
      readonly key: string;
      readonly summary: string;
      readonly log?: string;
    }
  | { readonly event: 'failed-action'; readonly action: RolloutAction; readonly key: string; readonly why: string }
  | { readonly event: 'looked'; readonly readings: readonly Reading[]; readonly verdicts: readonly MetricVerdict[] }
  | { readonly event: 'paused'; readonly why: string; readonly byPerson: boolean }
  | { readonly event: 'resumed' }
  /** A person goes on although the step is not finished, or its verdict is inconclusive. */
  | { readonly event: 'promoted'; readonly step: number; readonly skipsAnalysis: boolean }
  | { readonly event: 'breached'; readonly verdict: MetricVerdict }
  | { readonly event: 'aborted'; readonly why: string; readonly byPerson: boolean }
  | { readonly event: 'completed' }
  | { readonly event: 'watched'; readonly outcome: 'successful' | 'failed' | 'inconclusive'; readonly summary: string }
  | { readonly event: 'rehearsed'; readonly ok: boolean; readonly summary: string; readonly log?: string };

/** What a rollout provider can be told. */
export type RolloutAction =
  | { readonly kind: 'step'; readonly step: number; readonly weight: number }
  /** The new version is the only one; the old one may go. */
  | { readonly kind: 'promote' }
  /** All traffic back to the old version. */
  | { readonly kind: 'roll-back'; readonly why: string }
  | { readonly kind: 'rehearse' };

export type RolloutPhase =
  | 'planned'
  | 'progressing'
  | 'paused'
  | 'rolling-back'
  | 'rolled-back'
  /** The provider failed in the middle and the way back failed too, or was not tried yet: a person must act. */
  | 'degraded'
  | 'watching'
  | 'completed';

/** A recorded event with when and by whom. */
export interface RecordedRolloutEvent {
  readonly at: string;
  readonly by: string;
  readonly entry: { readonly chain: string; readonly n: number; readonly hash: string };
  readonly what: RolloutEvent;
}

/** How a rollout stands: a fold over its events. */
export interface RolloutState {
  readonly plan: RolloutPlan;
  readonly service: ServicePolicy;
  readonly phase: RolloutPhase;
  /** The step that is under way or was last; -1 before the first. */
  readonly step: number;
  /** Percent that the provider was last seen to have set. */
  readonly weight: number;
  /** ISO 8601: since when the step's weight stands; absent while it is being set. */
  readonly stepSince?: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** An action that was begun and whose end is not in the log. */
  readonly pending?: { readonly action: RolloutAction; readonly key: string; readonly since: string };
  /** Tries in a row that failed of the action that is due. */
  readonly failedTries: number;
  readonly lastFailure?: string;
  readonly paused?: { readonly why: string; readonly byPerson: boolean; readonly since: string };
  /** Set by `promoted`: the current step is over at once. */
  readonly promoted: boolean;
  readonly breach?: MetricVerdict;
  /** Why it was taken back. */
  readonly reason?: string;
  readonly readings: readonly Reading[];
  /** The newest verdict of each metric of the current step. */
  readonly verdicts: readonly MetricVerdict[];
  readonly lastLookAt?: string;
  readonly rehearsal?: { readonly ok: boolean; readonly at: string; readonly summary: string };
  readonly events: readonly RecordedRolloutEvent[];
}
