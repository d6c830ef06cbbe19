import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { HumanError, isVendorError } from '../../core/errors';
import type { Task } from '../../core/ports';
import { addWorktree, gitRoot, listWorktrees, removeWorktree, runGit } from './git';
import { isAlive } from './lock';

/** What clean work trees are made for; part of their folder's name. */
export type TreePurpose = 'proof' | 'checks' | 'build';

const leftover = /^patchline-(?:proof|checks|build)-(\d+)-/;

/** Clean checkouts of commits, beside the person's work tree and outside of it. */
export interface CleanTrees<Name extends string> {
  /** Workspace folder inside of each work tree, absolute. */
  readonly folders: Readonly<Record<Name, string>>;
  /** The work trees themselves. */
  readonly roots: Readonly<Record<Name, string>>;
  /** For temporary files of what runs in them. */
  readonly temporary: string;
  dispose(): Promise<void>;
}

/**
 * Checks commits out, each into a work tree of its own; hooks do not run and the person's work tree is not touched. What an earlier
 * process left behind when it was killed is removed first.
 *
 * @param repository - from `findRepository`
 * @param trees - name of each tree → commit
 * @throws VendorError when git cannot, CancelledError when it was cancelled; then nothing is left
 */
export async function openCleanTrees<Name extends string>(
  repository: Repository,
  purpose: TreePurpose,
  trees: Readonly<Record<Name, string>>,
  task: Task = {},
): Promise<CleanTrees<Name>> {
  const { root, inside } = repository;
  await removeLeftovers(root);
  const folder = await realpath(await mkdtemp(join(tmpdir(), `patchline-${purpose}-${process.pid}-`)));
  const names = Object.keys(trees) as Name[];
  const each = (path: (name: Name) => string) =>
    Object.fromEntries(names.map((name) => [name, path(name)])) as Record<Name, string>;
  const roots = each((name) => join(folder, name));
  const dispose = async (): Promise<void> => {
    // Never with the task's signal: what was cancelled must be cleaned up too.
    try {
      for (const name of names) await removeWorktree(root, roots[name]);
    } catch (error) {
      if (!isVendorError(error)) throw error;
      // The end of everything may end git's removal too: once more, with nothing left of the folder.
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      for (const name of names) await removeWorktree(root, roots[name]);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  };
  try {
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    for (const name of names) await addWorktree(root, trees[name], roots[name], task);
    return { folders: each((name) => join(roots[name], inside)), roots, temporary, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

export interface Repository {
  /** Top folder of the person's work tree, real path. */
  readonly root: string;
  /** The workspace folder relative to it; empty where it is the same. */
  readonly inside: string;
}

/** The repository that a workspace lies in; undefined when it is in none. */
export async function findRepository(workspaceRoot: string, signal?: AbortSignal): Promise<Repository | undefined> {
  const here = await realpath(workspaceRoot);
  const found = await gitRoot(here, signal);
  if (found === undefined) return undefined;
  const root = await realpath(found);
  return { root, inside: relative(root, here) };
}

/** The full id of a commit. @throws HumanError when the repository does not have it. */
export async function resolveCommit(repository: Repository, commit: string, signal?: AbortSignal): Promise<string> {
  const result = await runGit(['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`], {
    cwd: repository.root,
    signal,
    exitCodes: [0, 1, 128],
  });
  if (result.exitCode !== 0) throw new HumanError(`The commit ${commit} is not in this repository.`);
  return result.stdout.trim();
}

/** Removes the folders of processes that no longer live, and git's records of them. */
async function removeLeftovers(repositoryRoot: string): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = leftover.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      await rm(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's: not ours to remove.
    }
  }
  for (const tree of await listWorktrees(repositoryRoot)) {
    const pid = leftover.exec(basename(dirname(tree)))?.[1];
    if (pid !== undefined && !isAlive(Number(pid)) && !existsSync(tree)) await removeWorktree(repositoryRoot, tree);
  }
}
