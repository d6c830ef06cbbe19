import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { HumanError } from '../../core/errors';
import type { FileChange } from '../../core/model/patch';
import type { Task } from '../../core/ports';
import { addWorktree, gitRoot, pruneWorktrees, removeWorktree, runGit } from '../clients/git';

/** Two clean checkouts of the same commit; the second gets the patch. */
export interface ProofTrees {
  readonly commit: string;
  /** Workspace folder inside of each work tree, absolute. */
  readonly base: string;
  readonly patched: string;
  /** The two work trees themselves. */
  readonly roots: { readonly base: string; readonly patched: string };
  /** For temporary files of what runs in them. */
  readonly temporary: string;
  dispose(): Promise<void>;
}

const prefix = 'patchline-proof-';

/**
 * Checks HEAD out twice beside the person's work tree, which is not touched. What an earlier process left behind when it was
 * killed is removed first.
 * @throws HumanError when the workspace is in no repository or has no commit.
 */
export async function openProofTrees(workspaceRoot: string, task: Task = {}): Promise<ProofTrees> {
  const here = await realpath(workspaceRoot);
  const repository = await gitRoot(here, task.signal);
  if (repository === undefined) {
    throw new HumanError(
      'A proof needs a git repository: it compares clean checkouts of the last commit. Run “git init” and commit once.',
    );
  }
  const root = await realpath(repository);
  const head = await runGit(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], {
    cwd: root,
    signal: task.signal,
    exitCodes: [0, 1, 128],
  });
  if (head.exitCode !== 0) throw new HumanError('A proof needs a commit to start from: this repository has none yet.');
  const commit = head.stdout.trim();
  await removeLeftovers(root);

  const folder = await realpath(await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`)));
  const roots = { base: join(folder, 'base'), patched: join(folder, 'patched') };
  const dispose = async (): Promise<void> => {
    // Never with the task's signal: what was cancelled must be cleaned up too.
    for (const tree of [roots.base, roots.patched]) await removeWorktree(root, tree);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    await addWorktree(root, commit, roots.base, task);
    await addWorktree(root, commit, roots.patched, task);
    const inside = relative(root, here);
    return { commit, base: join(roots.base, inside), patched: join(roots.patched, inside), roots, temporary, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Removes the folders of processes that no longer live, and git's records of them. */
async function removeLeftovers(repositoryRoot: string): Promise<void> {
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

/**
 * Writes a patch into the patched work tree.
 * @throws HumanError when a file there is not the one that the patch was made for.
 */
export async function writePatch(folder: string, changes: readonly FileChange[]): Promise<void> {
  for (const { path, before, after } of changes) {
    const file = join(folder, path);
    const there = await readText(file);
    if (there !== (before ?? undefined)) {
      throw new HumanError(
        `${path} differs from the last commit. A proof compares commits: commit or stash your changes of ${path}, make the fix again, and prove it then.`,
      );
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, after);
  }
}

/** Undefined when there is no such file. */
export async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
