import * as v from 'valibot';
import type { GitHubApi, GitHubCall } from './github';

const reviewSchema = v.object({
  id: v.number(),
  user: v.nullable(v.object({ login: v.string() })),
  body: v.nullish(v.string()),
  /** APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED, PENDING. */
  state: v.string(),
  commit_id: v.nullable(v.string()),
  submitted_at: v.nullish(v.string()),
  author_association: v.optional(v.string(), 'NONE'),
});
const permissionSchema = v.object({ permission: v.string() });
const comparisonSchema = v.object({
  files: v.optional(
    v.array(
      v.object({
        filename: v.string(),
        status: v.string(),
        previous_filename: v.optional(v.string()),
        patch: v.optional(v.string()),
      }),
    ),
    [],
  ),
});

export type GitHubReview = v.InferOutput<typeof reviewSchema>;
export type ReviewEvent = 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT';

/** GitHub lists at most this many files of a comparison. */
const maxComparedFiles = 300;

/** All reviews of a pull request, oldest first. */
export async function listReviews(api: GitHubApi, pull_number: number, call: GitHubCall): Promise<readonly GitHubReview[]> {
  return api.list(
    v.array(reviewSchema),
    (octokit, request, page) => octokit.rest.pulls.listReviews({ ...api.repository, pull_number, ...page, request }),
    call,
  );
}

/** Posts a review in the name of the token's person; never twice by itself. */
export async function createReview(
  api: GitHubApi,
  pull_number: number,
  review: { readonly commit_id: string; readonly event: ReviewEvent; readonly body?: string },
  call: GitHubCall,
): Promise<GitHubReview> {
  return api.call(
    reviewSchema,
    (octokit, request) => octokit.rest.pulls.createReview({ ...api.repository, pull_number, ...review, request }),
    { ...call, what: 'the review', needs: '"Pull requests" with write access (classic: the scope repo)', again: false },
  );
}

/**
 * Whether a person may write to the repository. Undefined where GitHub does not say: it tells only those who may push.
 * `write` and `admin` are the legacy words, which custom roles map to as well.
 */
export async function mayWrite(api: GitHubApi, username: string, call: GitHubCall): Promise<boolean | undefined> {
  const found = await api.find(
    permissionSchema,
    [403, 404],
    (octokit, request) => octokit.rest.repos.getCollaboratorPermissionLevel({ ...api.repository, username, request }),
    call,
  );
  return found && ['admin', 'write', 'maintain'].includes(found.permission);
}

/**
 * What a commit changes against where it left the base, as text that is the same for the same changes, also when the base moved
 * below them: line numbers are left out. Undefined where GitHub does not show all of it.
 */
export async function readChanges(api: GitHubApi, base: string, commit: string, call: GitHubCall): Promise<string | undefined> {
  const found = await api.find(
    comparisonSchema,
    [404],
    (octokit, request) =>
      octokit.rest.repos.compareCommitsWithBasehead({ ...api.repository, basehead: `${base}...${commit}`, request }),
    call,
  );
  if (found === undefined || found.files.length === 0 || found.files.length >= maxComparedFiles) return undefined;
  // A file without a patch is binary or too large: its content cannot be compared.
  if (found.files.some(({ patch }) => patch === undefined)) return undefined;
  return JSON.stringify(
    found.files.map((file) => ({ ...file, patch: (file.patch ?? '').replace(/^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@.*$/gm, '@@') })),
  );
}
