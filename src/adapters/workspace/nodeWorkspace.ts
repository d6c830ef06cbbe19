import ignore from 'ignore';
import { resolve } from 'node:path';
import { glob } from 'tinyglobby';
import { HumanError, throwIfCancelled } from '../../core/errors';
import { safePath } from '../../core/findings/safePath';
import type { Workspace } from '../../core/ports';
import { readInside } from '../clients/workspaceFiles';

/** Never searched: what is installed or the repository's own store. */
const skipped = ['**/node_modules/**', '**/.git/**'];

/** The folder `root` as a workspace over the file system; see the port for what each method promises. */
export function nodeWorkspace(root: string): Workspace {
  const absolute = resolve(root);
  const readText = async (path: string): Promise<string | undefined> => {
    const bytes = await readInside(absolute, path);
    if (bytes === undefined) return undefined;
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      // The decoder's own words name an encoding error code, which helps nobody.
      throw new HumanError(`\`${path}\` is not UTF-8 text; convert it to UTF-8 to work on it here.`);
    }
  };
  return {
    root: absolute,
    read: (path) => readInside(absolute, path),
    readText,
    async list(globs, task) {
      // A pattern from settings may not make us search the disk above the workspace.
      const inside = globs.filter((pattern) => !/^(?:!?[/\\]|!?[a-z]:)|(?:^|[/\\,{(!])\.\.(?:$|[/\\,})])/i.test(pattern));
      if (inside.length === 0) return [];
      const found = await glob([...inside], {
        cwd: absolute,
        ignore: skipped,
        dot: true,
        onlyFiles: true,
        followSymbolicLinks: false,
        expandDirectories: false,
        ...(task?.signal === undefined ? {} : { signal: task.signal }),
      });
      throwIfCancelled(task?.signal);
      // Only the root's .gitignore: reading one in every folder costs more than the files it would leave out.
      const rules = task?.includeIgnored === true ? undefined : await readInside(absolute, '.gitignore');
      const ignored = rules === undefined ? undefined : ignore().add(new TextDecoder().decode(rules));
      const paths = new Set<string>();
      for (const path of found) {
        const safe = safePath(path, absolute);
        if ('path' in safe && ignored?.ignores(safe.path) !== true) paths.add(safe.path);
      }
      return [...paths].sort();
    },
  };
}
