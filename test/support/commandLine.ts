import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestRepo } from './gitRepo';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command line as it ships, built into a folder of its own: starting it so is twice as quick as from source. */
export class CommandLine {
  private readonly folder = mkdtempSync(join(tmpdir(), 'patchline-cli-'));
  readonly file = join(this.folder, 'cli.js');

  constructor() {
    execFileSync(process.execPath, [join(root, 'esbuild.config.mjs'), '--terminal', this.folder], { cwd: root, stdio: 'pipe' });
  }

  /** Runs one command to its end. */
  run(cwd: string, args: readonly string[], input = ''): Ran {
    const ran = spawnSync(process.execPath, [this.file, ...args], {
      cwd,
      input,
      encoding: 'utf8',
      env: this.environment,
      maxBuffer: 256 * 1024 * 1024,
      timeout: 120_000,
    });
    if (ran.error !== undefined) throw ran.error;
    return { code: ran.status, out: ran.stdout, err: ran.stderr };
  }

  /** The environment without what a developer's shell or CI may set: tokens, and git's own variables. */
  get environment(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^(GIT_|PATCHLINE_|GITHUB_TOKEN$|NODE_TEST_CONTEXT$)/.test(name),
    );
    return Object.fromEntries(kept);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A project below test/fixtures/cli as a repository with one commit, made by a fixed person at a fixed time. */
export function fixtureRepo(name: string): TestRepo {
  const repo = new TestRepo();
  cpSync(join(root, 'test/fixtures/cli', name), repo.root, { recursive: true });
  repo.commitAll('The service as it is');
  return repo;
}
