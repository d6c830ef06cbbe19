import { findingTrailer, readTrailer } from './trailers';

/** What a commit object says of itself. */
export interface CommitFacts {
  readonly tree: string;
  readonly parents: readonly string[];
  /** `<seconds> <±hhmm>`, git's raw date. */
  readonly authorDate: string;
  readonly committerDate: string;
  readonly message: string;
}

/**
 * True when a commit is Patchline's own for this finding and nobody touched it since: one parent, the finding's trailer, and
 * author and committer date alike (amending or rebasing changes the latter). Only such a commit may be replaced.
 */
export function isOwnCommit(commit: CommitFacts, finding: string | undefined): boolean {
  return (
    finding !== undefined &&
    readTrailer(commit.message, findingTrailer) === finding &&
    commit.parents.length === 1 &&
    commit.authorDate === commit.committerDate
  );
}

/** Reads a raw commit object (`git cat-file commit`). */
export function parseCommitObject(text: string): CommitFacts {
  const end = text.indexOf('\n\n');
  const header = end < 0 ? text : text.slice(0, end);
  const dateOf = (name: string): string => new RegExp(`^${name} .*> (\\d+ [+-]\\d{4})$`, 'm').exec(header)?.[1] ?? '0 +0000';
  return {
    tree: /^tree ([0-9a-f]+)$/m.exec(header)?.[1] ?? '',
    parents: [...header.matchAll(/^parent ([0-9a-f]+)$/gm)].map((match) => match[1] ?? ''),
    authorDate: dateOf('author'),
    committerDate: dateOf('committer'),
    message: end < 0 ? '' : text.slice(end + 2),
  };
}
