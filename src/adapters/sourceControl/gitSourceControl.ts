import { HumanError, isVendorError } from '../../core/errors';
import { isOwnCommit } from '../../core/git/ownCommit';
import { branchNameProblem, isCommitId } from '../../core/git/refName';
import { repositoryPathProblem } from '../../core/git/repositoryPath';
import { findingTrailer, readTrailer } from '../../core/git/trailers';
import type { CommitRequest, SourceControl, Task } from '../../core/ports';
import { gitPlace, readCommit, runGit } from '../clients/git';
import type { GitPlace } from '../clients/git';
import { changedPaths, readHistory } from '../clients/simpleGit';
import { AttributeSources } from './attributeSources';
import { readBase } from './baseTree';
import { cleanContent, readAttributes } from './cleanContent';
import { branchObstacle, isHead, commitSettingsOf } from './gitFacts';
import { readChangedPaths, readFirstParent, readHead, readSubjects, readTreeId } from './gitHistory';
import { fastImport } from './fastImport';
import type { CommitData, CommitFile } from './fastImport';
import { commitTree, writeTree } from './indexCommit';
import { quickCommit } from './quickCommit';

/**
 * The git repository around a workspace, which may be a folder below the repository's root. Commits are made beside the work
 * tree: neither files, nor index, nor HEAD, nor a checked-out branch ever change, and no hook of the repository runs.
 */
export class GitSourceControl implements SourceControl {
  /** Where the workspace lies, once that is known: asking git costs as much as a commit. */
  private place: GitPlace | undefined;
  private readonly attributes = new AttributeSources();
  /** The commit that `head` gave last, with its date: most commits are made upon it. */
  private lastHead: { readonly commit: string; readonly date: string } | undefined;

  constructor(private readonly workspaceRoot: string) {}

