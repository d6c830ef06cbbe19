import { stat } from 'node:fs/promises';
import path from 'node:path';
import { findGitFolder } from './sourceControl/gitFolder';

/**
 * Where log, evidence and local pull requests live: inside the repository's own git folder, where they are shared by all its
 * work trees, follow the clone and can never be committed by accident. Outside of git in `.patchline` beside the files.
 */
export async function dataFolder(root: string): Promise<string> {
  const common = await findGitFolder(root);
  return common === undefined ? path.join(root, '.patchline') : path.join(common, 'patchline');
}

/** True where a run log lies: somebody has worked on a finding here. Reads folders alone and loads nothing. */
export async function hasRunLog(root: string): Promise<boolean> {
  const log = path.join(await dataFolder(root), 'log');
  return stat(log).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
