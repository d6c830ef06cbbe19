import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HumanError } from '../../core/errors';
import { runGit } from './git';
import type { GitOptions } from './git';
import type { ProcessResult } from './process';

/** What came of merging two commits: a tree, or the paths where they contradict each other. */
export type MergeResult = { readonly tree: string } | { readonly conflicts: readonly string[] };

/**
 * Runs git on a repository by its own folder (a bare one, or `.git`). Named instead of found from the working folder: git may be
 * set to find no bare repository by itself (`safe.bareRepository`), and below a work tree's root paths would be relative.
 */
export function runGitIn(gitDir: string, args: readonly string[], options: Omit<GitOptions, 'cwd'> = {}): Promise<ProcessResult> {
  return runGit([`--git-dir=${gitDir}`, ...args], { ...options, cwd: gitDir });
}

/**
 * Merges two commits of a repository into a tree, without work tree, branch or commit. Git 2.38 and later do it by themselves
 * (git-merge-tree(1), `--write-tree`); older ones by an index in a temporary folder, file by file.
 *
 * @param gitDir - the repository itself: a bare one, or the `.git` folder
 * @throws HumanError when the two have no common history
 */
export async function mergeTrees(
  gitDir: string,
  ours: string,
  theirs: string,
  options: { readonly signal?: AbortSignal | undefined; readonly byIndex?: boolean } = {},
): Promise<MergeResult> {
  const { signal } = options;
  const bases = await runGitIn(gitDir, ['merge-base', ours, theirs], { signal, exitCodes: [0, 1] });
  const base = bases.stdout.split('\n')[0] ?? '';
  if (base === '') throw new HumanError(`The commits ${ours.slice(0, 8)} and ${theirs.slice(0, 8)} have no common history.`);
  if (options.byIndex ?? !(await writesTrees(gitDir, signal))) return mergeByIndex(gitDir, { base, ours, theirs }, signal);
  const { exitCode, stdout } = await runGitIn(
    gitDir,
    ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs],
    {
      signal,
      exitCodes: [0, 1],
    },
  );
  const [tree = '', ...paths] = stdout.split('\0').filter((field) => field !== '');
  return exitCode === 0 ? { tree } : { conflicts: paths };
}

async function writesTrees(cwd: string, signal: AbortSignal | undefined): Promise<boolean> {
  const { stdout } = await runGit(['version'], { cwd, signal });
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(stdout) ?? [];
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 38);
}

interface Sides {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/** Renames are not followed: a file that one side renamed and the other changed is a conflict here. */
async function mergeByIndex(gitDir: string, sides: Sides, signal: AbortSignal | undefined): Promise<MergeResult> {
  const folder = await mkdtemp(join(tmpdir(), 'patchline-merge-'));
  const options = { signal, env: { GIT_INDEX_FILE: join(folder, 'index') } };
  try {
    await runGitIn(gitDir, ['read-tree', '-i', '-m', '--aggressive', sides.base, sides.ours, sides.theirs], options);
    const { stdout } = await runGitIn(gitDir, ['ls-files', '-z', '--unmerged'], options);
    const conflicts: string[] = [];
    for (const [path, stages] of unmerged(stdout)) {
      const merged = await mergeFile(gitDir, folder, stages, signal);
      if (merged === undefined) conflicts.push(path);
      else {
        const input = `0 ${'0'.repeat(sides.ours.length)}\t${path}\0${merged.mode} ${merged.id}\t${path}\0`;
        await runGitIn(gitDir, ['update-index', '-z', '--index-info'], { ...options, input });
      }
    }
    if (conflicts.length > 0) return { conflicts };
    return { tree: (await runGitIn(gitDir, ['write-tree'], options)).stdout.trim() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Stage {
  readonly mode: string;
  readonly id: string;
}

/** `<mode> <id> <stage> TAB <path>`: stage 1 is the base, 2 ours, 3 theirs (git-ls-files(1)). */
function unmerged(output: string): ReadonlyMap<string, readonly (Stage | undefined)[]> {
  const found = new Map<string, (Stage | undefined)[]>();
  for (const record of output.split('\0')) {
    const [, mode = '', id = '', stage = '', path] = /^(\d+) ([0-9a-f]+) ([123])\t(.*)$/s.exec(record) ?? [];
    if (path === undefined) continue;
    const stages = found.get(path) ?? [undefined, undefined, undefined];
    stages[Number(stage) - 1] = { mode, id };
    found.set(path, stages);
  }
  return found;
}

/** Three-way merge of one text; undefined where a person has to decide: added twice, changed and deleted, links, binary, overlap. */
async function mergeFile(
  gitDir: string,
  folder: string,
  [base, ours, theirs]: readonly (Stage | undefined)[],
  signal: AbortSignal | undefined,
): Promise<Stage | undefined> {
  if (base === undefined || ours === undefined || theirs === undefined) return undefined;
  if (![base, ours, theirs].every(({ mode }) => mode.startsWith('100'))) return undefined;
  const files = { ours: join(folder, 'ours'), base: join(folder, 'base'), theirs: join(folder, 'theirs') };
  for (const [file, { id }] of [
    [files.ours, ours],
    [files.base, base],
    [files.theirs, theirs],
  ] as const) {
    const { stdout } = await runGitIn(gitDir, ['cat-file', 'blob', id], { signal, binary: true });
    await writeFile(file, stdout, 'latin1');
  }
  // The number of conflicts is the exit code; 255 says that a side is binary.
  const result = await runGit(['merge-file', '-p', '--quiet', files.ours, files.base, files.theirs], {
    cwd: folder,
    signal,
    binary: true,
    exitCodes: Array.from({ length: 256 }, (_, code) => code),
  });
  if (result.exitCode !== 0) return undefined;
  const input = Buffer.from(result.stdout, 'latin1');
  const { stdout } = await runGitIn(gitDir, ['hash-object', '-w', '--stdin'], { signal, input });
  return { mode: ours.mode === base.mode ? theirs.mode : ours.mode, id: stdout.trim() };
}
