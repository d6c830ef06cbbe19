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

/**
 * Puts the packages in place on both sides, those of the workspace root and those of the package that the proof runs in; gives
 * the error of a side whose packages could not be put in place.
 * @param packageFolder - workspace folder of that package, `` for the workspace itself
 */
export async function installPackages(
  session: ProofSession,
  workspace: Workspace,
  packageFolder: string,
  settings: InstallSettings,
): Promise<ReadonlyMap<Side, Error>> {
  const missing = new Map<Side, Error>();
  for (const side of ['base', 'patched'] as const) {
    session.task.onProgress?.(
      `Putting the packages in place ${side === 'base' ? 'without' : 'with'} the fix`,
      side === 'base' ? 0.15 : 0.2,
    );
    try {
      for (const { folder, member } of await placesOf(filesOf(session.folder(side)), packageFolder)) {
        await installDependencies({
          folder: join(session.folder(side), folder),
          workspace: join(workspace.root, folder),
          temporary: session.trees.temporary,
          ...(member === undefined ? {} : { member }),
          ...settings,
          ...session.task,
        });
      }
    } catch (error) {
      if (!isVendorError(error)) throw error;
      missing.set(side, error);
    }
  }
  return missing;
}

async function placesOf(files: ProjectFiles, packageFolder: string): Promise<readonly Place[]> {
  if (packageFolder === '') return [{ folder: '' }];
  const folder = await lockFolderOf(files, packageFolder);
  const place = folder === packageFolder ? { folder } : { folder, member: posix.relative(`/${folder}`, `/${packageFolder}`) };
  return folder === '' ? [place] : [{ folder: '' }, place];
}

/** The folder whose lock file names the packages of a package: its own, or that of the root whose workspace member it is. */
async function lockFolderOf(files: ProjectFiles, packageFolder: string): Promise<string> {
  try {
    const own = await readNpmProject(files, joinFolder(packageFolder, 'package.json'));
    if (own?.lock !== undefined || own?.foreignLock !== undefined) return own.folder;
    // Other package managers keep one lock for all members, and its members are not named in a way that is read here.
    for (const folder of parentsOf(packageFolder)) {
      const above = await readNpmProject(files, joinFolder(folder, 'package.json'));
      if (above?.folder === folder && above.foreignLock !== undefined) return folder;
    }
    return packageFolder;
  } catch (error) {
    if (isHumanError(error)) throw new VendorError('npm', error.message, { retryable: false });
    throw error;
  }
}
