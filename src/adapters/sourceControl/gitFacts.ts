import { userInfo } from 'node:os';
import { HumanError, VendorError } from '../../core/errors';
import { gitRoot, runGit } from '../clients/git';
import type { Person } from './fastImport';

export interface RepositoryPlace {
  readonly root: string;
  /** Path of the workspace within the repository with a slash at its end, or empty. */
  readonly prefix: string;
}

/** Undefined when the folder lies in no repository's work tree. Links on the way are git's to resolve, so it is asked for both. */
export async function findRepository(folder: string): Promise<RepositoryPlace | undefined> {
  const root = await gitRoot(folder);
  if (root === undefined) return undefined;
  const { stdout } = await runGit(['rev-parse', '--show-prefix'], { cwd: folder });
  return { root, prefix: stdout.replace(/\r?\n$/, '') };
}

export interface BranchFacts {
  readonly tip?: string;
  readonly checkedOutAt?: string;
  /** Another branch whose name makes this one impossible: `a` where `a/b` is wanted, or the other way round. */
  readonly blockedBy?: string;
}

/** Where a branch points, and in which work tree it is checked out (HEAD may also name a branch that has no commit yet). */
export async function readBranch(root: string, branch: string, signal?: AbortSignal): Promise<BranchFacts> {
  const ref = `refs/heads/${branch}`;
  const parts = ref.split('/');
  // A pattern also matches the branches below it.
  const withAncestors = parts.slice(2).map((_, i) => parts.slice(0, i + 3).join('/'));
  const [listed, head] = await Promise.all([
    runGit(['for-each-ref', '--format=%(objectname) %(refname) %(worktreepath)', ...withAncestors], { cwd: root, signal }),
    runGit(['symbolic-ref', '--quiet', 'HEAD'], { cwd: root, signal, exitCodes: [0, 1] }),
  ]);
  let facts: BranchFacts = head.stdout.trim() === ref ? { checkedOutAt: root } : {};
  for (const line of listed.stdout.split('\n')) {
    const [tip = '', name = ''] = line.split(' ', 2);
    if (name !== '' && (ref.startsWith(`${name}/`) || name.startsWith(`${ref}/`))) {
      facts = { ...facts, blockedBy: name.slice('refs/heads/'.length) };
    }
    if (name !== ref) continue;
    const worktree = line.slice(tip.length + name.length + 2);
    facts = { ...facts, tip, ...(worktree === '' ? {} : { checkedOutAt: worktree }) };
  }
  return facts;
}

export interface CommitSettings {
  readonly sign: boolean;
  readonly autocrlf: boolean;
}

/** What git's configuration says about commits: `commit.gpgSign` and `core.autocrlf`. */
export async function readCommitSettings(root: string, signal?: AbortSignal): Promise<CommitSettings> {
  const { stdout } = await runGit(['config', '-z', '--get-regexp', '^(commit\\.gpgsign|core\\.autocrlf)$'], {
    cwd: root,
    signal,
    exitCodes: [0, 1],
  });
  const settings = new Map<string, string>();
  for (const record of stdout.split('\0')) {
    // `key LF value`; a key without a value means true. The last one wins.
    const [key = '', value = 'true'] = record.split('\n', 2);
    settings.set(key.toLowerCase(), value.toLowerCase());
  }
  const isTrue = (value: string | undefined): boolean => ['true', 'yes', 'on', '1'].includes(value ?? '');
  const autocrlf = settings.get('core.autocrlf');
  return { sign: isTrue(settings.get('commit.gpgsign')), autocrlf: autocrlf === 'input' || isTrue(autocrlf) };
}

/**
 * Author and committer as `git commit` would take them. Where git knows nobody, the operating system's user stands in, unless
 * `user.useConfigOnly` forbids a guess.
 */
export async function readAuthorship(
  root: string,
  signal?: AbortSignal,
): Promise<{ readonly author: Person; readonly committer: Person }> {
  const [author, committer] = await Promise.all(
    ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT'].map((name) =>
      runGit(['var', name], { cwd: root, signal, exitCodes: [0, 1, 128] }).then((result) => parseIdent(result.stdout)),
    ),
  );
  if (author && committer) return { author, committer };
  const only = await runGit(['config', '--type=bool', '--get', 'user.useConfigOnly'], { cwd: root, signal, exitCodes: [0, 1] });
  if (only.stdout.trim() === 'true') {
    throw new HumanError('git does not know who you are: set user.name and user.email with git config.');
  }
  const user = userInfo().username;
  const guess = { name: user, email: `${user}@localhost` };
  return { author: author ?? guess, committer: committer ?? guess };
}

function parseIdent(text: string): Person | undefined {
  if (text.trim() === '') return undefined;
  const match = /^(.*) <([^<>\n]*)> \d+ [+-]\d{4}\s*$/.exec(text);
  if (!match) throw new VendorError('git', 'git var gave an identity that cannot be read.', { retryable: false });
  return { name: match[1] ?? '', email: match[2] ?? '' };
}
