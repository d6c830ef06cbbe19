import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const made: { work?: string; bare?: string } = {};

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'patchline-repo-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A bare repository as `git init --bare` makes it, to be copied. Made once. */
export function emptyBareRepository(): string {
  if (made.bare === undefined) {
    made.bare = makeFolder();
    execFileSync('git', ['init', '--quiet', '--template=', '--bare', '--initial-branch=main', made.bare]);
  }
  return made.bare;
}

/**
 * A `.git` folder as `git init` makes it, without sample hooks, and with what tests want set. Made once: hundreds of tests begin with
 * a repository, and each git process takes as long as the rest of many a test.
 */
function emptyRepository(): string {
  if (made.work === undefined) {
    const folder = makeFolder();
    execFileSync('git', ['init', '--quiet', '--template=', '--initial-branch=main', folder]);
    const settings = '[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[commit]\n\tgpgsign = false\n';
    appendFileSync(join(folder, '.git/config'), `${settings}[core]\n\tautocrlf = false\n`);
    made.work = join(folder, '.git');
  }
  return made.work;
}

/** A real repository in a temporary folder, for tests. */
export class TestRepo {
  readonly root: string;

  constructor() {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'patchline-repo-')));
    cpSync(emptyRepository(), join(this.root, '.git'), { recursive: true });
  }

  git(...args: string[]): string {
    const env = { ...process.env, GIT_AUTHOR_DATE: '@1700000000 +0100', GIT_COMMITTER_DATE: '@1700000000 +0100', LC_ALL: 'C' };
    return execFileSync('git', args, { cwd: this.root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** Adds everything and commits it; gives the commit id. */
  commitAll(message = 'work'): string {
    this.git('add', '-A');
    this.git('commit', '--quiet', '--allow-empty', '-m', message);
    const branch = /^ref: (.+)$/m.exec(this.read('.git/HEAD'))?.[1] ?? 'none';
    // In a file of its own unless git has just tidied up; a process less is worth the look.
    return existsSync(join(this.root, '.git', branch)) ? this.read(`.git/${branch}`).trim() : this.git('rev-parse', 'HEAD');
  }

  /** Puts these branches into a bare repository, each at the commit of `main`: as a push does, without its processes. */
  copyMainTo(bare: string, branches: readonly string[]): void {
    cpSync(join(this.root, '.git/objects'), join(bare, 'objects'), { recursive: true });
    for (const branch of branches) {
      const file = join(bare, 'refs/heads', branch);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, this.read('.git/refs/heads/main'));
    }
  }

  /** All that must stay as it is when a commit is made beside the work tree: status, index bytes, HEAD, its reflog, stray files. */
  snapshot(): Readonly<Record<string, string>> {
    const read = (file: string): string => {
      const path = join(this.root, '.git', file);
      return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'absent';
    };
    const index = read('index');
    return {
      index,
      head: read('HEAD'),
      headLog: read('logs/HEAD'),
      config: read('config'),
      // Without optional locks, or looking would itself refresh the index.
      status: this.git('--no-optional-locks', 'status', '--porcelain=v2', '--branch', '--untracked-files=all'),
      stash: read('refs/stash'),
      fetchHead: read('FETCH_HEAD'),
    };
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
