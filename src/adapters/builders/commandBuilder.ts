import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HumanError, isHumanError, isVendorError, messageOf, throwIfCancelled } from '../../core/errors';
import { isRecord } from '../../core/dependencies/npmManifest';
import { cleanLine, cleanText } from '../../core/findings/cleanText';
import type { Reproducibility, ResourceDescriptor } from '../../core/model/artifact';
import type { Policy } from '../../core/model/policy';
import type { Builder, BuiltArtifact, Clock, Provider, Task, Workspace } from '../../core/ports';
import { lockDependencies } from '../../core/provenance/lockDependencies';
import { builderId } from '../../core/provenance/provenanceOf';
import { findRepository, openCleanTrees, resolveCommit } from '../clients/cleanTrees';
import { runGit } from '../clients/git';
import { shutdownSignal } from '../clients/process';
import type { ProcessResult } from '../clients/process';
import { readInside, removeInside } from '../clients/workspaceFiles';
import { compareArtifacts } from './compareArtifacts';

export const commandBuilderProvider: Provider = {
  id: 'command',
  displayName: 'Command',
  url: 'https://docs.npmjs.com/cli/commands/npm-pack',
  capabilities: ['npm pack', 'git archive', 'command', 'reproducibility'],
};

export interface CommandBuilderOptions {
  /** The person's workspace folder. */
  readonly root: string;
  readonly clock: Clock;
  /** Program and first arguments of npm; undefined where it is not found. */
  readonly npm: () => readonly string[] | undefined;
  /** Folder that keeps installed packages by lock file, outside of the workspace. */
  readonly cache: string;
  /** Limit of one run of the command. */
  readonly timeoutSeconds: number;
  /** False in Restricted Mode: then nothing of the workspace is run. */
  readonly mayRun: () => boolean;
}

/** What the proof works with as well; the registry puts it in. */
export interface BuildTools {
  install(
    options: Task & {
      readonly folder: string;
      readonly workspace: string;
      readonly cache: string;
      readonly temporary: string;
      readonly npm: readonly string[] | undefined;
      readonly timeoutMs: number;
    },
  ): Promise<string>;
  run(
    command: readonly string[],
    options: Task & {
      readonly cwd: string;
      readonly temporary: string;
      readonly timeoutMs: number;
      readonly onOutput?: (text: string) => void;
    },
  ): Promise<ProcessResult & { readonly isolated: boolean }>;
  files(folder: string): Workspace;
}

/** What is built without a word of the policy: the npm package; of a project that npm cannot pack, its files as they are committed. */
const defaults = {
  npm: {
    command: ['npm', 'pack', '--ignore-scripts', '--json'],
    into: (folder: string) => `--pack-destination=${folder}`,
    output: '*.tgz',
  },
  git: {
    command: ['git', 'archive', '--format=tar', 'HEAD'],
    into: (folder: string) => `--output=${join(folder, 'source.tar')}`,
    output: '*.tar',
  },
} as const;
const longestLog = 1024 * 1024;

interface Tree {
  readonly name: string;
  /** The work tree itself, absolute. */
  readonly root: string;
  /** The workspace folder inside of it. */
  readonly folder: string;
}

interface BuildTrees {
  readonly commit: string;
  readonly first: Tree;
  readonly second: Tree;
  readonly temporary: string;
}

