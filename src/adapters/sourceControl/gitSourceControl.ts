import { HumanError } from '../../core/errors';
import { isOwnCommit } from '../../core/git/ownCommit';
import { branchNameProblem, isCommitId } from '../../core/git/refName';
import { repositoryPathProblem } from '../../core/git/repositoryPath';
import { findingTrailer, readTrailer } from '../../core/git/trailers';
import type { CommitRequest, SourceControl, Task } from '../../core/ports';
import { readCommit, runGit } from '../clients/git';
import { changedPaths, readHistory } from '../clients/simpleGit';
import { readBaseTree } from './baseTree';
import { cleanContent } from './cleanContent';
import { readAuthorship, readBranch, readCommitSettings, findRepository } from './gitFacts';
import type { BranchFacts } from './gitFacts';
import { fastImport } from './fastImport';
import type { CommitData, CommitFile } from './fastImport';
import { commitTree, writeTree } from './indexCommit';

/**
 * The git repository around a workspace, which may be a folder below the repository's root. Commits are made beside the work
 * tree: neither files, nor index, nor HEAD, nor a checked-out branch ever change, and no hook of the repository runs.
 */
export class GitSourceControl implements SourceControl {
  constructor(private readonly workspaceRoot: string) {}

  async head(): Promise<{ readonly commit: string; readonly branch: string | undefined } | undefined> {
    const repository = await findRepository(this.workspaceRoot);
    if (!repository) return undefined;
    const [commit, branch] = await Promise.all([
      runGit(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { cwd: repository.root, exitCodes: [0, 1, 128] }),
      runGit(['symbolic-ref', '--quiet', '--short', 'HEAD'], { cwd: repository.root, exitCodes: [0, 1] }),
    ]);
    if (commit.exitCode !== 0) return undefined;
    return { commit: commit.stdout.trim(), branch: branch.exitCode === 0 ? branch.stdout.trim() : undefined };
  }

  /**
   * @throws HumanError for a branch name or path that git must not get, for a branch that is checked out or holds commits of
   * somebody else, for files that are already so in the base, and where git knows no author and may not guess one.
   */
  async commit(request: CommitRequest, task: Task = {}): Promise<{ readonly commit: string }> {
    const problem = branchNameProblem(request.branch);
    if (problem !== undefined) throw new HumanError(`The branch cannot be named ${JSON.stringify(request.branch)}: ${problem}.`);
    if (!isCommitId(request.baseCommit)) throw new HumanError('The base of a commit must be a full commit id.');
    if (request.message.trim() === '' || request.message.includes('\0'))
      throw new HumanError('The commit has no usable message.');
    const { root, prefix } = await this.repository();
    const texts = new Map<string, string>();
    for (const [path, text] of Object.entries(request.files)) texts.set(repositoryPath(prefix, path), text);
    if (texts.size === 0) throw new HumanError('There is nothing to commit.');

    const { signal } = task;
    task.onProgress?.(`Committing to ${request.branch}`);
    const [branch, settings, baseEntries, base, authorship] = await Promise.all([
      readBranch(root, request.branch, signal),
      readCommitSettings(root, signal),
      readBaseTree(root, request.baseCommit, [...texts.keys()], signal),
      readCommit(root, request.baseCommit, signal),
      readAuthorship(root, signal),
    ]);
    if (branch.checkedOutAt !== undefined) {
      throw new HumanError(
        `The branch ${request.branch} is checked out in ${branch.checkedOutAt} and is not moved from outside.`,
      );
    }
    if (branch.blockedBy !== undefined) {
      throw new HumanError(
        `The branch ${request.branch} cannot be made because there is a branch ${branch.blockedBy}: git keeps no branch below another.`,
      );
    }
    const contents = await cleanContent(root, texts, baseEntries, settings.autocrlf, signal);
    const files = new Map<string, CommitFile>();
    for (const [path, content] of contents) {
      if (baseEntries.get(path)?.id !== content.id) files.set(path, { mode: baseEntries.get(path)?.mode ?? '100644', content });
    }
    if (files.size === 0) throw new HumanError('There is nothing to commit: the files are already so in the base commit.');

    const data: CommitData = {
      base: request.baseCommit,
      files,
      message: `${request.message.trimEnd()}\n`,
      ...authorship,
      date: request.time === undefined ? base.committerDate : `${Math.floor(request.time)} +0000`,
    };
    if (branch.tip === undefined && !settings.sign) return { commit: await fastImport(root, request.branch, data, signal) };

    const tree = await writeTree(root, data, signal);
    if (branch.tip !== undefined) {
      const same = await this.sameCommit(root, branch.tip, tree, data, signal);
      if (same) return { commit: branch.tip };
      await this.refuseForeign(root, request, branch, task);
    }
    const commit = await commitTree(root, tree, data, settings.sign, signal);
    // The old value is checked in the same step: a branch that moved meanwhile stays as it is.
    const old = branch.tip ?? '0'.repeat(request.baseCommit.length);
    await runGit(['update-ref', '-m', 'patchline', `refs/heads/${request.branch}`, commit, old], { cwd: root, signal });
    return { commit };
  }

