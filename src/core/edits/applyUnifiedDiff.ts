import { applyPatch, parsePatch } from 'diff';
import type { StructuredPatch } from 'diff';
import { HumanError, messageOf } from '../errors';
import type { FileChange } from '../model/patch';

/**
 * What a unified diff does to the files it names. Context and removed lines must stand in the file exactly; a hunk may have moved
 * up or down as a whole.
 * @param read gives the text of a workspace file, undefined when there is none
 * @throws HumanError when the text is no diff, a hunk does not apply, or it asks for what a change cannot express (deleting,
 * renaming, binary files, paths outside the workspace)
 */
export async function applyUnifiedDiff(
  diff: string,
  read: (path: string) => Promise<string | undefined>,
): Promise<readonly FileChange[]> {
  let patches: readonly StructuredPatch[];
  try {
    patches = parsePatch(diff);
  } catch (error) {
    throw new HumanError(`This is no unified diff: ${messageOf(error)}`);
  }
  const changes: FileChange[] = [];
  for (const patch of patches) {
    const oldPath = workspacePath(patch.oldFileName, 'a/');
    const path = workspacePath(patch.newFileName, 'b/');
    if (path === undefined || patch.isDelete)
      throw new HumanError(`The diff deletes ${oldPath ?? 'a file'}; that is not supported.`);
    if (patch.isRename || patch.isCopy || (oldPath !== undefined && oldPath !== path))
      throw new HumanError(`The diff moves ${oldPath ?? 'a file'} to ${path}; that is not supported.`);
    if (patch.isBinary) throw new HumanError(`The diff changes ${path} as a binary file; that is not supported.`);
    const created = patch.isCreate === true || oldPath === undefined;
    const current = await read(path);
    if (created && current !== undefined) throw new HumanError(`The diff creates ${path}, but there is such a file already.`);
    if (!created && current === undefined) throw new HumanError(`The diff changes ${path}, but there is no such file.`);
    const after = applyPatch(current ?? '', patch, { autoConvertLineEndings: false });
    if (after === false)
      throw new HumanError(`The diff does not apply to ${path}: the file has changed since the diff was made.`);
    changes.push({ path, before: created ? null : (current ?? ''), after });
  }
  return changes;
}

/** The path without git's prefix; undefined for /dev/null. */
function workspacePath(name: string | undefined, prefix: string): string | undefined {
  if (name === undefined || name === '') throw new HumanError('The diff has a part that names no file.');
  if (name === '/dev/null') return undefined;
  const path = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  if (path.startsWith('/') || /^[a-z]:/i.test(path) || path.split(/[\\/]/).includes('..'))
    throw new HumanError(`The diff names ${path}, which lies outside the workspace.`);
  return path;
}
