/** A splice in a text: UTF-16 offsets into the text before any edit of the same set; edits never overlap. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Why this place changes, one sentence for the reviewer. */
  readonly reason?: string;
}

/**
 * The change of one file. `before` is the whole text the change was made for (null: the file is created), so that drift
 * shows by comparison and the change can be undone. `edits` are present where the change was made as splices.
 */
export interface FileChange {
  /** Workspace-relative, forward slashes. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string;
  readonly edits?: readonly TextEdit[];
}

/** In order of trust. */
export type FixerTrust = 'scanner' | 'dependency' | 'rule' | 'model' | 'person';

/** A proposed fix: not yet written anywhere. */
export interface Patch {
  readonly findingId: string;
  /** Registry id of the fixer, e.g. `scanner-fix`, `npm-update`, `structural-rule`. */
  readonly fixer: string;
  readonly trust: FixerTrust;
  readonly title: string;
  /** Why the change cures the finding: plain sentences. */
  readonly reason: string;
  readonly changes: readonly FileChange[];
  /** What the reviewer should know: "publishes 3 days ago", "major update", "lock file written by npm 10.8.2". */
  readonly notes: readonly string[];
  /** Ids of all findings that this one change closes, the asked-for one among them where it does; absent where nothing is known. */
  readonly closes?: readonly string[];
  /** For a dependency update: what moves from where to where. */
  readonly update?: { readonly name: string; readonly from: string; readonly to: string; readonly manifest: string };
}

/** An honest refusal. `because` completes the sentence "No fix, because …". */
export interface NoFix {
  readonly findingId: string;
  readonly noFix: string;
}
