import * as v from 'valibot';
import type { RolloutAction, RolloutPlan } from '../../core/model/rollout';
import type { GitHubDeployment } from './githubDeployments';

const previousSchema = v.object({ id: v.number(), sha: v.string(), digest: v.optional(v.string()) });
const payloadSchema = v.object({
  patchline: v.literal(1),
  key: v.string(),
  run: v.string(),
  attempt: v.number(),
  service: v.string(),
  action: v.picklist(['step', 'promote', 'roll-back']),
  step: v.optional(v.number()),
  weight: v.number(),
  digest: v.optional(v.string()),
  artifact: v.optional(v.string()),
  previous: v.optional(previousSchema),
});

/** What a deployment made here carries for the team's workflow, and for finding it again. */
export type DeploymentPayload = v.InferOutput<typeof payloadSchema>;

/** The version that served before: what is deployed to take a rollout back. */
export type PreviousVersion = v.InferOutput<typeof previousSchema>;

/** A deployment with its payload where that is ours; GitHub gives a payload back as an object or as text. */
export interface ReadDeployment {
  readonly deployment: GitHubDeployment;
  readonly ours?: DeploymentPayload;
}

export function withPayload(deployment: GitHubDeployment): ReadDeployment {
  let { payload } = deployment;
  if (typeof payload === 'string') {
    try {
      payload = JSON.parse(payload);
    } catch {
      // Any text may stand there: then it is not ours.
      return { deployment };
    }
  }
  const parsed = v.safeParse(payloadSchema, payload);
  return parsed.success ? { deployment, ours: parsed.output } : { deployment };
}

/** The payload of an action of a rollout. `weight` always is that of the version that the deployment's own commit is. */
export function makePayload(
  plan: RolloutPlan,
  action: Exclude<RolloutAction, { readonly kind: 'rehearse' }>,
  key: string,
  previous: PreviousVersion | undefined,
): DeploymentPayload {
  const { run, attempt, service, artifact } = plan;
  const common = { patchline: 1 as const, key, run, attempt, service, action: action.kind };
  const back = previous === undefined ? {} : { previous };
  if (action.kind === 'roll-back')
    return { ...common, weight: 100, ...(previous?.digest === undefined ? {} : { digest: previous.digest }), ...back };
  const step = action.kind === 'step' ? { step: action.step } : {};
  const weight = action.kind === 'step' ? action.weight : 100;
  return { ...common, ...step, weight, digest: artifact.sha256, artifact: artifact.uri, ...back };
}