interface Output {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/**
 * Builds a commit's artifact by a command, twice from clean work trees in different folders, one after the other so that a clock
 * that gets into the artifact shows. The person's work tree, index and branch are not touched.
 */
export function createCommandBuilder(options: CommandBuilderOptions & BuildTools): Builder {
  return {
    async build(commit, context) {
      if (!options.mayRun()) {
        throw new HumanError(
          'A build runs code of the workspace, and the workspace is not trusted. Trust it first (Workspaces: Manage Workspace Trust).',
        );
      }
      const task: Task = {
        signal: AbortSignal.any([shutdownSignal(), ...(context.signal === undefined ? [] : [context.signal])]),
        ...(context.onProgress === undefined ? {} : { onProgress: context.onProgress }),
      };
      throwIfCancelled(task.signal);
      checkPolicy(context.policy);
      task.onProgress?.('Checking the commit out twice', 0);
      const repository = await findRepository(options.root, task.signal);
      if (repository === undefined) {
        throw new HumanError(
          'A build needs a git repository: it works in clean checkouts of a commit. Run “git init” and commit once.',
        );
      }
      const whole = await resolveCommit(repository, commit, task.signal);
      const { folders, roots, temporary, dispose } = await openCleanTrees(
        repository,
        'build',
        { first: whole, 'second-build': whole },
        task,
      );
      const tree = (name: 'first' | 'second-build'): Tree => ({ name, root: roots[name], folder: folders[name] });
      const trees = { commit: whole, first: tree('first'), second: tree('second-build'), temporary };
      try {
        return await new BuildSession(options, context.policy, trees, task).build();
      } finally {
        await dispose();
      }
    },
  };
}

function checkPolicy({ build = {} }: Policy): void {
  if (build.command !== undefined && build.output === undefined)
    throw new HumanError('.patchline.json names build.command but not build.output: say which file the command leaves.');
  if (build.command === undefined && build.output !== undefined)
    throw new HumanError('.patchline.json names build.output but not build.command: say which command leaves that file.');
}

class BuildSession {
  private readonly log: string[] = [];
  private command: readonly string[] = [];

  constructor(
    private readonly options: CommandBuilderOptions & BuildTools,
    private readonly policy: Policy,
    private readonly trees: BuildTrees,
    private readonly task: Task,
  ) {}

  async build(): Promise<BuiltArtifact> {
    const { clock } = this.options;
    const { commit, first, second } = this.trees;
    const startedOn = new Date(clock.now()).toISOString();
    const manifest = await this.readManifest(first);
    this.command = this.policy.build?.command ?? defaultOf(manifest).command;
    const output = await this.buildIn(first, manifest, 'Building', 0.1);
    const finishedOn = new Date(clock.now()).toISOString();
    const reproducibility = await this.buildAgain(second, manifest, output);
    const version = nameOf(manifest, 'version') ?? commit.slice(0, 12);
    return {
      name: nameOf(manifest, 'name') ?? cleanLine(basename(output.file), 200),
      version,
      mediaType: mediaTypeOf(output.file),
      bytes: output.bytes,
      command: this.command,
      tree: (await runGit(['rev-parse', `${commit}^{tree}`], { cwd: first.root, signal: this.task.signal })).stdout.trim(),
      dependencies: await this.readDependencies(first, manifest),
      builder: { id: builderId, version: await this.readVersions(first) },
      startedOn,
      finishedOn,
      reproducibility,
      log: this.log.join('\n'),
    };
  }

  /** A second build that fails says nothing of the first one's bytes: then it was not checked, and why. */
  private async buildAgain(tree: Tree, manifest: Manifest, first: Output): Promise<Reproducibility> {
    let second: Output;
    try {
      second = await this.buildIn(tree, manifest, 'Building again, to see whether it comes out the same', 0.55);
    } catch (error) {
      if (!isHumanError(error) && !isVendorError(error)) throw error;
      return { verdict: 'not-checked', differences: [`The second build failed: ${messageOf(error)}`] };
    }
    const renamed = second.file === first.file ? [] : [`the name of the file: ${first.file} and ${second.file}`];
    const differences = [...renamed, ...compareArtifacts(first.bytes, second.bytes)];
    return { verdict: differences.length === 0 ? 'reproducible' : 'different', differences };
  }

