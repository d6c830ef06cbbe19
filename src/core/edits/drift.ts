import { HumanError } from '../errors';
import type { FileChange } from '../model/patch';

/** Undefined while the file is what the change was made for, else a sentence that names the file and what happened to it. */
export function driftOf(change: FileChange, currentText: string | undefined): string | undefined {
  if (change.before === null)
    return currentText === undefined || currentText === change.after
      ? undefined
      : `${change.path} would be created, but there is such a file by now.`;
  if (currentText === undefined) return `${change.path} is no longer there; the fix was made for it.`;
  if (currentText === change.before) return undefined;
  return `${change.path} has changed since the fix was made. Generate the fix again.`;
}

/**
 * Holds a change against the file as it is now.
 * @param currentText the file's text now; undefined when there is none
 * @throws HumanError naming the file when it is not what the change was made for
 */
export function assertNotDrifted(change: FileChange, currentText: string | undefined): void {
  const drift = driftOf(change, currentText);
  if (drift !== undefined) throw new HumanError(drift);
}
