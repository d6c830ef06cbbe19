import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { HumanError } from '../../core/errors';
import { runGit } from '../clients/git';
import type { Person } from './fastImport';
import { readSettings } from './gitSettings';
import type { GitSettings } from './gitSettings';

/**
 * Says why a branch may not be made or moved from outside, or undefined: it is checked out in some work tree, or there is a
 * branch above or below it (git keeps refs in folders, so `a` and `a/b` cannot both be).
 */
export async function branchObstacle(root: string, branch: string, signal?: AbortSignal): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  // A pattern also matches the branches below it; those above are asked for by name.
  const patterns = branch.split('/').map((_, i, parts) => `refs/heads/${parts.slice(0, i + 1).join('/')}`);
  const { stdout } = await runGit(['for-each-ref', '--format=%(refname) %(worktreepath)', ...patterns], { cwd: root, signal });
  for (const line of stdout.split('\n')) {
    const [name = '', worktree = ''] = line.split(/ (.*)/s);
    if (name === ref && worktree !== '')
      return `The branch ${branch} is checked out in ${worktree} and is not moved from outside.`;
    if (name !== '' && (ref.startsWith(`${name}/`) || name.startsWith(`${ref}/`))) {
      const other = name.slice('refs/heads/'.length);
      return `The branch ${branch} cannot be made because there is a branch ${other}: git keeps no branch below another.`;
    }
  }
  return undefined;
}

/** True when HEAD names this branch, which may have no commit yet; read from the file, which costs no process. */
export async function isHead(gitDir: string, branch: string): Promise<boolean> {
  const head = await readFile(join(gitDir, 'HEAD'), 'utf8');
  return head.trim() === `ref: refs/heads/${branch}`;
}

export interface CommitSettings {
  readonly sign: boolean;
  readonly autocrlf: boolean;
  readonly author: Person;
  readonly committer: Person;
}

/**
 * What git's configuration and environment say about commits. Author and committer are those `git commit`
 * would take; where git knows nobody and cannot make a person up, the operating system's user stands in.
 *
 * @throws HumanError when git knows nobody and `user.useConfigOnly` forbids a guess.
 */
export async function readCommitSettings(root: string, signal?: AbortSignal): Promise<CommitSettings> {
  return commitSettingsOf(root, await readSettings(root, signal), signal);
}

/** The same from settings that were read already. */
export async function commitSettingsOf(root: string, settings: GitSettings, signal?: AbortSignal): Promise<CommitSettings> {
  const isTrue = (name: string): boolean => ['true', 'yes', 'on', '1'].includes((settings.get(name) ?? '').toLowerCase());
  const person = async (role: 'author' | 'committer'): Promise<Person> => {
    const part = (what: 'name' | 'email'): string =>
      process.env[`GIT_${role}_${what}`.toUpperCase()] || settings.get(`${role}.${what}`) || settings.get(`user.${what}`) || '';
    const given = { name: plain(part('name')), email: plain(part('email')) };
    return given.name !== '' && given.email !== '' ? given : guessPerson(root, role, isTrue('user.useconfigonly'), signal);
  };
  return {
    sign: isTrue('commit.gpgsign'),
    autocrlf: isTrue('core.autocrlf') || settings.get('core.autocrlf')?.toLowerCase() === 'input',
    author: await person('author'),
    committer: await person('committer'),
  };
}

/** As git does it: no angle brackets or line feeds inside, no punctuation or blanks around. */
function plain(text: string): string {
  return text.replace(/[<>\n\0]/g, '').replace(/^[\s.,:;"\\']+|[\s.,:;"\\']+$/g, '');
}

async function guessPerson(
  root: string,
  role: 'author' | 'committer',
  onlyConfig: boolean,
  signal: AbortSignal | undefined,
): Promise<Person> {
  const name = `GIT_${role.toUpperCase()}_IDENT`;
  const { stdout } = await runGit(['var', name], { cwd: root, signal, exitCodes: [0, 1, 128] });
  const match = /^(.*) <([^<>\n]*)> \d+ [+-]\d{4}\s*$/.exec(stdout);
  if (match) return { name: match[1] ?? '', email: match[2] ?? '' };
  if (onlyConfig) throw new HumanError('git does not know who you are: set user.name and user.email with git config.');
  const user = userInfo().username;
  return { name: user, email: `${user}@localhost` };
}
