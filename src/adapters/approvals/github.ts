import { HumanError, isHumanError, isVendorError } from '../../core/errors';
import { cleanLine, cleanText } from '../../core/findings/cleanText';
import type { Approval } from '../../core/model/approval';
import type { Approvals, Change, Provider, Task } from '../../core/ports';
import type { GitHubApi, GitHubCall } from '../clients/github';
import { connectGitHub } from '../clients/githubConnection';
import type { GitHubConnectionOptions } from '../clients/githubConnection';
import { getPull } from '../clients/githubPulls';
import { createReview, listReviews, mayWrite, readChanges } from '../clients/githubReviews';
import type { GitHubReview, ReviewEvent } from '../clients/githubReviews';

export const githubApprovalsProvider: Provider = {
  id: 'github',
  displayName: 'GitHub reviews',
  url: 'https://docs.github.com/rest/pulls/reviews',
  capabilities: ['approvals', 'reviews', 'approve'],
};

export type GithubApprovalsOptions = GitHubConnectionOptions;

const states: Readonly<Record<string, Approval['state']>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  DISMISSED: 'dismissed',
  COMMENTED: 'commented',
};

/**
 * Reviews of a pull request as GitHub counts them (docs.github.com: about pull request reviews, about protected branches): the
 * latest review of each person that is not a mere comment; only of people who may write; bound to the diff it was given for.
 */
export function createGithubApprovals(options: GithubApprovalsOptions): Approvals {
  return new GitHubApprovals(options);
}

class GitHubApprovals implements Approvals {
  readonly id = githubApprovalsProvider.id;
  readonly displayName = githubApprovalsProvider.displayName;
  readonly url = githubApprovalsProvider.url;
  readonly capabilities = githubApprovalsProvider.capabilities;

  constructor(private readonly options: GithubApprovalsOptions) {}

  async read(change: Change, task: Task = {}): Promise<readonly Approval[]> {
    const { api } = await connectGitHub(this.options, task.signal);
    const call: GitHubCall = { signal: task.signal };
    const reviews = decisive(await listReviews(api, change.number, call));
    const diffs = new DiffHashes(api, change, call);
    const approvals: Approval[] = [];
    for (const review of reviews) {
      const state = states[review.state] ?? 'commented';
      const counts = state === 'commented' || (await isWriter(api, review, call));
      approvals.push({
        kind: 'person',
        by: review.user?.login ?? 'ghost',
        source: 'github',
        // GitHub shows the review of somebody who may not write, and counts it for nothing.
        state: counts ? state : 'commented',
        // A request for changes stands until the same person approves or somebody dismisses it, whatever is pushed.
        diffHash: state === 'approved' ? await diffs.of(review.commit_id) : change.diffHash,
        at: instantOf(review.submitted_at),
        ...comment(review, counts),
      });
    }
    return approvals;
  }

  async approve(change: Change, approval: Omit<Approval, 'at'>, task: Task = {}): Promise<void> {
    if (approval.kind !== 'person')
      throw new HumanError('GitHub keeps reviews of people only: an approval by rule or by the author alone is not given there.');
    if (approval.state === 'dismissed') throw new HumanError('Reviews are dismissed at GitHub, on the page of the pull request.');
    const { api } = await connectGitHub(this.options, task.signal);
    const call: GitHubCall = { signal: task.signal };
    const pull = await getPull(api, change.number, task.signal);
    if (!pull) throw new HumanError(`GitHub has no pull request #${change.number}.`);
    if (pull.head.sha !== change.headCommit || approval.diffHash !== change.diffHash)
      throw new HumanError(
        `Pull request #${change.number} is not at the commit that was looked at (${change.headCommit.slice(0, 8)}) any more: look at it anew before you approve.`,
      );
    const event: ReviewEvent =
      approval.state === 'approved' ? 'APPROVE' : approval.state === 'commented' ? 'COMMENT' : 'REQUEST_CHANGES';
    const before = (await listReviews(api, change.number, call)).map(({ id }) => id);
    try {
      const body = approval.comment ?? (event === 'APPROVE' ? '' : 'See the patch in Patchline.');
      await createReview(api, change.number, { commit_id: change.headCommit, event, ...(body === '' ? {} : { body }) }, call);
    } catch (error) {
      if (isHumanError(error) && /your own pull request/i.test(error.message))
        throw new HumanError(`GitHub lets nobody review their own pull request: somebody else must approve #${change.number}.`);
      if (!isVendorError(error) || !error.options.retryable) throw error;
      // The answer was lost, not perhaps the review.
      const now = await listReviews(api, change.number, call);
      const mine = now.some(
        (each) => !before.includes(each.id) && each.commit_id === change.headCommit && stateOfEvent[event] === each.state,
      );
      if (!mine) throw error;
    }
  }
}