  private async buildIn(tree: Tree, manifest: Manifest, what: string, fraction: number): Promise<Output> {
    const { options, task } = this;
    const { temporary } = this.trees;
    const npm = options.npm();
    const timeoutMs = options.timeoutSeconds * 1000;
    const { command, output } = this.policy.build ?? {};
    if (command !== undefined || needsBundled(manifest)) {
      task.onProgress?.('Putting the packages in place', fraction);
      const { folder } = tree;
      const { root: workspace, cache } = options;
      const where = { folder, workspace, cache, temporary, npm, timeoutMs: Math.max(timeoutMs, 300_000) };
      this.note(await options.install({ ...where, ...task }));
    }
    task.onProgress?.(what, fraction + 0.05);
    // Without a command of the policy the file goes into a folder that holds nothing else.
    const packed = join(temporary, `packed-${tree.name}`);
    await mkdir(packed, { recursive: true });
    // A file that somebody committed once is not what this build makes.
    if (command !== undefined)
      for (const file of await this.listOutput(tree.folder, output ?? '')) await removeInside(tree.folder, file);
    const usual = defaultOf(manifest);
    const [program = '', verb = '', ...rest] = this.command;
    const whole = command === undefined ? [program, verb, usual.into(packed), ...rest] : this.command;
    await this.run(tree, whole, timeoutMs, fraction + 0.05);
    return command === undefined ? this.findOutput(packed, usual.output) : this.findOutput(tree.folder, output ?? '');
  }

  private async run(tree: Tree, command: readonly string[], timeoutMs: number, fraction: number): Promise<void> {
    const { options, task } = this;
    const shown = this.command.map((part) => cleanLine(part, 200)).join(' ');
    const result = await options.run(this.withNpm(command), {
      ...(task.signal === undefined ? {} : { signal: task.signal }),
      cwd: tree.folder,
      temporary: this.trees.temporary,
      timeoutMs,
      onOutput: (text) => {
        const line = text.split(/\r?\n/).findLast((each) => each.trim() !== '');
        if (line !== undefined) task.onProgress?.(cleanLine(this.withoutPaths(line), 200), fraction);
      },
    });
    const said = this.withoutPaths(cleanText([result.stdout, result.stderr].join('\n'), longestLog)).trim();
    const network = result.isolated ? 'off' : 'not switched off (this system offers no way to)';
    const code = result.exitCode ?? `none (${result.signal ?? 'signal'})`;
    this.note([`$ ${shown}`, `exit code ${code}, network ${network}`, said].join('\n'));
    if (result.timedOut) throw new HumanError(`The build “${shown}” did not end in ${options.timeoutSeconds} s and was ended.`);
    if (result.exitCode === 0) return;
    const last = said.split('\n').filter((line) => line.trim() !== '');
    throw new HumanError(`The build “${shown}” failed with exit code ${code}: ${cleanLine(last.slice(-8).join(' · '), 1500)}`);
  }

  private async findOutput(folder: string, pattern: string): Promise<Output> {
    // A folder of the workspace's own walls: links that lead outside and files that are too large are refused.
    const found = await this.listOutput(folder, pattern);
    const [file, ...more] = found;
    const shown = cleanLine(pattern, 200);
    if (file === undefined) throw new HumanError(`The build left no file ${shown}. What it said is in its log.`);
    if (more.length > 0) {
      const names = found.slice(0, 4).map((name) => cleanLine(name, 200));
      throw new HumanError(
        `The build left ${found.length} files that fit ${shown}: ${names.join(', ')}. It must be exactly one.`,
      );
    }
    const bytes = await readInside(folder, file);
    if (bytes === undefined || bytes.length === 0) throw new HumanError(`The build left an empty file ${cleanLine(file, 200)}.`);
    return { file, bytes };
  }

  private listOutput(folder: string, pattern: string): Promise<readonly string[]> {
    return this.options.files(folder).list([pattern], { ...this.task, includeIgnored: true });
  }

