import { userInfo } from 'node:os';
import { isCancelled } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { Actor } from '../../core/model/actor';
import type { Identity } from '../../core/ports';
import { runGit } from '../clients/git';

export interface GitIdentityOptions {
  /** The folder whose git configuration counts; it need not lie in a repository. */
  readonly root: string;
  /** False where no program may run (Restricted Mode): then git is not asked. Asked anew each time. */
  readonly mayRun?: () => boolean;
}

/** The person at work as git's configuration names them (`git-config`), else the operating system's account (`os-user`). */
export class GitIdentity implements Identity {
  constructor(private readonly options: GitIdentityOptions) {}

  async current(): Promise<Actor> {
    const identity = this.options.mayRun?.() === false ? undefined : await gitPerson(this.options.root);
    if (identity !== undefined) return { kind: 'person', identity, source: 'git-config' };
    return { kind: 'person', identity: accountName(), source: 'os-user' };
  }
}

/** `Name <email>`, or what there is of it; undefined when git is not there or knows neither. */
async function gitPerson(root: string): Promise<string | undefined> {
  let stdout: string;
  try {
    ({ stdout } = await runGit(['config', '-z', '--get-regexp', '^user\\.(name|email)$'], {
      cwd: root,
      exitCodes: [0, 1],
      timeoutMs: 10_000,
    }));
  } catch (error) {
    if (isCancelled(error)) throw error;
    // No git, no folder, a broken configuration: whoever works here still has an account, and that is recorded as the source.
    return undefined;
  }
  const values = new Map<string, string>();
  for (const record of stdout.split('\0')) {
    const [key = '', value = ''] = record.split(/\n(.*)/s);
    values.set(key, cleanLine(value, 200).replace(/[<>]/g, ''));
  }
  const name = values.get('user.name') ?? '';
  const email = values.get('user.email') ?? '';
  if (email === '') return name === '' ? undefined : name;
  return name === '' ? `<${email}>` : `${name} <${email}>`;
}

/** An account without a name in the user database (containers) makes `userInfo` throw; the number is what is left. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
