import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { HumanError } from '../../core/errors';
import { isCommitId } from '../../core/git/refName';
import type { Task } from '../../core/ports';
import { addWorktree, gitRoot, pruneWorktrees, removeWorktree, runGit } from './git';

export interface CleanTreesRequest {
  /** What they are for, as it stands in the names of the folders: `proof`, `build`. */
  readonly purpose: string;
  /** One work tree for each. */
  readonly names: readonly string[];
  /** Full id; HEAD where absent. */
  readonly commit?: string;
  /** Begins the sentence for people where there is nothing to check out: `A proof`. */
  readonly subject: string;
}

/** Clean checkouts of the same commit, beside the person's work tree. */
export interface CleanTrees {
  readonly commit: string;
  readonly trees: readonly {
    readonly name: string;
    /** The work tree itself, absolute. */
    readonly root: string;
    /** The workspace folder inside of it. */
    readonly folder: string;
  }[];
  /** For temporary files of what runs in them. */
  readonly temporary: string;
  dispose(): Promise<void>;
}

/**
 * Checks a commit out several times beside the person's work tree, which is not touched. What an earlier process left behind
 * when it was killed is removed first.
 * @throws HumanError when the workspace is in no repository, or the commit is not in it.
 */
export async function openCleanTrees(workspaceRoot: string, request: CleanTreesRequest, task: Task = {}): Promise<CleanTrees> {
  const here = await realpath(workspaceRoot);
  const repository = await gitRoot(here, task.signal);
  if (repository === undefined) {
    throw new HumanError(
      `${request.subject} needs a git repository: it works in clean checkouts of a commit. Run “git init” and commit once.`,
    );
  }
  const root = await realpath(repository);
  const commit = await findCommit(root, request, task);
  const prefix = `patchline-${request.purpose}-`;
  await removeLeftovers(root, prefix);

  const folder = await realpath(await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`)));
  const inside = relative(root, here);
  const trees = request.names.map((name) => ({ name, root: join(folder, name), folder: join(folder, name, inside) }));
  const dispose = async (): Promise<void> => {
    // Never with the task's signal: what was cancelled must be cleaned up too.
    for (const tree of trees) await removeWorktree(root, tree.root);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    for (const tree of trees) await addWorktree(root, commit, tree.root, task);
    return { commit, trees, temporary, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function findCommit(root: string, { commit, subject }: CleanTreesRequest, task: Task): Promise<string> {
  if (commit !== undefined && !isCommitId(commit)) throw new HumanError(`${subject} needs a full commit id.`);
  const found = await runGit(['rev-parse', '--verify', '--quiet', `${commit ?? 'HEAD'}^{commit}`], {
    cwd: root,
    signal: task.signal,
    exitCodes: [0, 1, 128],
  });
  if (found.exitCode === 0) return found.stdout.trim();
  throw new HumanError(
    commit === undefined
      ? `${subject} needs a commit to start from: this repository has none yet.`
      : `The commit ${commit} is not in the repository ${root}.`,
  );
}

/** Removes the folders of processes that no longer live, and git's records of them. */
async function removeLeftovers(repositoryRoot: string, prefix: string): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      await rm(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's: not ours to remove.
    }
  }
  await pruneWorktrees(repositoryRoot);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