  async show(commit: string, path: string): Promise<string | undefined> {
    if (!isCommitId(commit)) throw new HumanError('A full commit id is needed to show a file.');
    const { root, prefix } = await this.repository();
    const full = repositoryPath(prefix, path);
    const entry = await runGit(['ls-tree', '-z', '--full-tree', commit, '--', full], {
      cwd: root,
      env: { GIT_LITERAL_PATHSPECS: '1' },
    });
    if (!/^100\d{3} blob /.test(entry.stdout)) return undefined;
    // As a checkout would write it (line endings, filters), so that it compares with what stands in the workspace.
    const { stdout } = await runGit(['cat-file', '--filters', `${commit}:${full}`], { cwd: root });
    return stdout;
  }

  async dirty(paths: readonly string[]): Promise<readonly string[]> {
    if (paths.length === 0) return [];
    const { root, prefix } = await this.repository();
    const byFull = new Map(paths.map((path) => [repositoryPath(prefix, path), path]));
    const changed = new Set(await changedPaths(root, [...byFull.keys()]));
    return [...byFull].filter(([full]) => changed.has(full)).map(([, path]) => path);
  }

  private async repository(): Promise<{ readonly root: string; readonly prefix: string }> {
    const repository = await findRepository(this.workspaceRoot);
    if (!repository) throw new HumanError(`${this.workspaceRoot} lies in no git repository.`);
    return repository;
  }

  private async sameCommit(root: string, tip: string, tree: string, data: CommitData, signal?: AbortSignal): Promise<boolean> {
    const commit = await readCommit(root, tip, signal);
    return commit.tree === tree && commit.message === data.message && commit.parents.join() === data.base;
  }

  /**
   * A branch of ours is one commit, never amended, that names the same finding: it is replaced by the newer fix. Anything else on
   * it is somebody's work and stays.
   */
  private async refuseForeign(root: string, request: CommitRequest, branch: BranchFacts, task: Task): Promise<void> {
    const tip = branch.tip ?? '';
    const commit = await readCommit(root, tip, task.signal);
    const finding = readTrailer(request.message, findingTrailer);
    if (isOwnCommit(commit, finding)) return;
    const history = await readHistory(root, { from: request.baseCommit, to: tip, maxCount: 3 }, task);
    const what = history.map((entry) => `${entry.commit.slice(0, 8)} by ${entry.author}`).join(', ');
    throw new HumanError(
      `The branch ${request.branch} exists and holds other commits${what === '' ? '' : ` (${what})`}. Rename or delete it, then try again.`,
    );
  }
}

function repositoryPath(prefix: string, path: string): string {
  const problem = repositoryPathProblem(path);
  if (problem !== undefined) throw new HumanError(`The path ${JSON.stringify(path.slice(0, 200))} cannot be used: ${problem}.`);
  return prefix + path;
}
