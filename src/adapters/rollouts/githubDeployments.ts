import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError, HumanError, VendorError, isHumanError, isVendorError, messageOf } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { ServicePolicy } from '../../core/model/policy';
import type { RolloutAction, RolloutPlan } from '../../core/model/rollout';
import type { Provider, RolloutProvider, Task } from '../../core/ports';
import type { GitHubApi, GitHubCall } from '../clients/github';
import { connectGitHub } from '../clients/githubConnection';
import type { GitHubConnectionOptions } from '../clients/githubConnection';
import { makePayload, withPayload } from '../clients/githubDeploymentPayload';
import type { PreviousVersion, ReadDeployment } from '../clients/githubDeploymentPayload';
import {
  createDeployment,
  createDeploymentStatus,
  deploymentObstacle,
  listDeploymentStatuses,
  listDeployments,
} from '../clients/githubDeployments';
import type { GitHubDeployment, GitHubDeploymentStatus } from '../clients/githubDeployments';

export const githubDeploymentsProvider: Provider = {
  id: 'github-deployments',
  displayName: 'GitHub deployments',
  url: 'https://docs.github.com/rest/deployments/deployments',
  capabilities: ['roll-back', 'canary', 'blue-green', 'rolling', 'flag', 'observe'],
};

export interface GithubDeploymentsOptions extends GitHubConnectionOptions {
  /** Seconds until a workflow must have said anything about a deployment; default 180. */
  readonly answerSeconds?: number;
  /** Seconds until it must have ended; default 900. */
  readonly timeoutSeconds?: number;
}

/**
 * Rollouts by way of GitHub deployments. GitHub shifts no traffic: a workflow of the team does, that runs `on: deployment`.
 *
 * Every action is one deployment, found again by `payload.key`, so that it is made once however often it is told. Its task is
 * `deploy:SERVICE`, its environment that of the plan, its commit the version it is about, and its payload
 *
 *     { "patchline": 1, "key", "run", "attempt", "service", "action": "step" | "promote" | "roll-back",
 *       "step"?, "weight", "digest"?, "artifact"?, "previous"?: { "id", "sha", "digest"? } }
 *
 * `weight` is the percent of the traffic that the deployment's own commit is to get. So a workflow that reads nothing else does
 * the right thing in every case: a step gives the new commit its weight, promote gives it 100, and roll-back is a deployment of
 * the commit that served before, with 100. The workflow reports with deployment statuses on `github.event.deployment.id`:
 * `in_progress` when it begins, `success` once the traffic is as asked, `failure` or `error` when it is not. The newest status
 * counts. `success` says that the traffic was set and nothing of health, which is for the metrics. Steps of one environment
 * belong into one `concurrency` group of the workflow. A deployment that a later one replaced is marked `inactive`, which is no
 * failure; that is also why a former version with `success` below `inactive` is a way back.
 */
export function createGithubDeployments(options: GithubDeploymentsOptions): RolloutProvider {
  return new GitHubDeployments(options);
}

/** docs.github.com/rest/deployments/statuses: descriptions are short. */
const descriptionLimit = 140;
/** Former deployments that are looked at for a way back, or for what serves. */
const lookBack = 20;
const failedStates = new Set(['failure', 'error']);

class GitHubDeployments implements RolloutProvider {
  readonly id = githubDeploymentsProvider.id;
  readonly displayName = githubDeploymentsProvider.displayName;
  readonly url = githubDeploymentsProvider.url;
  readonly capabilities = githubDeploymentsProvider.capabilities;

  constructor(private readonly options: GithubDeploymentsOptions) {}

  async problems(plan: RolloutPlan, _service: ServicePolicy, task: Task = {}): Promise<readonly string[]> {
    const call: GitHubCall = { signal: task.signal };
    try {
      const { api } = await connectGitHub(this.options, task.signal);
      const obstacle = await deploymentObstacle(api, call);
      if (obstacle !== undefined) return [obstacle];
      const all = await this.deployments(api, plan, call);
      return (await wayBack(api, all, plan, call)) === undefined ? [noWayBack(plan)] : [];
    } catch (error) {
      if (isHumanError(error)) return [error.message];
      throw error;
    }
  }

