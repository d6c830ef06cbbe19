/** What the engine is told by its front door (editor settings, command line); everything has a default there. */
export interface EngineSettings {
  /** Globs, relative to the root, under which reports are looked for. */
  readonly reports: readonly string[];
  /** Registry id of the forge, or `auto`: GitHub where the remote is one, else local. */
  readonly forge: string;
  readonly github: { readonly apiUrl: string };
  readonly npm: { readonly path: string };
  readonly proof: { readonly repeat: number; readonly timeoutSeconds: number };
  /** What the run log names as the person: `git` (name and address from git), `os` (the account's name), `none`. */
  readonly logIdentity: 'git' | 'os' | 'none';
  /** False in Restricted Mode: then reading works and no program of the workspace or of git is started. Asked anew each time. */
  mayRun(): boolean;
}
