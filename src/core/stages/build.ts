import { applyUnifiedDiff } from '../edits/applyUnifiedDiff';
import { unifiedDiff } from '../edits/unifiedDiff';
import { HumanError } from '../errors';
import type { FileChange, Patch } from '../model/patch';
import type { Policy } from '../model/policy';
import type { Proof } from '../model/proof';
import type { PullRequest } from '../model/pullRequest';
import type { RegressionTest } from '../model/regressionTest';
import type { PatchRun } from '../model/run';
import type { TriagedFinding } from '../model/triage';
import type { Forge, SourceControl, Task } from '../ports';
import { branchName } from '../pullRequest/branchName';
import { commitMessage } from '../pullRequest/commitMessage';
import { pullRequestText } from '../pullRequest/pullRequestText';
import { diffHash, patchDigest } from '../runs/artifacts';
import type { StepDraft } from '../runs/recordRun';

export interface PullRequestInputs {
  readonly finding: TriagedFinding;
  readonly run: PatchRun;
  readonly patch: Patch;
  readonly test?: RegressionTest;
  /** Only one that holds for this patch and this test. */
  readonly proof?: Proof;
  readonly policy: Policy;
  readonly sourceControl: SourceControl;
  readonly forge: Forge;
  readonly task?: Task;
}

/**
 * Commits fix and test to a branch of its own and opens the pull request. The branch starts at the commit the proof was
 * made on, so that the evidence in the body holds for exactly what is proposed; without a proof it starts at HEAD.
 *
 * @throws HumanError where there is no commit to start from, the proof failed, or the committed files differ from those
 * the fix was made for.
 */
export async function openRunPullRequest(
  inputs: PullRequestInputs,
): Promise<{ readonly pullRequest: PullRequest; readonly step: StepDraft }> {
  const { finding, run, patch, test, proof, policy, sourceControl, forge, task = {} } = inputs;
  if (proof?.outcome === 'failed')
    throw new HumanError(
      'The proof of this fix failed, so no pull request is opened. Look at the failed check in the patch panel.',
    );
  const head = await sourceControl.head();
  if (head === undefined)
    throw new HumanError('A pull request needs a git repository with at least one commit. Commit your project first.');
  const base = policy.forge?.baseBranch ?? head.branch;
  if (base === undefined)
    throw new HumanError(
      'HEAD is detached: check out the branch the pull request should go to, or set forge.baseBranch in .patchline.json.',
    );
  const baseCommit = proof?.base ?? head.commit;
  task.onProgress?.('Committing the fix to its own branch');
  const files = await committedFiles(patch, baseCommit, sourceControl);
  if (test !== undefined) files[test.path] = test.text;
  const branch = branchName(finding, policy.forge?.branchPrefix);
  const { commit } = await sourceControl.commit(
    { branch, baseCommit, files, message: commitMessage({ finding, patch, test }) },
    task,
  );
  const { title, body } = pullRequestText({ finding, patch, run: run.id, test, proof });
  task.onProgress?.(`Opening the pull request (${forge.displayName})`);
  const { pullRequest, created } = await forge.openPullRequest(
    { branch, base, headCommit: commit, baseCommit, title, body },
    task,
  );
  return {
    pullRequest,
    step: {
      stage: 'build',
      name: 'pull-request',
      outcome: 'waiting',
      summary: `Pull request #${pullRequest.number} is ${created ? 'open' : 'open already and up to date'}: waiting for its build and review.`,
      data: {
        forge: pullRequest.forge,
        number: pullRequest.number,
        url: pullRequest.url,
        branch,
        base,
        headCommit: pullRequest.headCommit,
        baseCommit,
        diffHash: diffHash(patch, test),
        patchDigest: patchDigest(patch),
        title: pullRequest.title,
      },
    },
  };
}

/**
 * The changed files as they are to be committed. The fix was made for the person's files; where the committed text differs
 * (they have uncommitted work there), the hunks are applied to the committed text, so that nobody's unfinished work slips in.
 */
async function committedFiles(patch: Patch, commit: string, sourceControl: SourceControl): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const change of patch.changes) {
    const committed = await sourceControl.show(commit, change.path);
    if ((committed ?? null) === change.before) files[change.path] = change.after;
    else files[change.path] = await onCommitted(change, committed);
  }
  return files;
}

async function onCommitted(change: FileChange, committed: string | undefined): Promise<string> {
  const refuse = () =>
    new HumanError(
      `${change.path} differs from its last commit where the fix changes it. Commit or stash your work there, then generate the fix again.`,
    );
  if (committed === undefined || change.before === null) throw refuse();
  try {
    const [applied] = await applyUnifiedDiff(unifiedDiff([change]), () => Promise.resolve(committed));
    if (applied !== undefined) return applied.after;
  } catch {
    // The hunk's surroundings are not in the committed text: the refusal below says what to do.
  }
  throw refuse();
}
