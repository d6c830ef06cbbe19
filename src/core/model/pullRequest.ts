export interface PullRequest {
  /** Registry id of the forge: `github`, `local`. */
  readonly forge: string;
  readonly number: number;
  /** https link, or for `local` the path of the record. */
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly branch: string;
  readonly base: string;
  /** Commit ids. */
  readonly headCommit: string;
  readonly baseCommit: string;
  readonly state: 'open' | 'merged' | 'closed';
}