  async head(): Promise<{ readonly commit: string; readonly branch: string | undefined } | undefined> {
    const repository = await this.findPlace();
    if (!repository) return undefined;
    const [commit, branch] = await Promise.all([
      readHead(repository.root),
      runGit(['symbolic-ref', '--quiet', '--short', 'HEAD'], { cwd: repository.root, exitCodes: [0, 1] }),
    ]);
    if (commit === undefined) return undefined;
    this.lastHead = commit;
    return { commit: commit.commit, branch: branch.exitCode === 0 ? branch.stdout.trim() : undefined };
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
    const place = await this.repository();
    const { root, prefix, gitDir } = place;
    const texts = new Map<string, string>();
    const gone: string[] = [];
    for (const [path, text] of Object.entries(request.files)) {
      if (text === null) gone.push(repositoryPath(prefix, path));
      else texts.set(repositoryPath(prefix, path), text);
    }
    if (texts.size + gone.length === 0) throw new HumanError('There is nothing to commit.');

    if (await isHead(gitDir, request.branch)) {
      throw new HumanError(`The branch ${request.branch} is checked out in ${root} and is not moved from outside.`);
    }
    const { signal } = task;
    task.onProgress?.(`Committing to ${request.branch}`);
    const message = `${request.message.trimEnd()}\n`;
    const baseDate = this.lastHead?.commit === request.baseCommit ? this.lastHead.date : undefined;
    const date = request.time === undefined ? baseDate : `${Math.floor(request.time)} +0000`;
    if (date !== undefined) {
      const wanted = new Map<string, string | null>([...texts, ...gone.map((path) => [path, null] as const)]);
      const quick = { branch: request.branch, base: request.baseCommit, files: wanted, message, date };
      const commit = await quickCommit(place, quick, this.attributes, signal);
      if (commit !== undefined) return { commit };
    }
    const [facts, attributes] = await Promise.all([
      readBase(root, { commit: request.baseCommit, branch: request.branch, paths: [...texts.keys(), ...gone] }, signal),
      readAttributes(root, [...texts.keys()], signal),
    ]);
    const settings = await commitSettingsOf(root, facts.settings, signal);
    const contents = await cleanContent(root, texts, { base: facts.entries, attributes, autocrlf: settings.autocrlf }, signal);
    const files = new Map<string, CommitFile | null>();
    for (const path of gone) if (facts.entries.has(path)) files.set(path, null);
    for (const [path, content] of contents) {
      if (facts.entries.get(path)?.id !== content.id)
        files.set(path, { mode: facts.entries.get(path)?.mode ?? '100644', content });
    }
    if (files.size === 0) throw new HumanError('There is nothing to commit: the files are already so in the base commit.');

    const data: CommitData = {
      base: request.baseCommit,
      files,
      message,
      author: settings.author,
      committer: settings.committer,
      date: date ?? facts.base.committerDate,
    };
    if (facts.tip === undefined && !settings.sign) {
      try {
        return { commit: await fastImport(root, request.branch, data, signal) };
      } catch (error) {
        // Where another branch stands in the way, that is the better thing to say.
        if (isVendorError(error)) await this.refuseBlocked(root, request.branch, signal);
        throw error;
      }
    }
    if (facts.tip === undefined) await this.refuseBlocked(root, request.branch, signal);
    const tree = await writeTree(root, data, signal);
    if (facts.tip !== undefined) {
      if (await this.isSameCommit(root, facts.tip, tree, data, signal)) return { commit: facts.tip };
      await this.refuseBlocked(root, request.branch, signal);
      await this.refuseForeign(root, request, facts.tip, task);
    }
    const commit = await commitTree(root, tree, data, settings.sign, signal);
    // The old value is checked in the same step: a branch that moved meanwhile stays as it is.
    const old = facts.tip ?? '0'.repeat(request.baseCommit.length);
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

  async tree(commit: string): Promise<string | undefined> {
    return readTreeId((await this.repository()).root, commit);
  }

  async firstParent(commit: string): Promise<string | undefined> {
    return readFirstParent((await this.repository()).root, commit);
  }

  async changedPaths(from: string, to: string): Promise<readonly string[]> {
    const { root, prefix } = await this.repository();
    return readChangedPaths(root, prefix, from, to);
  }

  async subjects(
    from: string,
    to: string,
    limit: number,
  ): Promise<readonly { readonly commit: string; readonly subject: string }[]> {
    return readSubjects((await this.repository()).root, { from, to, limit });
  }

  async dirty(paths: readonly string[]): Promise<readonly string[]> {
    if (paths.length === 0) return [];
    const { root, prefix } = await this.repository();
    const byFull = new Map(paths.map((path) => [repositoryPath(prefix, path), path]));
    const changed = new Set(await changedPaths(root, [...byFull.keys()]));
    return [...byFull].filter(([full]) => changed.has(full)).map(([, path]) => path);
  }

  private async repository(): Promise<GitPlace> {
    const place = await this.findPlace();
    if (!place) throw new HumanError(`${this.workspaceRoot} lies in no git repository.`);
    return place;
  }

  private async findPlace(): Promise<GitPlace | undefined> {
    return (this.place ??= await gitPlace(this.workspaceRoot));
  }

  private async isSameCommit(root: string, tip: string, tree: string, data: CommitData, signal?: AbortSignal): Promise<boolean> {
    const commit = await readCommit(root, tip, signal);
    return commit.tree === tree && commit.message === data.message && commit.parents.join() === data.base;
  }

  private async refuseBlocked(root: string, branch: string, signal?: AbortSignal): Promise<void> {
    const obstacle = await branchObstacle(root, branch, signal);
    if (obstacle !== undefined) throw new HumanError(obstacle);
  }

  /**
   * A branch of ours is one commit, never amended, that names the same finding: it is replaced by the newer fix. Anything else on
   * it is somebody's work and stays.
   */
  private async refuseForeign(root: string, request: CommitRequest, tip: string, task: Task): Promise<void> {
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
