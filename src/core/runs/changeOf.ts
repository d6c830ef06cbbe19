import type { PatchRun } from '../model/run';
import type { Change } from '../ports';
import { latestStep } from './foldRuns';

/** The pull request's commit of a run, as the log has it; undefined before it is opened. */
export function changeOf(run: PatchRun | undefined): Change | undefined {
  const data = latestStep(run, 'pull-request')?.data;
  if (run === undefined || data === undefined) return undefined;
  const text = (key: string): string => (typeof data[key] === 'string' ? data[key] : '');
  return {
    run: run.id,
    number: Number(data['number']),
    branch: text('branch'),
    base: text('base'),
    headCommit: text('headCommit'),
    baseCommit: text('baseCommit'),
    // Pull requests recorded before approvals existed were bound to the patch alone.
    diffHash: text('diffHash') === '' ? text('patchDigest') : text('diffHash'),
  };
}
