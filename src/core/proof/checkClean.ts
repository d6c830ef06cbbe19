import type { Outcome } from '../model/outcome';
import type { Patch } from '../model/patch';
import { forbiddenManifestFields, forbiddenPath } from './forbiddenPaths';
import { addedSuppressions } from './suppressions';

/** What a check saw, before evidence and time are added. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly detail: string;
}

/**
 * The rules a fix must keep before anything is run: it touches no test, harness, CI, scanner configuration or report, changes
 * package.json in its dependencies alone, adds no suppression comment, and leaves the regression test alone.
 */
export function checkClean(patch: Patch, testPath: string): Verdict {
  const faults: string[] = [];
  if (patch.changes.length === 0) faults.push('the patch changes nothing');
  for (const { path, before, after } of patch.changes) {
    if (path === testPath) {
      faults.push(`${path} is the regression test itself`);
      continue;
    }
    const what = forbiddenPath(path);
    if (what !== undefined) faults.push(`${path} is ${what}`);
    if (/(?:^|\/)package\.json$/.test(path)) {
      const fields = forbiddenManifestFields(before, after);
      if (fields.length > 0) faults.push(`${path} changes ${fields.join(', ')}, which are no dependencies`);
    } else if (!/(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/.test(path)) {
      const added = addedSuppressions(before, after);
      if (added.length > 0) faults.push(`${path} gains a comment that silences a scanner (${added.join(', ')})`);
    }
  }
  if (faults.length > 0) return { outcome: 'failed', detail: `A fix may not do this: ${faults.join('; ')}.` };
  const paths = patch.changes.map((change) => change.path).join(', ');
  return {
    outcome: 'successful',
    detail: `Changes ${paths}: no test, harness, CI or scanner configuration, and no suppression comment.`,
  };
}
