import * as v from 'valibot';
import type { GitHubApi, GitHubCall } from './github';

const deploymentSchema = v.object({
  id: v.number(),
  sha: v.string(),
  ref: v.string(),
  task: v.string(),
  environment: v.string(),
  /** An object, or text that may hold one. */
  payload: v.unknown(),
  created_at: v.string(),
});
const statusSchema = v.object({
  id: v.number(),
  /** error, failure, inactive, pending, success, queued, in_progress. */
  state: v.string(),
  description: v.optional(v.string(), ''),
  log_url: v.nullish(v.string()),
  created_at: v.string(),
});
const repositorySchema = v.object({
  archived: v.optional(v.boolean(), false),
  permissions: v.optional(v.object({ push: v.optional(v.boolean(), false) })),
});

export type GitHubDeployment = v.InferOutput<typeof deploymentSchema>;
export type GitHubDeploymentStatus = v.InferOutput<typeof statusSchema>;

export interface DeploymentRequest {
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly description: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const needs = '"Deployments" with write access (classic: the scope repo_deployment)';
/** How far back is looked for a deployment: pages of 100. */
const pagesBack = 5;

/** Deployments to an environment, newest first, at most 500. */
export async function listDeployments(
  api: GitHubApi,
  environment: string,
  call: GitHubCall,
): Promise<readonly GitHubDeployment[]> {
  const all: GitHubDeployment[] = [];
  for (let page = 1; page <= pagesBack; page++) {
    const part = await api.call(
      v.array(deploymentSchema),
      (octokit, request) => octokit.rest.repos.listDeployments({ ...api.repository, environment, per_page: 100, page, request }),
      { ...call, needs },
    );
    all.push(...part.filter((each) => each.environment === environment));
    if (part.length < 100) break;
  }
  return all.sort((a, b) => b.id - a.id);
}

/**
 * Makes a deployment; never twice by itself. Its checks are not asked for again: what had to pass did before the merge, and
 * GitHub would refuse a merge commit whose own checks still run.
 */
export async function createDeployment(
  api: GitHubApi,
  deployment: DeploymentRequest,
  call: GitHubCall,
): Promise<GitHubDeployment> {
  return api.call(
    deploymentSchema,
    (octokit, request) =>
      octokit.rest.repos.createDeployment({
        ...api.repository,
        ...deployment,
        auto_merge: false,
        required_contexts: [],
        request,
      }) as ReturnType<typeof octokit.request>,
    { ...call, what: 'the deployment', needs, again: false },
  );
}

/** Statuses of a deployment, newest first: the first one counts. */
export async function listDeploymentStatuses(
  api: GitHubApi,
  deployment_id: number,
  call: GitHubCall,
): Promise<readonly GitHubDeploymentStatus[]> {
  const all = await api.list(
    v.array(statusSchema),
    (octokit, request, page) => octokit.rest.repos.listDeploymentStatuses({ ...api.repository, deployment_id, ...page, request }),
    { ...call, needs },
  );
  return [...all].sort((a, b) => b.id - a.id);
}

/** Says that a later deployment replaced this one; what else there is to say of it is the team's workflow's to say. */
export async function createDeploymentStatus(
  api: GitHubApi,
  deployment_id: number,
  status: { readonly state: 'inactive'; readonly description: string },
  call: GitHubCall,
): Promise<void> {
  await api.call(
    statusSchema,
    (octokit, request) =>
      octokit.rest.repos.createDeploymentStatus({
        ...api.repository,
        deployment_id,
        ...status,
        // GitHub's own automatism would also end what other services have in the environment.
        auto_inactive: false,
        request,
      }),
    { ...call, what: 'the status of the deployment', needs, again: false },
  );
}

/** What keeps the token's person from deploying this repository; undefined when nothing does. */
export async function deploymentObstacle(api: GitHubApi, call: GitHubCall): Promise<string | undefined> {
  const repository = await api.call(
    repositorySchema,
    (octokit, request) => octokit.rest.repos.get({ ...api.repository, request }),
    call,
  );
  const name = `${api.repository.owner}/${api.repository.repo}`;
  if (repository.archived) return `${name} is archived: nothing can be deployed from it.`;
  // Absent for some kinds of tokens, whose own rights GitHub does not tell: then the first deployment shows it.
  if (repository.permissions?.push === false)
    return `You may not deploy ${name}: it takes write access, and a token with ${needs}.`;
  return undefined;
}
