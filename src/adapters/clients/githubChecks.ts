import * as v from 'valibot';
import { isHumanError } from '../../core/errors';
import type { GitHubApi, GitHubCall } from './github';

const when = v.nullish(v.string());
const checkRunSchema = v.object({
  id: v.number(),
  name: v.string(),
  status: v.string(),
  conclusion: v.nullable(v.string()),
  started_at: when,
  completed_at: when,
  html_url: v.nullish(v.string()),
  output: v.nullish(v.object({ title: v.nullish(v.string()) })),
  check_suite: v.nullish(v.object({ id: v.number() })),
  app: v.nullish(v.object({ id: v.number(), slug: v.optional(v.string()) })),
});
const statusSchema = v.object({
  context: v.string(),
  state: v.string(),
  description: v.nullish(v.string()),
  target_url: v.nullish(v.string()),
  created_at: when,
  updated_at: when,
  avatar_url: v.nullish(v.string()),
});
const workflowRunSchema = v.object({
  id: v.number(),
  name: v.nullish(v.string()),
  workflow_id: v.number(),
  event: v.string(),
  head_sha: v.string(),
  run_number: v.number(),
  run_attempt: v.optional(v.number(), 1),
  check_suite_id: v.optional(v.number()),
  status: v.nullable(v.string()),
  conclusion: v.nullable(v.string()),
  html_url: v.string(),
  created_at: v.string(),
  updated_at: v.string(),
});
const artifactSchema = v.object({
  id: v.number(),
  name: v.string(),
  size_in_bytes: v.number(),
  expired: v.boolean(),
});
const listOf = <T>(key: string, item: v.GenericSchema<unknown, T>) =>
  v.pipe(
    v.looseObject({ [key]: v.array(item) }),
    v.transform((value) => value[key] as readonly T[]),
  );
const contextSchema = v.object({ context: v.string(), app_id: v.nullish(v.number()), integration_id: v.nullish(v.number()) });
const branchSchema = v.object({
  protected: v.boolean(),
  protection: v.optional(
    v.object({
      required_status_checks: v.nullish(
        v.object({ contexts: v.optional(v.array(v.string()), []), checks: v.optional(v.array(contextSchema), []) }),
      ),
    }),
  ),
});
const ruleSchema = v.object({
  type: v.string(),
  parameters: v.optional(v.object({ required_status_checks: v.optional(v.array(contextSchema), []) })),
});

export type GitHubCheckRun = v.InferOutput<typeof checkRunSchema>;
export type GitHubStatus = v.InferOutput<typeof statusSchema>;
export type GitHubWorkflowRun = v.InferOutput<typeof workflowRunSchema>;
export type GitHubArtifact = v.InferOutput<typeof artifactSchema>;

/** Rules that ask for checks without naming them (docs.github.com/repositories: available rules for rulesets). */
const unnamed = new Set(['workflows', 'code_scanning', 'code_quality', 'required_deployments']);

/** A check that must pass; `appId`: only as that app reports it. */
export interface GitHubRequiredCheck {
  readonly name: string;
  readonly appId?: number;
}

const needsActions = '"Actions" with write access (classic: the scope repo)';
const needsReading = '"Checks", "Commit statuses" and "Actions" with read access (classic: the scope repo)';

/** The latest check run of each name of each suite. */
export async function listCheckRuns(api: GitHubApi, ref: string, call: GitHubCall): Promise<readonly GitHubCheckRun[]> {
  return api.list(
    listOf('check_runs', checkRunSchema),
    (octokit, request, page) => octokit.rest.checks.listForRef({ ...api.repository, ref, filter: 'latest', ...page, request }),
    { ...call, needs: needsReading },
  );
}

/**
 * The latest status of each context. The combined state is not read: it is `pending` where there is no status at all, and knows
 * nothing of check runs.
 */
export async function listStatuses(api: GitHubApi, ref: string, call: GitHubCall): Promise<readonly GitHubStatus[]> {
  return api.list(
    listOf('statuses', statusSchema),
    (octokit, request, page) => octokit.rest.repos.getCombinedStatusForRef({ ...api.repository, ref, ...page, request }),
    { ...call, needs: needsReading },
  );
}

/**
 * The app that wrote a status; undefined for a person's, and where it cannot be told. The combined status names no author, only
 * their picture, which for an app lies under its id.
 */