  private withNpm(command: readonly string[]): readonly string[] {
    if (command[0] !== 'npm') return command;
    const npm = this.options.npm();
    if (npm === undefined)
      throw new HumanError('npm was not found on PATH, so the artifact cannot be built. Install Node.js and npm.');
    return [...npm, ...command.slice(1)];
  }

  private async readManifest(tree: Tree): Promise<Manifest> {
    const text = await readText(tree.folder, 'package.json');
    if (text === undefined) return {};
    try {
      const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
      if (isRecord(value)) return value;
    } catch (error) {
      throw new HumanError(
        `package.json of the commit is no JSON: ${error instanceof Error ? cleanLine(error.message, 200) : ''}`,
      );
    }
    throw new HumanError('package.json of the commit is no JSON object.');
  }

  private async readDependencies(tree: Tree, manifest: Manifest): Promise<readonly ResourceDescriptor[]> {
    const source: ResourceDescriptor = { name: 'source', digest: { gitCommit: this.trees.commit } };
    // npm prefers the shrinkwrap where both are there.
    for (const name of ['npm-shrinkwrap.json', 'package-lock.json']) {
      const lock = await readText(tree.folder, name);
      if (lock !== undefined) return [source, ...lockDependencies(lock, name, manifest)];
    }
    return [source];
  }

  /** Of the programs that the build had on its PATH; one that is not there is not named. */
  private async readVersions(tree: Tree): Promise<Readonly<Record<string, string>>> {
    const { temporary } = this.trees;
    const npm = this.options.npm();
    const found: Record<string, string> = {};
    const programs = { node: ['node', '--version'], npm: npm && [...npm, '--version'], git: ['git', '--version'] };
    for (const [name, command] of Object.entries(programs)) {
      if (command === undefined) continue;
      try {
        const signal = this.task.signal === undefined ? {} : { signal: this.task.signal };
        const result = await this.options.run(command, { cwd: tree.folder, temporary, timeoutMs: 30_000, ...signal });
        const version = /\d+\.\d+[\w.+-]*/.exec(result.stdout)?.[0];
        if (result.exitCode === 0 && version !== undefined) found[name] = version;
      } catch (error) {
        if (!isHumanError(error)) throw error;
      }
    }
    return found;
  }

  private note(words: string): void {
    this.log.push(words);
  }

  /** Folders of this machine say nothing to a reader. */
  private withoutPaths(text: string): string {
    const { first, second, temporary } = this.trees;
    const places = [...[first, second].map(({ root }) => [root, '<work tree>'] as const), [temporary, '<temporary>']];
    return places.reduce((shown, [path = '', name = '']) => shown.replaceAll(path, name), text);
  }
}

type Manifest = Readonly<Record<string, unknown>>;

/** npm packs what has a name and a version (docs.npmjs.com/cli/configuring-npm/package-json); private services often have neither. */
function defaultOf(manifest: Manifest): (typeof defaults)[keyof typeof defaults] {
  return nameOf(manifest, 'name') === undefined || nameOf(manifest, 'version') === undefined ? defaults.git : defaults.npm;
}

function needsBundled(manifest: Manifest): boolean {
  const bundled = manifest['bundleDependencies'] ?? manifest['bundledDependencies'];
  return bundled === true || (Array.isArray(bundled) && bundled.length > 0);
}

function nameOf(manifest: Manifest, field: 'name' | 'version'): string | undefined {
  const value = manifest[field];
  const text = typeof value === 'string' ? cleanLine(value, 214) : '';
  return text === '' ? undefined : text;
}

async function readText(folder: string, path: string): Promise<string | undefined> {
  const bytes = await readInside(folder, path);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

function mediaTypeOf(file: string): string {
  if (/\.(?:tgz|tar\.gz)$/i.test(file)) return 'application/gzip';
  if (/\.tar$/i.test(file)) return 'application/x-tar';
  if (/\.(?:zip|vsix|jar|whl)$/i.test(file)) return 'application/zip';
  return 'application/octet-stream';
}
