import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { runGit } from '../clients/git';
import type { GitPlace } from '../clients/git';

/**
 * Where git looks for attributes (gitattributes(5)), so that nobody needs to ask it where there are none: a process of its own
 * would cost as much as the commit.
 */
export class AttributeSources {
  private system: Promise<string | undefined> | undefined;

  /**
   * False when no file that git reads attributes from is there, for files in these folders of the work tree (the root is '').
   * `core.attributesFile` and `attr.tree` may still name another source.
   */
  async mayExist(place: GitPlace, folders: readonly string[]): Promise<boolean> {
    if (process.env['GIT_ATTR_SOURCE'] !== undefined) return true;
    const system = await (this.system ??= systemAttributes(place.root));
    if (system === undefined) return true;
    const user = join(process.env['XDG_CONFIG_HOME'] || join(process.env['HOME'] || homedir(), '.config'), 'git/attributes');
    const own = folders.map((folder) => join(place.root, folder, '.gitattributes'));
    const found = await Promise.all([system, user, join(place.commonDir, 'info/attributes'), ...own].map(exists));
    return found.includes(true);
  }
}

/** The file with attributes for the whole system; undefined when git does not say where it would be. */
async function systemAttributes(root: string): Promise<string | undefined> {
  // Known since git 2.41.
  const { stdout } = await runGit(['var', 'GIT_ATTR_SYSTEM'], { cwd: root, exitCodes: [0, 1, 128, 129] });
  if (stdout.trim() !== '') return stdout.trim();
  // Before, the system's configuration, which lies beside it: named before each setting, or in the complaint that there is none.
  const told = await runGit(['config', '--system', '--list', '--show-origin'], { cwd: root, exitCodes: [0, 1, 128] });
  const file = /^file:(.+?)\t/.exec(told.stdout)?.[1] ?? /unable to read config file '(.+?)'/.exec(told.stderr)?.[1];
  return file === undefined || file.startsWith('"') ? undefined : join(dirname(file), 'gitattributes');
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    // Whatever stands in the way of looking: git will say what it makes of it.
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );
}