export function appOfStatus({ avatar_url }: GitHubStatus): number | undefined {
  const id = /^https:\/\/[^?#]*\/in\/(\d{1,15})(?:[?#]|$)/.exec(avatar_url ?? '')?.[1];
  return id === undefined ? undefined : Number(id);
}

/** Workflow runs of a commit, newest first. */
export async function listWorkflowRuns(
  api: GitHubApi,
  head_sha: string,
  call: GitHubCall,
): Promise<readonly GitHubWorkflowRun[]> {
  const runs = await api.list(
    listOf('workflow_runs', workflowRunSchema),
    (octokit, request, page) => octokit.rest.actions.listWorkflowRunsForRepo({ ...api.repository, head_sha, ...page, request }),
    { ...call, needs: needsReading },
  );
  // An older server ignores a filter that it does not know.
  return runs.filter((run) => run.head_sha === head_sha);
}

/**
 * What branch protection and rulesets ask of a branch, both of which anybody who may read the repository can see.
 * `known` is false where GitHub would not say, or where a rule asks for more than checks that it names.
 */
export async function readRequiredChecks(
  api: GitHubApi,
  branch: string,
  call: GitHubCall,
): Promise<{ readonly known: boolean; readonly checks: readonly GitHubRequiredCheck[] }> {
  const protection = await api.find(
    branchSchema,
    [403, 404],
    (octokit, request) => octokit.rest.repos.getBranch({ ...api.repository, branch, request }),
    call,
  );
  const rules = await listRules(api, branch, call);
  const status = protection?.protection?.required_status_checks;
  const named = (status?.checks ?? []).map(({ context }) => context);
  const contexts = [
    ...(status?.checks ?? []),
    ...(status?.contexts ?? []).filter((context) => !named.includes(context)).map((context) => ({ context })),
    ...(rules ?? [])
      .filter(({ type }) => type === 'required_status_checks')
      .flatMap(({ parameters }) => parameters?.required_status_checks ?? []),
  ];
  const checks = contexts.map((each): GitHubRequiredCheck => {
    const { context, app_id, integration_id } = { app_id: undefined, integration_id: undefined, ...each };
    const appId = integration_id ?? app_id;
    // -1 and null: any source will do.
    return typeof appId === 'number' && appId > 0 ? { name: context, appId } : { name: context };
  });
  // A protected branch whose protection is left out of the answer has been hidden from us.
  const hidden = protection === undefined || (protection.protected && protection.protection === undefined);
  return { known: !hidden && rules !== undefined && !rules.some(({ type }) => unnamed.has(type)), checks };
}

async function listRules(
  api: GitHubApi,
  branch: string,
  call: GitHubCall,
): Promise<readonly v.InferOutput<typeof ruleSchema>[] | undefined> {
  const all: v.InferOutput<typeof ruleSchema>[] = [];
  for (let page = 1; page <= 10; page++) {
    const part = await api.find(
      v.array(ruleSchema),
      [403, 404],
      (octokit, request) => octokit.rest.repos.getBranchRules({ ...api.repository, branch, per_page: 100, page, request }),
      call,
    );
    if (part === undefined) return undefined;
    all.push(...part);
    if (part.length < 100) break;
  }
  return all;
}

/** Runs the failed jobs of a run and those that depend on them again, as a new attempt. @throws HumanError when GitHub will not */
export async function rerunFailedJobs(api: GitHubApi, run_id: number, call: GitHubCall): Promise<void> {
  await api.call(
    v.unknown(),
    (octokit, request) => octokit.rest.actions.reRunWorkflowFailedJobs({ ...api.repository, run_id, request }),
    { ...call, what: 'the re-run', needs: needsActions, again: false },
  );
}

/** Log of a job of GitHub Actions, whose check run has the same id; undefined while it runs and after it expired. */
export async function downloadJobLog(
  api: GitHubApi,
  job_id: number,
  maxBytes: number,
  call: GitHubCall,
): Promise<Uint8Array | undefined> {
  return api.download(
    (octokit, request) => octokit.rest.actions.downloadJobLogsForWorkflowRun({ ...api.repository, job_id, request }),
    maxBytes,
    { ...call, needs: needsReading },
  );
}

/** Artifacts of a run, newest first. */
export async function listArtifacts(api: GitHubApi, run_id: number, call: GitHubCall): Promise<readonly GitHubArtifact[]> {
  const all = await api.list(
    listOf('artifacts', artifactSchema),
    (octokit, request, page) => octokit.rest.actions.listWorkflowRunArtifacts({ ...api.repository, run_id, ...page, request }),
    { ...call, needs: needsReading },
  );
  return [...all].sort((a, b) => b.id - a.id);
}

/** The artifact as a zip archive; undefined when it expired. */
export async function downloadArtifact(
  api: GitHubApi,
  artifact_id: number,
  maxBytes: number,
  call: GitHubCall,
): Promise<Uint8Array | undefined> {
  return api.download(
    (octokit, request) =>
      octokit.rest.actions.downloadArtifact({ ...api.repository, artifact_id, archive_format: 'zip', request }),
    maxBytes,
    { ...call, needs: needsReading },
  );
}

/** True for GitHub's refusal to run a workflow again that is running (403 with that message). */
export function isRunningAlready(error: unknown): boolean {
  return isHumanError(error) && /already running/i.test(error.message);
}
