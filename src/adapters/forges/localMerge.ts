import { HumanError, VendorError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import { mergeTrees, runGitIn } from '../clients/mergeTrees';

/** Who made a commit. */
export interface MergePeople {
  readonly author: { readonly name: string; readonly email: string };
  readonly committer: { readonly name: string; readonly email: string };
}

/** Everything here takes a repository by its own folder: a bare one, or `.git`. */

/** The commit a branch stands at; undefined where there is no such branch. */
export async function branchTip(repository: string, branch: string, signal?: AbortSignal): Promise<string | undefined> {
  const { exitCode, stdout } = await runGitIn(repository, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`], {
    signal,
    exitCodes: [0, 1, 128],
  });
  return exitCode === 0 ? stdout.trim() : undefined;
}

export async function isIn(repository: string, older: string, newer: string, signal?: AbortSignal): Promise<boolean> {
  // 128: one of the two is not in this repository.
  const args = ['merge-base', '--is-ancestor', older, newer];
  return (await runGitIn(repository, args, { signal, exitCodes: [0, 1, 128] })).exitCode === 0;
}

/**
 * The commit by which `head` came into the branch that stands at `tip`: the merge whose further parent it is, or itself where
 * the branch was moved onto it. Undefined when it is not in there.
 */
export async function findLanding(
  repository: string,
  head: string,
  tip: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (!(await isIn(repository, head, tip, signal))) return undefined;
  const { stdout } = await runGitIn(repository, ['rev-list', '--first-parent', '--merges', '--parents', `${head}..${tip}`], {
    signal,
  });
  const merges = stdout.split('\n').map((line) => line.split(' '));
  return merges.findLast(([, , ...further]) => further.includes(head))?.[0] ?? head;
}

/**
 * A merge commit of two commits (`onto` is its first parent), on no branch yet; always a commit of its own, so that there is one
 * to revert.
 * @throws HumanError naming the files in which the two contradict each other
 */
export async function commitMerge(
  repository: string,
  request: {
    readonly onto: string;
    readonly head: string;
    readonly message: string;
    readonly people: MergePeople;
    /** Says whose conflict it is and what to do: `… in a.js, b.js. <advice>`. */
    readonly conflict: { readonly what: string; readonly advice: string };
  },
  signal?: AbortSignal,
): Promise<string> {
  const { onto, head, message, people, conflict } = request;
  const merged = await mergeTrees(repository, onto, head, { signal });
  if ('conflicts' in merged) {
    const shown = merged.conflicts.slice(0, 5).map((path) => cleanLine(path, 200));
    const more = merged.conflicts.length - shown.length;
    const names = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    throw new HumanError(`${conflict.what} in ${names === '' ? 'the files they change' : names}. ${conflict.advice}`);
  }
  const args = ['-c', 'i18n.commitEncoding=UTF-8', 'commit-tree', merged.tree, '-p', onto, '-p', head];
  const { stdout } = await runGitIn(repository, [...args, '--no-gpg-sign', '-F', '-'], {
    signal,
    input: message,
    env: {
      GIT_AUTHOR_NAME: people.author.name,
      GIT_AUTHOR_EMAIL: people.author.email,
      GIT_COMMITTER_NAME: people.committer.name,
      GIT_COMMITTER_EMAIL: people.committer.email,
    },
  });
  return stdout.trim();
}

/** Moves a branch if it still stands where it was looked at. @returns false when it does not */
export async function moveBranch(repository: string, branch: string, to: string, from: string): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  const result = await runGitIn(repository, ['update-ref', '-m', 'patchline: merge', ref, to, from], { exitCodes: [0, 1, 128] });
  if (result.exitCode === 0) return true;
  if ((await branchTip(repository, branch)) === from && !/lock/.test(result.stderr))
    throw new VendorError('git', `${ref} could not be moved: ${cleanLine(result.stderr, 300)}`, { retryable: false });
  return false;
}
