import { chmod, mkdir, realpath, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { assertNotDrifted } from '../../core/edits/drift';
import { HumanError } from '../../core/errors';
import type { FileChange } from '../../core/model/patch';
import type { Workspace } from '../../core/ports';

/**
 * Writes changes into the workspace: all are checked against the files first, then each file is replaced in one step, so
 * that a refusal leaves everything as it was and no file is ever half written.
 *
 * @throws HumanError for a file that is no longer what the change was made for, or that would lie outside the workspace.
 */
export async function writeChanges(workspace: Workspace, changes: readonly FileChange[]): Promise<void> {
  const root = await realpath(workspace.root);
  for (const change of changes) {
    assertNotDrifted(change, await workspace.readText(change.path));
    await assertInside(root, path.join(root, change.path));
  }
  for (const change of changes) {
    const file = path.join(root, change.path);
    await mkdir(path.dirname(file), { recursive: true });
    const draft = `${file}.${randomUUID()}.patchline`;
    await writeFile(draft, change.after, { flag: 'wx' });
    const mode = await stat(file).then(
      (s) => s.mode,
      () => undefined,
    );
    if (mode !== undefined) await chmod(draft, mode);
    await rename(draft, file);
  }
}

/** The nearest folder that is there already must lie inside, links followed. */
async function assertInside(root: string, file: string): Promise<void> {
  let folder = path.dirname(file);
  for (;;) {
    const real = await realpath(folder).catch(() => undefined);
    if (real !== undefined) {
      if (real === root || real.startsWith(`${root}${path.sep}`)) return;
      throw new HumanError(`${path.relative(root, file)} would be written outside the workspace, to ${real}.`);
    }
    folder = path.dirname(folder);
  }
}
