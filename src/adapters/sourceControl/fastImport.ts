import { VendorError } from '../../core/errors';
import { runGit } from '../clients/git';
import type { StoredContent } from './cleanContent';

export interface CommitFile {
  readonly mode: string;
  readonly content: StoredContent;
}

export interface CommitData {
  readonly base: string;
  /** Repository path → mode and content, null: the file goes; all else stays as in the base. */
  readonly files: ReadonlyMap<string, CommitFile | null>;
  /** Ends with a line feed. */
  readonly message: string;
  readonly author: Person;
  readonly committer: Person;
  /** `<seconds> <±hhmm>`, git's raw date. */
  readonly date: string;
}

export interface Person {
  readonly name: string;
  readonly email: string;
}

// The small pack that it makes is kept: unpacking it into loose files would be a process more. `git gc` gathers such packs.
export const fastImportArgs: readonly string[] = [
  '-c',
  'fastimport.unpackLimit=1',
  'fast-import',
  '--quiet',
  '--done',
  '--date-format=raw',
];

/**
 * Makes branch and commit with one `git fast-import` process, which touches neither index nor work tree and runs no hook
 * (git-fast-import(1)). The branch must not exist yet: git refuses to move one that does not contain the new commit's parent.
 */
export async function fastImport(root: string, branch: string, data: CommitData, signal?: AbortSignal): Promise<string> {
  const { stdout } = await runGit(fastImportArgs, {
    cwd: root,
    signal,
    input: fastImportStream(branch, data),
  });
  const commit = stdout.trim();
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new VendorError('git', 'git fast-import gave no commit.', { retryable: false });
  return commit;
}

/** The stream for one commit; lengths are bytes. */
export function fastImportStream(branch: string, data: CommitData): Buffer {
  const parts: (string | Buffer)[] = [];
  const message = Buffer.from(data.message, 'utf8');
  parts.push(
    `commit refs/heads/${branch}\nmark :1\n`,
    `author ${ident(data.author)} ${data.date}\n`,
    `committer ${ident(data.committer)} ${data.date}\n`,
    `data ${message.length}\n`,
    message,
    `\nfrom ${data.base}\n`,
  );
  for (const [path, file] of data.files) {
    if (file === null) {
      parts.push(`D ${quotePath(path)}\n`);
      continue;
    }
    const { mode, content } = file;
    if (content.kind === 'blob') parts.push(`M ${mode} ${content.id} ${quotePath(path)}\n`);
    else parts.push(`M ${mode} inline ${quotePath(path)}\ndata ${content.bytes.length}\n`, content.bytes, '\n');
  }
  parts.push('\nget-mark :1\ndone\n');
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)));
}

function ident(person: Person): string {
  return `${person.name} <${person.email}>`;
}

/** C-style quoting, always: a path may begin with a quote or hold a space. */
export function quotePath(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
