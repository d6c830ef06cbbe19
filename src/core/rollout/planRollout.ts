import type { Artifact } from '../model/artifact';
import type { ServicePolicy } from '../model/policy';
import type { RolloutPlan, RolloutStep } from '../model/rollout';
import type { RolloutStrategy } from '../model/rolloutStrategy';

export interface PlanRequest {
  readonly run: string;
  /** 1-based attempt of the run. */
  readonly attempt: number;
  readonly service: ServicePolicy;
  readonly artifact: Pick<Artifact, 'name' | 'uri' | 'digest' | 'commit'>;
}

/** Seconds, where the policy says nothing. */
const defaults = { look: 30, warmUp: 0, watch: 600 } as const;

/** The rollout as data: every strategy as steps of rising weight, the last with all of it. */
export function planRollout({ run, attempt, service, artifact }: PlanRequest): RolloutPlan {
  return {
    run,
    attempt,
    service: service.name,
    environment: service.environment ?? 'production',
    provider: service.provider,
    strategy: service.strategy.kind,
    steps: stepsOf(service.strategy).map((step, index) => ({ index, ...step })),
    artifact: { name: artifact.name, uri: artifact.uri, sha256: artifact.digest.sha256, commit: artifact.commit },
    metrics: service.metrics,
    lookSeconds: service.lookSeconds ?? defaults.look,
    warmUpSeconds: service.warmUpSeconds ?? defaults.warmUp,
    watchSeconds: service.watchSeconds ?? defaults.watch,
    wayBack: wayBackOf(service),
  };
}

type Step = Omit<RolloutStep, 'index'>;

function stepsOf(strategy: RolloutStrategy): readonly Step[] {
  switch (strategy.kind) {
    case 'canary':
      return risingSteps('canary', strategy.steps);
    case 'flag':
      return risingSteps('flag', strategy.steps);
    case 'blue-green':
      // Green is looked at through its own address before anybody is sent there.
      return [
        { name: 'green', weight: 0, bakeSeconds: strategy.bakeSeconds, pause: strategy.pause ?? false },
        { name: 'all traffic to green', weight: 100, bakeSeconds: 0, pause: false },
      ];
    case 'rolling':
      return Array.from({ length: strategy.batches }, (_, index) => ({
        name: `batch ${index + 1} of ${strategy.batches}`,
        weight: Math.round(((index + 1) * 10_000) / strategy.batches) / 100,
        bakeSeconds: strategy.bakeSeconds,
        pause: false,
      }));
  }
}

/** A last step with all of the weight is added where it is missing; what follows it is the watch, so it is not looked at longer. */
function risingSteps(
  word: 'canary' | 'flag',
  steps: readonly { readonly weight: number; readonly bakeSeconds: number; readonly pause?: boolean }[],
): readonly Step[] {
  const named = steps.map(({ weight, bakeSeconds, pause = false }) => ({
    name: `${word} ${weight} %`,
    weight,
    bakeSeconds,
    pause,
  }));
  return named.at(-1)?.weight === 100 ? named : [...named, { name: `${word} 100 %`, weight: 100, bakeSeconds: 0, pause: false }];
}

/** What takes it back, for people; empty where nothing does. */
function wayBackOf({ provider, commands }: ServicePolicy): string {
  if (provider !== 'command') return `${provider} puts the version before back`;
  return (commands?.rollback ?? []).map((part) => (/^[\w./:=@%+,-]+$/.test(part) ? part : JSON.stringify(part))).join(' ');
}
