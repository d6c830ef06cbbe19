import type { FileChange } from '../model/patch';
import type { Workspace } from '../ports';

/**
 * The workspace as it would be with the changes made, so that the next fix is made on top of the earlier ones. Nothing is
 * written; where a file was changed more than once the last change counts.
 */
export function overlayWorkspace(workspace: Workspace, changes: readonly FileChange[]): Workspace {
  const texts = new Map(changes.map((change) => [change.path, change.after]));
  return {
    root: workspace.root,
    read: (path) => {
      const text = texts.get(path);
      return text === undefined ? workspace.read(path) : Promise.resolve(new TextEncoder().encode(text));
    },
    readText: (path) => {
      const text = texts.get(path);
      return text === undefined ? workspace.readText(path) : Promise.resolve(text);
    },
    list: (globs, task) => workspace.list(globs, task),
  };
}
