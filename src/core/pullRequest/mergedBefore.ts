import { HumanError } from '../errors';
import type { PullRequestRequest } from '../ports';

/**
 * Why no pull request is opened for a commit that one brought in already. A second one would merge nothing, or the same change once
 * more; and where it was taken back since, the branch holds the commit and yet not the fix.
 *
 * @param name - of the pull request that was merged, after the words "pull request"
 */
export function mergedBefore(name: string, { headCommit, base }: Pick<PullRequestRequest, 'headCommit' | 'base'>): HumanError {
  return new HumanError(
    `Exactly this fix (${headCommit.slice(0, 8)}) was merged already, by pull request ${name}. Pull ${base} and scan again; where the finding is still there, generate the fix anew.`,
  );
}
