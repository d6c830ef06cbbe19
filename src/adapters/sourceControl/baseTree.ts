import { HumanError } from '../../core/errors';
import { runGit } from '../clients/git';

export interface TreeEntry {
  /** `100644`, `100755`, `120000` (link), `160000` (submodule). */
  readonly mode: string;
  readonly id: string;
}

/**
 * Modes and blob ids that the given repository paths have in a commit; paths that are not there are absent from the answer.
 *
 * @throws HumanError when a path is no regular file there, or leads through a link, a submodule or a file.
 */
export async function readBaseTree(
  root: string,
  commit: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, TreeEntry>> {
  const asked = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/');
    for (let length = 1; length <= parts.length; length++) asked.add(parts.slice(0, length).join('/'));
  }
  // A folder that is asked for together with something in it is descended into: not listed itself, but all that lies in it.
  const { stdout } = await runGit(['ls-tree', '-z', '--full-tree', commit, '--', ...asked], {
    cwd: root,
    signal,
    env: { GIT_LITERAL_PATHSPECS: '1' },
  });
  const wanted = new Set(paths);
  const entries = new Map<string, TreeEntry>();
  for (const record of stdout.split('\0')) {
    const match = /^(\d{6}) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(record);
    if (!match) continue;
    const [, mode = '', type = '', id = '', path = ''] = match;
    if (!asked.has(path) || (type === 'tree' && !wanted.has(path))) continue;
    if (!wanted.has(path)) throw new HumanError(`${path} is ${kindOf(mode)} in the repository: nothing can be placed below it.`);
    if (mode !== '100644' && mode !== '100755') {
      throw new HumanError(`${path} is ${kindOf(mode)} in the repository, no file that can be changed.`);
    }
    entries.set(path, { mode, id });
  }
  return entries;
}

function kindOf(mode: string): string {
  if (mode === '120000') return 'a symbolic link';
  if (mode === '160000') return 'a submodule';
  return mode === '040000' ? 'a folder' : 'a file';
}
