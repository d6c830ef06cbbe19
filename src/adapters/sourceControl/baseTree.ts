import { HumanError, VendorError, isVendorError } from '../../core/errors';
import { parseCommitObject } from '../../core/git/ownCommit';
import type { CommitFacts } from '../../core/git/ownCommit';
import { runGit } from '../clients/git';
import { readSettings, readTracedSettings, settingsTrace } from './gitSettings';
import type { GitSettings } from './gitSettings';

export interface TreeEntry {
  /** `100644`, `100755`, `120000` (link), `160000` (submodule), `40000` (folder). */
  readonly mode: string;
  readonly id: string;
}

export interface BaseFacts {
  readonly base: CommitFacts;
  readonly settings: GitSettings;
  /** Repository path → entry; paths that are not in the base are absent. */
  readonly entries: ReadonlyMap<string, TreeEntry>;
  /** The commit the branch points to, if there is such a branch. */
  readonly tip?: string;
}

/**
 * All that a commit needs to know of the object store and of git's settings, from one `git cat-file --batch` process (each
 * further process would cost as much as the commit itself).
 *
 * @throws HumanError when the base is not there, or a path is no regular file in it, or leads through a link, a submodule or a file.
 */
export async function readBase(
  root: string,
  request: { readonly commit: string; readonly branch: string; readonly paths: readonly string[] },
  signal?: AbortSignal,
): Promise<BaseFacts> {
  const folders = new Set<string>(['']);
  for (const path of request.paths) for (const folder of ancestors(path)) folders.add(folder);
  const names = [request.commit, `refs/heads/${request.branch}`, ...[...folders].map((folder) => `${request.commit}:${folder}`)];
  const { output, settings } = await readBatch(root, names, signal);
  const [commit, branch, ...objects] = parseBatch(output, names.length);
  if (commit?.type !== 'commit') throw new HumanError(`The commit ${request.commit} is not in the repository ${root}.`);

  const trees = new Map<string, ReadonlyMap<string, TreeEntry>>();
  [...folders].forEach((folder, i) => {
    const object = objects[i];
    if (object?.type === 'tree') trees.set(folder, parseTree(object.content, request.commit.length / 2));
  });
  const entries = new Map<string, TreeEntry>();
  for (const path of request.paths) {
    for (const folder of ancestors(path)) {
      const entry = entryAt(trees, folder);
      if (entry && entry.mode !== '40000') {
        throw new HumanError(`${folder} is ${kindOf(entry.mode)} in the repository: nothing can be placed below it.`);
      }
    }
    const entry = entryAt(trees, path);
    if (!entry) continue;
    if (entry.mode !== '100644' && entry.mode !== '100755') {
      throw new HumanError(`${path} is ${kindOf(entry.mode)} in the repository, no file that can be changed.`);
    }
    entries.set(path, entry);
  }
  return {
    base: parseCommitObject(commit.content.toString('utf8')),
    entries,
    settings,
    ...(branch?.type === 'commit' ? { tip: branch.id } : {}),
  };
}

async function readBatch(
  root: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<{ readonly output: Buffer; readonly settings: GitSettings }> {
  const read = async (env: Readonly<Record<string, string>>): Promise<{ readonly output: Buffer; readonly stderr: string }> => {
    const input = names.map((name) => `${name}\n`).join('');
    const { stdout, stderr } = await runGit(['cat-file', '--batch'], { cwd: root, signal, input, binary: true, env });
    return { output: Buffer.from(stdout, 'latin1'), stderr };
  };
  try {
    const { output, stderr } = await read(settingsTrace);
    return { output, settings: readTracedSettings(stderr) ?? (await readSettings(root, signal)) };
  } catch (error) {
    if (!isVendorError(error)) throw error;
    // Git before 2.46 falls over when it is to trace a key without a value; and any other error is to be told in git's own words.
    const [{ output }, settings] = await Promise.all([read({}), readSettings(root, signal)]);
    return { output, settings };
  }
}

/** Folders above a path, outermost first, without the root. */
export function ancestors(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

function entryAt(trees: ReadonlyMap<string, ReadonlyMap<string, TreeEntry>>, path: string): TreeEntry | undefined {
  const slash = path.lastIndexOf('/');
  return trees.get(path.slice(0, Math.max(0, slash)))?.get(path.slice(slash + 1));
}

interface BatchObject {
  readonly id: string;
  readonly type: string;
  readonly content: Buffer;
}

/** `<id> <type> <size> LF <content> LF` for each name in order, or `<name> missing LF` (git-cat-file(1), "BATCH OUTPUT"). */
function parseBatch(output: Buffer, count: number): readonly (BatchObject | undefined)[] {
  const objects: (BatchObject | undefined)[] = [];
  let at = 0;
  while (objects.length < count) {
    const end = output.indexOf(0x0a, at);
    if (end < 0) throw new VendorError('git', 'git cat-file gave fewer objects than were asked for.', { retryable: false });
    const header = /^([0-9a-f]+) (\w+) (\d+)$/.exec(output.toString('utf8', at, end));
    at = end + 1;
    if (!header) {
      objects.push(undefined);
      continue;
    }
    const size = Number(header[3]);
    objects.push({ id: header[1] ?? '', type: header[2] ?? '', content: output.subarray(at, at + size) });
    at += size + 1;
  }
  return objects;
}

/** A tree object: `<mode> SP <name> NUL <id as bytes>`, repeated. */
function parseTree(content: Buffer, idBytes: number): ReadonlyMap<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0) throw new VendorError('git', 'git gave a tree that cannot be read.', { retryable: false });
    const id = content.toString('hex', end + 1, end + 1 + idBytes);
    entries.set(content.toString('utf8', space + 1, end), { mode: content.toString('latin1', at, space), id });
    at = end + 1 + idBytes;
  }
  return entries;
}

function kindOf(mode: string): string {
  if (mode === '120000') return 'a symbolic link';
  if (mode === '160000') return 'a submodule';
  return mode === '40000' ? 'a folder' : 'a file';
}
