import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProjectFiles } from '../../core/dependencies/readNpmProject';
import { HumanError, isHumanError } from '../../core/errors';
import type { FileChange } from '../../core/model/patch';
import type { Task } from '../../core/ports';
import { findRepository, openCleanTrees, resolveCommit } from '../clients/cleanTrees';
import { readText } from '../clients/readText';
import { readInside } from '../clients/workspaceFiles';

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

/**
 * Checks HEAD out twice beside the person's work tree, which is not touched.
 * @throws HumanError when the workspace is in no repository or has no commit.
 */
export async function openProofTrees(workspaceRoot: string, task: Task = {}): Promise<ProofTrees> {
  const repository = await findRepository(workspaceRoot, task.signal);
  if (repository === undefined) {
    throw new HumanError(
      'A proof needs a git repository: it compares clean checkouts of the last commit. Run “git init” and commit once.',
    );
  }
  const commit = await resolveCommit(repository, 'HEAD', task.signal).catch((error: unknown) => {
    if (!isHumanError(error)) throw error;
    throw new HumanError('A proof needs a commit to start from: this repository has none yet.');
  });
  const { folders, ...trees } = await openCleanTrees(repository, 'proof', { base: commit, patched: commit }, task);
  return { commit, ...folders, ...trees };
}

/** The files of one side, read with the same care as the person's: links that lead out of it are refused. */
export function filesOf(folder: string): ProjectFiles {
  const read = (path: string): Promise<Buffer | undefined> => readInside(folder, path);
  return { read, readText: async (path) => (await read(path))?.toString('utf8') };
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
