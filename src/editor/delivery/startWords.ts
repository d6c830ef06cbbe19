import { cleanLine } from '../../core/findings/cleanText';
import type { DeliveryState } from '../../core/delivery';
import type { Policy, ServicePolicy } from '../../core/model/policy';
import type { RolloutStrategy } from '../../core/model/rolloutStrategy';
import { compileGlobs } from '../../core/triage/prioritise';
import { secondsWords } from './deliveryWords';

/** Services that a change of these files rolls out, in the order of the policy. */
export function touchedServices(policy: Policy, files: readonly string[]): readonly ServicePolicy[] {
  return (policy.rollout?.services ?? []).filter(
    ({ paths }) => paths === undefined || paths.length === 0 || files.some(compileGlobs(paths)),
  );
}

/** What a person reads before a rollout starts: what is merged, and for each service steps, metrics and way back. */
export function describeStart(
  { pullRequest, artifact }: Pick<DeliveryState, 'pullRequest' | 'artifact'>,
  services: readonly ServicePolicy[],
): string {
  const merged = pullRequest.state === 'merged';
  const lines = [
    merged
      ? `Pull request #${pullRequest.number} is merged already.`
      : `Pull request #${pullRequest.number} is merged into ${cleanLine(pullRequest.base, 120)} first. That is not undone by a way back; a revert pull request is opened for it.`,
    artifact === undefined
      ? 'No artifact is built yet: it is built from the merged commit.'
      : `Artifact ${cleanLine(`${artifact.name} ${artifact.version}`, 120)}, SHA-256 ${artifact.digest.sha256.slice(0, 16)}….`,
  ];
  if (services.length === 0) lines.push('', 'The policy names no service that these files belong to.');
  for (const service of services) {
    const back = service.commands?.rollback.join(' ');
    lines.push(
      '',
      cleanLine(`${service.name} → ${service.environment ?? 'production'}, by ${service.provider}`, 200),
      `  Steps: ${describeStrategy(service.strategy)}`,
      `  Metrics: ${service.metrics.length === 0 ? 'none: nothing would see that it turns bad' : cleanLine(service.metrics.map((metric) => metric.title ?? metric.name).join(', '), 300)}`,
      `  Way back: ${back === undefined ? `${service.provider}’s own` : cleanLine(back, 200)}`,
    );
  }
  lines.push('', 'This window watches it; when it closes, a process of its own goes on watching.');
  return lines.join('\n');
}

/** `10 % for 10 min, 50 % for 10 min, then a person, 100 %`. */
export function describeStrategy(strategy: RolloutStrategy): string {
  const person = (pause: boolean | undefined) => (pause === true ? ', then a person goes on' : '');
  switch (strategy.kind) {
    case 'canary':
    case 'flag': {
      const steps = strategy.steps.map((step) => `${step.weight} % for ${secondsWords(step.bakeSeconds)}${person(step.pause)}`);
      const whole = strategy.steps.at(-1)?.weight === 100 ? [] : ['100 %'];
      return `${strategy.kind === 'flag' ? `flag ${cleanLine(strategy.flag, 80)}: ` : ''}${[...steps, ...whole].join(', ')}`;
    }
    case 'blue-green':
      return `green beside blue for ${secondsWords(strategy.bakeSeconds)}${person(strategy.pause)}, then all traffic`;
    case 'rolling':
      return `${strategy.batches} batches, ${secondsWords(strategy.bakeSeconds)} each`;
  }
}
