import { join, posix } from 'node:path';
import { joinFolder, parentsOf, readNpmProject } from '../../core/dependencies/readNpmProject';
import type { ProjectFiles } from '../../core/dependencies/readNpmProject';
import { VendorError, isHumanError, isVendorError } from '../../core/errors';
import type { Workspace } from '../../core/ports';
import { installDependencies } from '../clients/installDependencies';
import type { InstallOptions } from '../clients/installDependencies';
import type { ProofSession, Side } from './proofSession';
import { filesOf } from './proofTrees';

export type InstallSettings = Pick<InstallOptions, 'cache' | 'npm' | 'timeoutMs'>;

/** What is installed where: a folder with its lock file, and its workspace member that the proof runs in. */
interface Place {
  readonly folder: string;
  readonly member?: string;
}

/** Why packages of one side could not be put in place. */
export interface Missing {
  /** Those of the package that the proof runs in. */
  readonly own?: Error;
  /** Those of the workspace root, where the package lies below it and has packages of its own: it may do without them. */
  readonly root?: Error;
}

/**
 * Puts the packages in place on both sides, those of the workspace root and those of the package that the proof runs in; gives
 * the errors of what could not be put in place.
 * @param packageFolder - workspace folder of that package, `` for the workspace itself
 */
export async function installPackages(
  session: ProofSession,
  workspace: Workspace,
  packageFolder: string,
  settings: InstallSettings,
): Promise<Readonly<Record<Side, Missing>>> {
  const install = async (side: Side): Promise<Missing> => {
    const at = side === 'base' ? 0.15 : 0.2;
    session.task.onProgress?.(`Putting the packages in place ${side === 'base' ? 'without' : 'with'} the fix`, at);
    const put = ({ folder, member }: Place): Promise<Error | undefined> =>
      errorOf(
        installDependencies({
          folder: join(session.folder(side), folder),
          workspace: join(workspace.root, folder),
          temporary: session.trees.temporary,
          ...(member === undefined ? {} : { member }),
          ...settings,
          ...session.task,
        }),
      );
    let place: Place;
    try {
      place = await placeOf(filesOf(session.folder(side)), packageFolder);
    } catch (error) {
      if (!isHumanError(error)) throw error;
      return { own: new VendorError('npm', error.message, { retryable: false }) };
    }
    const root = place.folder === '' ? undefined : await put({ folder: '' });
    const own = await put(place);
    return { ...(own === undefined ? {} : { own }), ...(root === undefined ? {} : { root }) };
  };
  return { base: await install('base'), patched: await install('patched') };
}

async function errorOf(installing: Promise<unknown>): Promise<Error | undefined> {
  try {
    await installing;
    return undefined;
  } catch (error) {
    if (!isVendorError(error)) throw error;
    return error;
  }
}

async function placeOf(files: ProjectFiles, packageFolder: string): Promise<Place> {
  if (packageFolder === '') return { folder: '' };
  const folder = await lockFolderOf(files, packageFolder);
  return folder === packageFolder ? { folder } : { folder, member: posix.relative(`/${folder}`, `/${packageFolder}`) };
}

/** The folder whose lock file names the packages of a package: its own, or that of the root whose workspace member it is. */
async function lockFolderOf(files: ProjectFiles, packageFolder: string): Promise<string> {
  const own = await readNpmProject(files, joinFolder(packageFolder, 'package.json'));
  if (own?.lock !== undefined || own?.foreignLock !== undefined) return own.folder;
  // Other package managers keep one lock for all members, and its members are not named in a way that is read here.
  for (const folder of parentsOf(packageFolder)) {
    const above = await readNpmProject(files, joinFolder(folder, 'package.json'));
    if (above?.folder === folder && above.foreignLock !== undefined) return folder;
  }
  return packageFolder;
}