  async act(
    plan: RolloutPlan,
    _service: ServicePolicy,
    action: RolloutAction,
    call: Task & { readonly key: string; readonly retry: boolean },
  ): Promise<{ readonly summary: string; readonly log?: string }> {
    const { api } = await connectGitHub(this.options, call.signal);
    const with_: GitHubCall = { signal: call.signal };
    const all = await this.deployments(api, plan, with_);
    const own = all.filter((each) => isOf(each, plan));
    const previous = own.findLast(({ ours }) => ours?.previous)?.ours?.previous ?? (await wayBack(api, all, plan, with_));
    if (action.kind === 'rehearse') return rehearsed(plan, previous);
    if (action.kind === 'roll-back' && own.length === 0)
      return { summary: `Nothing of this rollout was deployed to ${plan.environment}: there is nothing to take back.` };
    if (previous === undefined) throw new HumanError(noWayBack(plan));

    const payload = makePayload(plan, action, call.key, previous);
    const told = own.find(({ ours }) => ours?.key === call.key)?.deployment;
    const before = told === undefined ? [] : await listDeploymentStatuses(api, told.id, with_);
    if (told !== undefined && hasSucceeded(before)) return { summary: sentence(action, plan, told, 'was done already') };
    const again = told === undefined || (call.retry && failedStates.has(before[0]?.state ?? ''));
    call.onProgress?.(`Deploying to ${plan.environment}: ${describe(action)}`);
    const request = {
      ref: action.kind === 'roll-back' ? previous.sha : plan.artifact.commit,
      task: taskOf(plan),
      environment: plan.environment,
      description: cleanLine(`${plan.service}: ${describe(action)}`, descriptionLimit),
      payload,
    };
    const deployment = again ? await this.make(api, plan, request, told?.id ?? 0, with_) : told;
    const status = await this.settled(api, deployment, call);
    const left = await retire(api, action.kind === 'step' ? own : all, deployment, reasonOf(action), with_);
    const summary = `${sentence(action, plan, deployment, 'is done')}${left}`;
    const said = cleanLine(status.description, 500);
    return { summary, ...(said === '' ? {} : { log: said }) };
  }

  async observe(
    plan: RolloutPlan,
    _service: ServicePolicy,
    task: Task = {},
  ): Promise<{ readonly weight?: number; readonly sha256?: string; readonly healthy?: boolean } | undefined> {
    const { api } = await connectGitHub(this.options, task.signal);
    const call: GitHubCall = { signal: task.signal };
    let failed = false;
    for (const each of (await this.deployments(api, plan, call)).slice(0, lookBack)) {
      const state = (await listDeploymentStatuses(api, each.deployment.id, call))[0]?.state ?? '';
      if (failedStates.has(state)) failed ||= isOf(each, plan);
      if (state !== 'success') continue;
      const { ours } = each;
      const forward = isOf(each, plan) && ours?.action !== 'roll-back';
      return {
        weight: forward ? (ours?.weight ?? 0) : 0,
        ...(ours?.digest === undefined ? {} : { sha256: ours.digest }),
        // That the traffic was set says nothing of health; that it could not be set does.
        ...(failed ? { healthy: false } : {}),
      };
    }
    return failed ? { healthy: false } : undefined;
  }

  /** Those of the service, newest first: its own, and those that the team made otherwise in the environment. */
  private async deployments(api: GitHubApi, plan: RolloutPlan, call: GitHubCall): Promise<readonly ReadDeployment[]> {
    const all = (await listDeployments(api, plan.environment, call)).map(withPayload);
    return all.filter(({ deployment, ours }) => deployment.task === taskOf(plan) || (deployment.task === 'deploy' && !ours));
  }

  /** A lost answer is no reason for a second deployment. */
  private async make(
    api: GitHubApi,
    plan: RolloutPlan,
    request: Parameters<typeof createDeployment>[1] & { readonly payload: { readonly key: string } },
    after: number,
    call: GitHubCall,
  ): Promise<GitHubDeployment> {
    try {
      return await createDeployment(api, request, call);
    } catch (error) {
      if (!isVendorError(error) || !error.options.retryable) throw error;
      const made = (await this.deployments(api, plan, call)).find(
        ({ deployment, ours }) => deployment.id > after && ours?.key === request.payload.key,
      );
      if (made === undefined) throw error;
      return made.deployment;
    }
  }

  /** Waits for the team's workflow; asks less often the longer it takes, and each time with a condition. */
  private async settled(api: GitHubApi, deployment: GitHubDeployment, task: Task): Promise<GitHubDeploymentStatus> {
    const { answerSeconds = 180, timeoutSeconds = 900, secondMs = 1000 } = this.options;
    const named = `Deployment ${deployment.id} to ${deployment.environment}`;
    let waited = 0;
    for (let pause = 2; ; pause = Math.min(15, pause * 1.5)) {
      const statuses = await listDeploymentStatuses(api, deployment.id, { signal: task.signal });
      const newest = statuses[0];
      if (newest !== undefined && (newest.state === 'success' || hasSucceeded(statuses))) return newest;
      const said = cleanLine(newest?.description ?? '', 300);
      if (newest !== undefined && failedStates.has(newest.state))
        throw new VendorError('github', `${named} ended with ${newest.state}${said === '' ? '.' : `: ${said}`}`, {
          retryable: true,
        });
      if (newest?.state === 'inactive')
        throw new HumanError(`${named} was ended by somebody else before it succeeded: look at the environment at GitHub.`);
      if (newest === undefined && waited >= answerSeconds)
        throw new HumanError(
          `No workflow answered deployment ${deployment.id} to ${deployment.environment} within ${answerSeconds} s. It takes a workflow that runs on: deployment, sets the traffic, and reports the deployment’s status.`,
        );
      if (waited >= timeoutSeconds)
        throw new VendorError('github', `${named} is still ${newest?.state ?? 'not begun'} after ${timeoutSeconds} s.`, {
          retryable: true,
        });
      task.onProgress?.(
        `${named}: ${newest === undefined ? 'waiting for a workflow' : newest.state}${said === '' ? '' : `, ${said}`}`,
      );
      await pauseFor(pause * secondMs, task.signal);
      waited += pause;
    }
  }
}

