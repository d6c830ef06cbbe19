import type { FileChange } from './model/patch';
import type { Workspace } from './ports';

/** A workspace as it would be with the changes written: what is changed is read from them, everything else from below. */
export function overlayWorkspace(below: Workspace, changes: readonly FileChange[]): Workspace {
  const texts = new Map(changes.map((change) => [change.path, change.after]));
  return {
    root: below.root,
    async read(path) {
      const text = texts.get(path);
      return text === undefined ? below.read(path) : new TextEncoder().encode(text);
    },
    async readText(path) {
      return texts.get(path) ?? below.readText(path);
    },
    list: (globs, task) => below.list(globs, task),
  };
}

/** Two sets of changes, the second made on top of the first, as one: from the first `before` to the last `after`. */
export function stackChanges(first: readonly FileChange[], second: readonly FileChange[]): readonly FileChange[] {
  const stacked = new Map(first.map((change) => [change.path, change]));
  for (const change of second) {
    const under = stacked.get(change.path);
    // Edits of the upper change count from the lower one's text, so they do not hold for the sum.
    stacked.set(change.path, under === undefined ? change : { path: change.path, before: under.before, after: change.after });
  }
  return [...stacked.values()].filter((change) => change.before !== change.after);
}
