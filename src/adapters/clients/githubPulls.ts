import * as v from 'valibot';
import { isHumanError } from '../../core/errors';
import type { GitHubApi } from './github';

/** Null where a fork was deleted. */
const repositorySchema = v.nullish(v.object({ id: v.number() }));
const pullSchema = v.object({
  number: v.number(),
  html_url: v.pipe(v.string(), v.url(), v.startsWith('http')),
  title: v.string(),
  body: v.nullable(v.string()),
  state: v.picklist(['open', 'closed']),
  merged_at: v.nullable(v.string()),
  merge_commit_sha: v.nullish(v.string()),
  mergeable: v.nullish(v.boolean()),
  /** `behind`, `blocked`, `clean`, `dirty`, `unstable` …; GitHub may add words. */
  mergeable_state: v.optional(v.string()),
  updated_at: v.optional(v.string()),
  head: v.object({ ref: v.string(), sha: v.string(), repo: repositorySchema }),
  base: v.object({ ref: v.string(), sha: v.string(), repo: repositorySchema }),
});
const mergedSchema = v.object({ merged: v.boolean(), sha: v.string(), message: v.string() });
const methodsSchema = v.object({
  allow_merge_commit: v.optional(v.boolean(), true),
  allow_squash_merge: v.optional(v.boolean(), true),
  allow_rebase_merge: v.optional(v.boolean(), true),
});
const branchSchema = v.object({ commit: v.object({ sha: v.string() }) });

/** What we read of a pull request. For an open one `merge_commit_sha` is the test merge with the base. */
export type GitHubPull = v.InferOutput<typeof pullSchema>;

type Signal = AbortSignal | undefined;

/** The pull requests of a branch of the repository itself, newest first. */
export async function listPulls(
  api: GitHubApi,
  branch: string,
  state: 'open' | 'closed',
  signal?: Signal,
): Promise<readonly GitHubPull[]> {
  const head = `${api.repository.owner}:${branch}`;
  const pulls = await api.list(
    v.array(pullSchema),
    (octokit, request, page) => octokit.rest.pulls.list({ ...api.repository, state, head, ...page, request }),
    { signal },
  );
  // `head` is a filter that GitHub ignores when it does not understand it: then every pull request comes back. And it names an
  // owner, who may have a fork of the repository beside it.
  return pulls.filter((pull) => pull.head.ref === branch && pull.head.repo?.id === pull.base.repo?.id);
}

/** Undefined when GitHub says that there is one for the branch already. */
export async function createPull(
  api: GitHubApi,
  pull: { readonly title: string; readonly body: string; readonly head: string; readonly base: string },
  signal?: Signal,
): Promise<GitHubPull | undefined> {
  try {
    return await api.call(pullSchema, (octokit, request) => octokit.rest.pulls.create({ ...api.repository, ...pull, request }), {
      signal,
    });
  } catch (error) {
    // Also after a retry: the first try may have arrived although its answer did not.
    if (isHumanError(error) && /a pull request already exists/i.test(error.message)) return undefined;
    throw error;
  }
}

export async function updatePull(
  api: GitHubApi,
  number: number,
  change: { readonly title?: string; readonly body?: string; readonly base?: string; readonly state?: 'open' | 'closed' },
  signal?: Signal,
): Promise<GitHubPull> {
  return api.call(
    pullSchema,
    (octokit, request) => octokit.rest.pulls.update({ ...api.repository, pull_number: number, ...change, request }),
    { signal },
  );
}

export async function getPull(api: GitHubApi, number: number, signal?: Signal): Promise<GitHubPull | undefined> {
  return api.find(
    pullSchema,
    [404],
    (octokit, request) => octokit.rest.pulls.get({ ...api.repository, pull_number: number, request }),
    { signal },
  );
}

export type MergeMethod = 'merge' | 'squash' | 'rebase';

/** The ways of merging that the repository's settings allow; those that GitHub does not tell of are taken for allowed. */
export async function listMergeMethods(api: GitHubApi, signal?: Signal): Promise<readonly MergeMethod[]> {
  const allowed = await api.call(methodsSchema, (octokit, request) => octokit.rest.repos.get({ ...api.repository, request }), {
    signal,
  });
  const methods: readonly (readonly [MergeMethod, boolean])[] = [
    ['merge', allowed.allow_merge_commit],
    ['squash', allowed.allow_squash_merge],
    ['rebase', allowed.allow_rebase_merge],
  ];
  return methods.filter(([, isAllowed]) => isAllowed).map(([method]) => method);
}

/** @throws VendorError with status 405 (not mergeable, or not in this way) or 409 (the head is another) */
export async function mergePull(
  api: GitHubApi,
  number: number,
  how: { readonly sha: string; readonly merge_method: MergeMethod },
  signal?: Signal,
): Promise<{ readonly sha: string }> {
  return api.call(
    mergedSchema,
    (octokit, request) => octokit.rest.pulls.merge({ ...api.repository, pull_number: number, ...how, request }),
    { signal, what: 'the merge' },
  );
}

/** Commit that a branch stands at; undefined when there is no such branch. */
export async function getBranchHead(api: GitHubApi, branch: string, signal?: Signal): Promise<string | undefined> {
  const found = await api.find(
    branchSchema,
    [404],
    (octokit, request) => octokit.rest.repos.getBranch({ ...api.repository, branch, request }),
    { signal },
  );
  return found?.commit.sha;
}
