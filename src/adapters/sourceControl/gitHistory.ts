import { HumanError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import { isCommitId } from '../../core/git/refName';
import { runGit } from '../clients/git';

/** Questions about commits that are already there. All take full commit ids, since what names them comes from outside. */

/** The commit that HEAD stands on, with its committer's date (`<seconds> <±hhmm>`, git's raw date); undefined before the first commit. */
export async function readHead(root: string): Promise<{ readonly commit: string; readonly date: string } | undefined> {
  // Plumbing: what a person has set for `git log` does not count.
  const args = ['rev-list', '--max-count=1', '--date=raw', '--format=%cd', 'HEAD', '--'];
  const { exitCode, stdout } = await runGit(args, { cwd: root, exitCodes: [0, 1, 128] });
  const match = /^commit ([0-9a-f]+)\n(\d+ [+-]\d{4})$/m.exec(stdout);
  return exitCode !== 0 || match === null ? undefined : { commit: match[1] ?? '', date: match[2] ?? '' };
}

/** git tree id of a commit; undefined when the commit is not in the repository. */
export async function readTreeId(root: string, commit: string): Promise<string | undefined> {
  requireIds(commit);
  // `^{commit}` first: the id of a tree would otherwise answer with itself.
  const { exitCode, stdout } = await runGit(['rev-parse', '--verify', '--quiet', `${commit}^{commit}^{tree}`], {
    cwd: root,
    exitCodes: [0, 1, 128],
  });
  return exitCode === 0 ? stdout.trim() : undefined;
}

/** First parent of a commit; undefined where there is none or the commit is not in the repository. */
export async function readFirstParent(root: string, commit: string): Promise<string | undefined> {
  requireIds(commit);
  const { exitCode, stdout } = await runGit(['rev-parse', '--verify', '--quiet', `${commit}^{commit}^1`], {
    cwd: root,
    exitCodes: [0, 1, 128],
  });
  return exitCode === 0 ? stdout.trim() : undefined;
}

/**
 * Paths below `prefix` (empty, or with a slash at its end) that differ between two commits, relative to it; sorted as git sorts
 * them. A renamed file counts as one that went and one that came.
 */
export async function readChangedPaths(root: string, prefix: string, from: string, to: string): Promise<readonly string[]> {
  requireIds(from, to);
  const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--no-ext-diff', '--ignore-submodules=none', from, to];
  const { stdout } = await runGit(args, { cwd: root });
  return stdout
    .split('\0')
    .filter((path) => path !== '' && path.startsWith(prefix))
    .map((path) => path.slice(prefix.length));
}

/** Subject lines of the commits that `to` has and `from` has not, newest first; as people may see them. */
export async function readSubjects(
  root: string,
  range: { readonly from: string; readonly to: string; readonly limit: number },
): Promise<readonly { readonly commit: string; readonly subject: string }[]> {
  const { from, to, limit } = range;
  requireIds(from, to);
  if (limit < 1) return [];
  const { stdout } = await runGit(
    [
      'log',
      '-z',
      '--format=%H %s',
      '--encoding=UTF-8',
      '--no-color',
      '--no-decorate',
      '--no-show-signature',
      `--max-count=${Math.floor(limit)}`,
      `${from}..${to}`,
    ],
    { cwd: root },
  );
  return stdout
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => ({ commit: line.slice(0, to.length), subject: cleanLine(line.slice(to.length)) }));
}

function requireIds(...commits: readonly string[]): void {
  if (!commits.every(isCommitId)) throw new HumanError('Full commit ids are needed to look into the history.');
}
