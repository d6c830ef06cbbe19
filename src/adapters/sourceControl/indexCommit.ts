import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGit } from '../clients/git';
import type { CommitData } from './fastImport';

/** A split or sparse index would leave files beside the person's own. */
const plainIndex = ['-c', 'core.splitIndex=false', '-c', 'index.sparse=false'];

/** The tree of the base with the files replaced, built in an index of its own outside of the repository. */
export async function writeTree(root: string, data: CommitData, signal?: AbortSignal): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'patchline-index-'));
  const options = { cwd: root, signal, env: { GIT_INDEX_FILE: join(folder, 'index') } };
  try {
    await runGit([...plainIndex, 'read-tree', data.base], options);
    const lines: string[] = [];
    for (const [path, file] of data.files) {
      if (file === null) {
        // Mode 0 takes the path out of the index (git-update-index(1), "USING --INDEX-INFO").
        lines.push(`0 ${'0'.repeat(data.base.length)}\t${path}\0`);
        continue;
      }
      const { mode, content } = file;
      // The id is the same; the blob must be in the object store before a tree may name it.
      if (content.kind === 'bytes') await runGit(['hash-object', '-w', '--stdin'], { ...options, input: content.bytes });
      lines.push(`${mode} ${content.id}\t${path}\0`);
    }
    await runGit([...plainIndex, 'update-index', '-z', '--index-info'], { ...options, input: lines.join('') });
    const { stdout } = await runGit([...plainIndex, 'write-tree'], options);
    return stdout.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A commit object for a tree; signed with the person's own key when asked. No branch is moved. */
export async function commitTree(
  root: string,
  tree: string,
  data: CommitData,
  sign: boolean,
  signal?: AbortSignal,
): Promise<string> {
  const args = [
    '-c',
    'i18n.commitEncoding=UTF-8',
    'commit-tree',
    tree,
    '-p',
    data.base,
    sign ? '-S' : '--no-gpg-sign',
    '-F',
    '-',
  ];
  const { stdout } = await runGit(args, {
    cwd: root,
    signal,
    input: data.message,
    env: {
      GIT_AUTHOR_NAME: data.author.name,
      GIT_AUTHOR_EMAIL: data.author.email,
      GIT_AUTHOR_DATE: `@${data.date}`,
      GIT_COMMITTER_NAME: data.committer.name,
      GIT_COMMITTER_EMAIL: data.committer.email,
      GIT_COMMITTER_DATE: `@${data.date}`,
    },
  });
  return stdout.trim();
}