function taskOf(plan: RolloutPlan): string {
  return `deploy:${plan.service}`;
}

function isOf({ ours }: ReadDeployment, plan: RolloutPlan): boolean {
  return ours !== undefined && ours.run === plan.run && ours.attempt === plan.attempt && ours.service === plan.service;
}

/** `inactive` above a `success`: a later deployment replaced it. */
function hasSucceeded(statuses: readonly GitHubDeploymentStatus[]): boolean {
  const newest = statuses[0]?.state;
  return newest === 'success' || (newest === 'inactive' && statuses.some(({ state }) => state === 'success'));
}

/** The newest version that served all of the traffic before this rollout and was not itself taken back. */
async function wayBack(
  api: GitHubApi,
  all: readonly ReadDeployment[],
  plan: RolloutPlan,
  call: GitHubCall,
): Promise<PreviousVersion | undefined> {
  const rollout = ({ ours }: ReadDeployment): string => `${ours?.run} ${ours?.attempt}`;
  const takenBack = new Set(all.filter(({ ours }) => ours?.action === 'roll-back').map(rollout));
  const candidates = all.filter((each) => {
    const { deployment, ours } = each;
    if (isOf(each, plan) || deployment.sha === plan.artifact.commit) return false;
    return ours === undefined || ours.action === 'roll-back' || (ours.weight === 100 && !takenBack.has(rollout(each)));
  });
  for (const { deployment, ours } of candidates.slice(0, lookBack)) {
    if (!hasSucceeded(await listDeploymentStatuses(api, deployment.id, call))) continue;
    const { id, sha } = deployment;
    return { id, sha, ...(ours?.digest === undefined ? {} : { digest: ours.digest }) };
  }
  return undefined;
}

function noWayBack(plan: RolloutPlan): string {
  return `There is no earlier successful deployment of ${plan.service} to ${plan.environment} to go back to: deploy the version that serves now once, so that GitHub knows it.`;
}

function rehearsed(plan: RolloutPlan, previous: PreviousVersion | undefined): { readonly summary: string } {
  if (previous === undefined) throw new HumanError(noWayBack(plan));
  return {
    summary: `The way back is known, and nothing was deployed to try it: ${previous.sha.slice(0, 8)}, which deployment ${previous.id} brought to ${plan.environment}.`,
  };
}

/** Marks what a newer deployment replaced. The action itself is done: what cannot be marked is said, and does not undo it. */
async function retire(
  api: GitHubApi,
  older: readonly ReadDeployment[],
  by: GitHubDeployment,
  description: string,
  call: GitHubCall,
): Promise<string> {
  const failures: string[] = [];
  for (const { deployment } of older.slice(0, lookBack)) {
    if (deployment.id >= by.id) continue;
    try {
      const newest = (await listDeploymentStatuses(api, deployment.id, call))[0]?.state;
      if (newest === 'success') await createDeploymentStatus(api, deployment.id, { state: 'inactive', description }, call);
    } catch (error) {
      if (!isHumanError(error) && !isVendorError(error)) throw error;
      failures.push(`deployment ${deployment.id} could not be marked inactive: ${messageOf(error)}`);
    }
  }
  return failures.length === 0 ? '' : ` (${failures.join('; ')})`;
}

function describe(action: Exclude<RolloutAction, { readonly kind: 'rehearse' }>): string {
  if (action.kind === 'step') return `step ${action.step + 1}, ${action.weight} % of the traffic`;
  return action.kind === 'promote' ? 'all traffic, the old version may go' : `back to the version before: ${action.why}`;
}

function reasonOf(action: Exclude<RolloutAction, { readonly kind: 'rehearse' }>): string {
  const text = action.kind === 'roll-back' ? `Taken back: ${action.why}` : `Replaced: ${describe(action)}`;
  return cleanLine(text, descriptionLimit);
}

function sentence(
  action: Exclude<RolloutAction, { readonly kind: 'rehearse' }>,
  plan: RolloutPlan,
  { id, sha }: GitHubDeployment,
  end: string,
): string {
  return cleanLine(`Deployment ${id} of ${sha.slice(0, 8)} to ${plan.environment} ${end}: ${describe(action)}`, 500);
}

async function pauseFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted) throw new CancelledError();
    throw error;
  }
}
