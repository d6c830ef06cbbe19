import { HumanError, VendorError } from '../../core/errors';
import { isOwnCommit } from '../../core/git/ownCommit';
import { branchNameProblem, isCommitId } from '../../core/git/refName';
import { findingTrailer, readTrailer } from '../../core/git/trailers';
import type { PullRequestRequest, Task } from '../../core/ports';
import { readCommit, runGit } from './git';
import { fetchBranch, pushCommit } from './simpleGit';

export interface PublishTarget {
  /** URL or path of the repository to push to. */
  readonly remote: string;
  /** As shown to people: `octocat/hello on github.com`. */
  readonly name: string;
  /** Carries credentials; never written anywhere. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * refuse: a base that the target does not have yet is an error, since pushing the branch would publish commits that the person
   * has not pushed; bring: the base branch is pushed first (for a repository that is ours alone).
   */
  readonly missingBase: 'refuse' | 'bring';
}

/**
 * Brings exactly one branch of the repository around `root` to the target. A branch there that is already so stays; one that
 * holds Patchline's own former commit is replaced; one with somebody's commits is refused. No other ref is pushed, no local
 * ref or remote-tracking branch changes.
 *
 * @throws HumanError where a person has to decide; VendorError when the target cannot be reached or says no.
 */
export async function publishBranch(
  root: string,
  target: PublishTarget,
  request: Pick<PullRequestRequest, 'branch' | 'base' | 'headCommit' | 'baseCommit'>,
  task: Task = {},
): Promise<void> {
  for (const branch of [request.branch, request.base]) {
    const problem = branchNameProblem(branch);
    if (problem !== undefined) throw new HumanError(`The branch cannot be named ${JSON.stringify(branch)}: ${problem}.`);
  }
  if (request.branch === request.base) throw new HumanError('A pull request needs a branch other than its base.');
  if (!isCommitId(request.headCommit) || !isCommitId(request.baseCommit))
    throw new HumanError('Full commit ids are needed to push.');

  task.onProgress?.(`Pushing ${request.branch} to ${target.name}`);
  const options = { ...task, ...(target.env === undefined ? {} : { env: target.env }) };
  const [tip, baseTip] = await remoteTips(root, target, [request.branch, request.base], task);
  await settleBase(root, target, request, baseTip, options);
  if (tip === request.headCommit) return;
  if (tip !== undefined) {
    if (!(await hasCommit(root, tip, task.signal))) await fetchBranch(root, target.remote, request.branch, options);
    const wanted = await readCommit(root, request.headCommit, task.signal);
    const there = await readCommit(root, tip, task.signal);
    if (!isOwnCommit(there, readTrailer(wanted.message, findingTrailer))) {
      throw new HumanError(
        `The branch ${request.branch} of ${target.name} holds commits that are not Patchline's (${tip.slice(0, 8)}): they stay. Merge or delete that branch, then try again.`,
      );
    }
  }
  await push(root, target, { commit: request.headCommit, branch: request.branch, expected: tip ?? '' }, options);
}

/** Another window may push the very same commit at the same time: what counts is that it is there afterwards. */
async function push(
  root: string,
  target: PublishTarget,
  what: { readonly commit: string; readonly branch: string; readonly expected: string },
  options: Task & { readonly env?: Readonly<Record<string, string>> },
): Promise<void> {
  try {
    await pushCommit(root, { remote: target.remote, ...what }, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const [now] = await remoteTips(root, target, [what.branch], options).catch(() => [undefined]);
    if (now !== what.commit) throw error;
  }
}

async function settleBase(
  root: string,
  target: PublishTarget,
  request: Pick<PullRequestRequest, 'base' | 'baseCommit'>,
  baseTip: string | undefined,
  options: Task & { readonly env?: Readonly<Record<string, string>> },
): Promise<void> {
  const { base, baseCommit } = request;
  if (baseTip === baseCommit) return;
  if (baseTip === undefined) {
    if (target.missingBase === 'refuse')
      throw new HumanError(`${target.name} has no branch ${base} to open a pull request against.`);
    return push(root, target, { commit: baseCommit, branch: base, expected: '' }, options);
  }
  if (!(await hasCommit(root, baseTip, options.signal))) await fetchBranch(root, target.remote, base, options);
  if (await isAncestor(root, baseCommit, baseTip, options.signal)) return;
  if (target.missingBase === 'bring') {
    return push(root, target, { commit: baseCommit, branch: base, expected: baseTip }, options);
  }
  throw new HumanError(
    `The commit ${baseCommit.slice(0, 8)} that the fix is based on is not in ${base} of ${target.name}. Push ${base} first: otherwise the pull request would publish your other commits.`,
  );
}

/** Where the branches point at the target; undefined for those that are not there. */
async function remoteTips(
  root: string,
  target: PublishTarget,
  branches: readonly string[],
  task: Task,
): Promise<readonly (string | undefined)[]> {
  const refs = branches.map((branch) => `refs/heads/${branch}`);
  const { stdout } = await runGit(['ls-remote', '--refs', '--', target.remote, ...refs], {
    cwd: root,
    signal: task.signal,
    timeoutMs: 60_000,
    ...(target.env === undefined ? {} : { env: target.env }),
  }).catch((error: unknown) => {
    throw pushError(error, target);
  });
  const tips = new Map(stdout.split('\n').map((line) => line.split('\t').reverse() as [string, string | undefined]));
  return refs.map((ref) => tips.get(ref));
}

function pushError(error: unknown, target: PublishTarget): unknown {
  if (!(error instanceof VendorError)) return error;
  if (/Authentication failed|could not read (?:Username|Password)|\b40[13]\b|terminal prompts disabled/.test(error.message)) {
    return new HumanError(
      `${target.name} does not let git in: the token is missing, expired or may not read and write contents.`,
    );
  }
  if (/not found|\b404\b|does not appear to be a git repository/i.test(error.message)) {
    return new HumanError(`${target.name} was not found by git, or the token cannot see it.`);
  }
  return new VendorError('git', error.message, { retryable: true, cause: error });
}

/** Whether the repository holds the commit. */
export async function hasCommit(root: string, commit: string, signal: AbortSignal | undefined): Promise<boolean> {
  const result = await runGit(['cat-file', '-e', `${commit}^{commit}`], { cwd: root, signal, exitCodes: [0, 1, 128] });
  return result.exitCode === 0;
}

async function isAncestor(root: string, older: string, newer: string, signal: AbortSignal | undefined): Promise<boolean> {
  const result = await runGit(['merge-base', '--is-ancestor', older, newer], { cwd: root, signal, exitCodes: [0, 1] });
  return result.exitCode === 0;
}
