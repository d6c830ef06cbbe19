import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isVendorError } from '../../core/errors';
import { runGit } from '../clients/git';
import type { GitPlace } from '../clients/git';
import type { AttributeSources } from './attributeSources';
import { ancestors } from './baseTree';
import type { TreeEntry } from './baseTree';
import { storedAsIs } from './cleanContent';
import { fastImportArgs, fastImportStream, quotePath } from './fastImport';
import type { CommitFile } from './fastImport';
import { commitSettingsOf } from './gitFacts';
import { readTracedSettings, settingsTrace, settingsTraceEnd } from './gitSettings';
import type { GitSettings } from './gitSettings';

export interface QuickRequest {
  readonly branch: string;
  readonly base: string;
  /** Repository path → text, null: the file goes. */
  readonly files: ReadonlyMap<string, string | null>;
  /** Ends with a line feed. */
  readonly message: string;
  /** `<seconds> <±hhmm>`, git's raw date. */
  readonly date: string;
}

/** How long the settings may come later than the answers, in milliseconds. */
const settingsDelay = 200;

/**
 * Makes branch and commit with a single git process, which also answers what has to be known first (git-fast-import(1), `ls`):
 * each further process would cost as much. Takes only the plain case: a new branch, regular files whose bytes git stores as they
 * are, no signature.
 *
 * @returns the commit; undefined when the case is not plain or git would not do it: nothing is changed then
 * @throws HumanError where git knows no author and may not guess one; CancelledError
 */
export async function quickCommit(
  place: GitPlace,
  request: QuickRequest,
  sources: AttributeSources,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { root, commonDir } = place;
  for (const text of request.files.values()) if (text?.includes('\r\n') === true) return undefined;
  const paths = [...request.files.keys()];
  const folders = [...new Set(paths.flatMap(ancestors))];
  if (!(await isNewBranch(commonDir, request.branch)) || (await sources.mayExist(place, ['', ...folders]))) return undefined;

  const attributes = ['', ...folders].map((folder) => (folder === '' ? '.gitattributes' : `${folder}/.gitattributes`));
  const talk = new Talk([...attributes, ...folders, ...paths], request.base);
  let made = false;
  const decide = async (): Promise<Buffer | undefined> => {
    const facts = await talk.facts;
    const { settings } = facts ?? {};
    if (facts === undefined || settings === undefined || settings.has('core.attributesfile') || settings.has('attr.tree'))
      return undefined;
    const files = changesOf(request, facts.entries, attributes, folders);
    if (files === undefined) return undefined;
    const { sign, author, committer } = await commitSettingsOf(root, settings, signal);
    if (sign) return undefined;
    made = true;
    return fastImportStream(request.branch, { ...request, files, author, committer });
  };
  async function* speak(): AsyncGenerator<string | Buffer> {
    yield talk.questions;
    yield (await decide()) ?? 'done\n';
  }
  try {
    const { stdout } = await runGit(fastImportArgs, {
      cwd: root,
      signal,
      input: speak(),
      env: settingsTrace,
      onOutput: (text, stream) => talk.hear(text, stream),
    });
    const commit = stdout.trimEnd().split('\n').at(-1) ?? '';
    return made && /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined;
  } catch (error) {
    // The long way will meet it again, and knows the words for it.
    if (isVendorError(error)) return undefined;
    throw error;
  } finally {
    talk.end();
  }
}

/** False when the branch exists or that cannot be told from files (gitrepository-layout(5): loose and packed refs). */
async function isNewBranch(commonDir: string, branch: string): Promise<boolean> {
  const read = async (file: string): Promise<string | undefined> =>
    readFile(join(commonDir, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      return '';
    });
  const [head, loose, packed] = await Promise.all([read('HEAD'), read(`refs/heads/${branch}`), read('packed-refs')]);
  // A repository that keeps its refs otherwise (reftable) has a HEAD that names no branch.
  if (head === undefined || head === '' || head.includes('refs/heads/.invalid') || loose !== undefined) return false;
  return packed === undefined || (packed.startsWith('#') && !packed.includes(` refs/heads/${branch}\n`));
}

/** What the commit changes; undefined when a path is no regular file, or lies below what is no folder, or nothing changes. */
function changesOf(
  { files, base }: QuickRequest,
  entries: ReadonlyMap<string, TreeEntry>,
  attributes: readonly string[],
  folders: readonly string[],
): ReadonlyMap<string, CommitFile | null> | undefined {
  if (attributes.some((path) => entries.has(path))) return undefined;
  if (folders.some((path) => (entries.get(path)?.mode ?? '040000') !== '040000')) return undefined;
  const changes = new Map<string, CommitFile | null>();
  for (const [path, text] of files) {
    const entry = entries.get(path);
    if (entry !== undefined && entry.mode !== '100644' && entry.mode !== '100755') return undefined;
    if (text === null) {
      if (entry !== undefined) changes.set(path, null);
      continue;
    }
    const content = storedAsIs(text, base.length);
    if (entry?.id !== content.id) changes.set(path, { mode: entry?.mode ?? '100644', content });
  }
  return changes.size === 0 ? undefined : changes;
}

/** The questions to fast-import and what it answers; the settings come on stderr. */
class Talk {
  readonly questions: string;
  /** Undefined when the process ended before it had said all, or said something else. */
  readonly facts: Promise<
    { readonly entries: ReadonlyMap<string, TreeEntry>; readonly settings: GitSettings | undefined } | undefined
  >;
  private settle: (known: boolean) => void = () => undefined;
  private answers = '';
  private trace = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly paths: readonly string[],
    base: string,
  ) {
    this.questions = paths.map((path) => `ls ${base} ${quotePath(path)}\n`).join('');
    const known = new Promise<boolean>((resolve) => (this.settle = resolve));
    this.facts = known.then((isKnown) => {
      const entries = isKnown ? readEntries(this.paths, this.answers) : undefined;
      return entries === undefined ? undefined : { entries, settings: readTracedSettings(this.trace) };
    });
  }

  hear(text: string, stream: 'stdout' | 'stderr'): void {
    if (stream === 'stdout') this.answers += text;
    else this.trace += text;
    if (this.answers.split('\n').length <= this.paths.length) return;
    if (this.trace.includes(settingsTraceEnd)) this.settle(true);
    // A git that traces nothing.
    else this.timer ??= setTimeout(() => this.settle(false), settingsDelay);
  }

  end(): void {
    clearTimeout(this.timer);
    this.settle(false);
  }
}

/** `<mode> SP <type> SP <id> TAB <path>` or `missing SP <path>` for each path in order. */
function readEntries(paths: readonly string[], answers: string): ReadonlyMap<string, TreeEntry> | undefined {
  const lines = answers.split('\n');
  const entries = new Map<string, TreeEntry>();
  for (const [i, path] of paths.entries()) {
    const line = lines[i] ?? '';
    if (line.startsWith('missing ')) continue;
    const match = /^(\d{6}) (?:blob|tree|commit) ([0-9a-f]{40,64})\t/.exec(line);
    if (match === null) return undefined;
    entries.set(path, { mode: match[1] ?? '', id: match[2] ?? '' });
  }
  return entries;
}
