import { messageOf } from '../errors';
import type { Policy, ServicePolicy } from '../model/policy';
import type { MetricSpec } from '../model/analysis';
import { planRollout } from './planRollout';
import { orderServices, servicesFor } from './servicesFor';

export interface RolloutGaps {
  /** What forbids a rollout, each with what to do about it. */
  readonly problems: readonly string[];
  /** What a person should know before it starts. */
  readonly warnings: readonly string[];
}

/** What the policy lacks for a rollout of a change of these files. The provider's own `problems` come on top. */
export function findRolloutGaps(policy: Policy, changedPaths: readonly string[]): RolloutGaps {
  const services = policy.rollout?.services ?? [];
  if (services.length === 0)
    return { problems: ['Nothing says how to roll out: add rollout.services to .patchline.json.'], warnings: [] };
  try {
    orderServices(services);
  } catch (error) {
    return { problems: [messageOf(error)], warnings: [] };
  }
  const touched = servicesFor(policy.rollout, changedPaths);
  if (touched.length === 0) {
    const names = services.map(({ name }) => name).join(', ');
    return {
      problems: [`The patch touches no file of any service (${names}): look at their "paths" in .patchline.json.`],
      warnings: [],
    };
  }
  return { problems: touched.flatMap(problemsOf), warnings: touched.flatMap(warningsOf) };
}

function problemsOf({ name, provider, commands }: ServicePolicy): readonly string[] {
  if (provider !== 'command') return [];
  if (commands === undefined || commands.step.length === 0)
    return [`${name} has no command that sets its traffic: add commands.step and commands.rollback in .patchline.json.`];
  return commands.rollback.length === 0
    ? [`${name} has no rollback command, and there is no rollout without one: add commands.rollback in .patchline.json.`]
    : [];
}

function warningsOf(service: ServicePolicy): readonly string[] {
  const { name, metrics, provider, commands } = service;
  const { steps, lookSeconds, warmUpSeconds, watchSeconds } = planRollout({
    run: '',
    attempt: 1,
    service,
    artifact: { name: '', uri: '', digest: { sha256: '' }, commit: '' },
  });
  const unwatched =
    metrics.length === 0
      ? [`Nothing watches ${name}: without metrics a bad version is not noticed. Add metrics in .patchline.json.`]
      : metrics.every(({ onBreach }) => onBreach === 'warn')
        ? [`No metric of ${name} stops a bad version: all of them only warn.`]
        : [];
  const blind = metrics
    .filter((metric) => !canJudge(metric))
    .map(
      (metric) =>
        `Metric ${metric.name} of ${name} has neither a baseline nor a threshold, so it can say nothing: give it one in .patchline.json.`,
    );
  // A step that is over before the first look after its warm-up goes by unseen.
  const short = steps.filter(
    ({ bakeSeconds, weight }) => metrics.length > 0 && weight < 100 && bakeSeconds < warmUpSeconds + lookSeconds,
  );
  const unseen = short.map(
    (step) =>
      `Step “${step.name}” of ${name} lasts ${step.bakeSeconds} s, but the metrics are first read after ${warmUpSeconds + lookSeconds} s: make bakeSeconds longer or lookSeconds shorter.`,
  );
  const after = metrics.length > 0 && watchSeconds === 0 ? [`Nothing watches ${name} after 100 %: watchSeconds is 0.`] : [];
  const unrehearsed =
    provider === 'command' && commands !== undefined && commands.rehearse === undefined
      ? [`The way back of ${name} cannot be rehearsed: there is no commands.rehearse.`]
      : [];
  return [...unwatched, ...blind, ...unseen, ...after, ...unrehearsed];
}

/** Whether a metric can say that a version is bad: a probe speaks for itself, everything else needs something to be held to. */
export function canJudge({ kind, baseline, threshold }: MetricSpec): boolean {
  return kind === 'probe' || baseline !== undefined || threshold?.max !== undefined || threshold?.min !== undefined;
}