const stateOfEvent: Readonly<Record<ReviewEvent, string>> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
};

/** Per person the latest review that is no mere comment, else the latest comment; reviews not handed in are nobody's business. */
function decisive(reviews: readonly GitHubReview[]): readonly GitHubReview[] {
  const latest = new Map<string, GitHubReview>();
  const inOrder = [...reviews].sort((a, b) => {
    const [first, second] = [a.submitted_at ?? '', b.submitted_at ?? ''];
    return first === second ? a.id - b.id : first < second ? -1 : 1;
  });
  for (const review of inOrder) {
    if (review.state === 'PENDING') continue;
    // An account that is gone has no login; each of its reviews stands for itself.
    const who = review.user?.login.toLowerCase() ?? `ghost ${review.id}`;
    const before = latest.get(who);
    const mere = !['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(review.state);
    if (mere && before !== undefined && before.state !== 'COMMENTED') continue;
    latest.set(who, review);
  }
  return [...latest.values()];
}

/** GitHub's own word where it gives it, else the association that stands in the review. */
async function isWriter(api: GitHubApi, review: GitHubReview, call: GitHubCall): Promise<boolean> {
  if (review.user === null) return false;
  const said = await mayWrite(api, review.user.login, call);
  return said ?? ['OWNER', 'MEMBER', 'COLLABORATOR'].includes(review.author_association);
}

function comment(review: GitHubReview, counts: boolean): { readonly comment?: string } {
  const why = counts
    ? ''
    : `(${cleanLine(review.state.toLowerCase().replaceAll('_', ' '), 40)}, but without write access: does not count)`;
  const text = [why, cleanText(review.body ?? '', 4000).trim()].filter((part) => part !== '').join(' ');
  return text === '' ? {} : { comment: text };
}

/** Which diff a review was given for: the change's own where it is the head, or another commit with the same diff. */
class DiffHashes {
  private readonly known = new Map<string, string>();
  private looked = 0;

  constructor(
    private readonly api: GitHubApi,
    private readonly change: Change,
    private readonly call: GitHubCall,
  ) {}

  /** The change's hash, or the commit's id, which is the hash of no diff: so the review is passed over. */
  async of(commit: string | null): Promise<string> {
    const { headCommit, diffHash } = this.change;
    if (commit === headCommit) return diffHash;
    if (commit === null) return 'no commit';
    const known = this.known.get(commit) ?? ((await this.sameDiff(commit)) ? diffHash : commit);
    this.known.set(commit, known);
    return known;
  }

  private async sameDiff(commit: string): Promise<boolean> {
    // A long history of pushes is not worth a request each: what is not looked at does not count.
    if (this.looked++ >= 5) return false;
    const { base, headCommit } = this.change;
    const then = await readChanges(this.api, base, commit, this.call);
    return then !== undefined && then === (await readChanges(this.api, base, headCommit, this.call));
  }
}

/** GitHub writes whole seconds; the log's instants have milliseconds. Empty where there is none: a pending review has no time. */
function instantOf(at: string | null | undefined): string {
  const time = Date.parse(at ?? '');
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}
