import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HumanError } from '../../core/errors';
import type { FileChange } from '../../core/model/patch';
import type { Task } from '../../core/ports';
import { openCleanTrees } from '../clients/cleanTrees';

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
  const request = { purpose: 'proof', names: ['base', 'patched'], subject: 'A proof' };
  const { commit, trees, temporary, dispose } = await openCleanTrees(workspaceRoot, request, task);
  const [base, patched] = trees;
  if (base === undefined || patched === undefined) throw new Error('There are not two work trees.');
  return {
    commit,
    base: base.folder,
    patched: patched.folder,
    roots: { base: base.root, patched: patched.root },
    temporary,
    dispose,
  };
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
