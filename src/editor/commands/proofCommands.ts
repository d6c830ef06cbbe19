import { CancelledError } from '../../core/errors';
import type { Proof } from '../../core/model/proof';
import type { PullRequest } from '../../core/model/pullRequest';
import type { TriagedFinding } from '../../core/model/triage';
import { parsePolicy, policyFile } from '../../core/policy/parsePolicy';
import { branchName } from '../../core/pullRequest/branchName';
import { ActionableError } from '../actionableError';
import type { CommandHandlers } from '../commandTable';
import { offer } from '../guard';
import { cleanLine } from '../../core/findings/cleanText';
import { openPullRequestPage } from '../pullRequestPage';
import { describeProof, describePullRequest, proofThatHolds } from '../proofWords';
import { SingleWork } from '../singleWork';
import { readText } from '../testFile';
import type { FeatureContext } from './featureContext';
import { nameOf } from './fixCommands';
import { pickFinding, pickFindings } from './pickFinding';
import { askFirst, showError, showInformation, showWarning } from '../messages';

/** Proving the fix, and opening the pull request. */
export function proofCommands(
  context: FeatureContext,
): Pick<CommandHandlers, 'patchline.proveFix' | 'patchline.openPullRequest'> {
  const { services, work, panel } = context;
  const proving = new SingleWork();
  return {
    'patchline.proveFix': async (...args) => {
      const findings = await pickFindings(args, context, 'Prove the fix of which finding?');
      for (const finding of findings) {
        const running = () =>
          new ActionableError(`The fix of ${nameOf(finding)} is being proven already: its progress shows how far it is.`, [
            { title: 'Show Panel', command: 'patchline.openPanel', args: [finding.id] },
          ]);
        const proof = await proving.run(finding.id, running, async () => {
          const engine = await services.patchline();
          await takeWhatThePersonLeft(context, finding);
          await panel.show(finding.id);
          return work.run(`Proving the fix of ${nameOf(finding)}`, (task) => engine.prove(finding.id, task));
        });
        tellProof(finding, proof);
      }
    },

    'patchline.openPullRequest': async (...args) => {
      const finding = await pickFinding(args, context, 'Open the pull request of which finding?');
      const engine = await services.patchline();
      await takeWhatThePersonLeft(context, finding);
      const [patch, test, known] = await Promise.all([
        engine.currentPatch(finding.id),
        engine.currentTest(finding.id),
        engine.currentProof(finding.id),
      ]);
      if (patch === undefined) {
        throw new ActionableError('There is no fix to open a pull request with. Generate one first.', [
          { title: 'Generate Fix', command: 'patchline.generateFix', args: [finding.id] },
        ]);
      }
      const proof = proofThatHolds(known, patch, test);
      if (proof?.outcome === 'failed') {
        throw new ActionableError(
          'The proof of this fix failed, so no pull request is opened. The panel shows the check that failed.',
          [{ title: 'Show Panel', command: 'patchline.openPanel', args: [finding.id] }],
        );
      }
      const detail = describePullRequest(await branchOf(context, finding), patch, test, proof);
      const question = `Open a pull request: ${cleanLine(patch.title, 120)}?`;
      if (!(await askFirst(question, detail, 'Open Pull Request', 'plain'))) throw new CancelledError();
      const request = await work.run(`Opening the pull request for ${nameOf(finding)}`, (task) =>
        engine.openPullRequest(finding.id, task),
      );
      tellPullRequest(context, finding, request);
    },
  };
}

/** The branch that the engine will make: by the finding, and the prefix that the policy sets. */
async function branchOf(context: FeatureContext, finding: TriagedFinding): Promise<string> {
  const root = context.services.root();
  const text = root === undefined ? undefined : await readText(root, policyFile);
  return branchName(finding, text === undefined ? undefined : parsePolicy(text.replace(/^\uFEFF/, '')).forge?.branchPrefix);
}

/** The review and the test may have been changed in the editor since they were generated: what counts is what stands there. */
async function takeWhatThePersonLeft(context: FeatureContext, finding: TriagedFinding): Promise<void> {
  const engine = await context.services.patchline();
  const reviewed = await context.review.current(finding.id);
  if (reviewed !== undefined && reviewed.changes.length === 0)
    throw new ActionableError(
      `Every hunk of the fix for ${nameOf(finding)} was rejected in its review: there is no fix to go on with. Take a hunk back in the review, or discard it.`,
      [{ title: 'Show Review', command: 'patchline.generateFix', args: [finding.id] }],
    );
  if (reviewed !== undefined) {
    const known = await engine.currentPatch(finding.id);
    if (JSON.stringify(known?.changes) !== JSON.stringify(reviewed.changes)) await engine.acceptPatch(reviewed);
  }
  const root = context.services.root();
  const test = await engine.currentTest(finding.id);
  if (root === undefined || test === undefined) return;
  const text = await readText(root, test.path);
  if (text !== undefined && text !== test.text) await engine.acceptTest({ ...test, text });
}

function tellProof(finding: TriagedFinding, proof: Proof): void {
  const words = describeProof(proof);
  const panel = { title: 'Show Panel', command: 'patchline.openPanel', args: [finding.id] };
  if (proof.outcome === 'successful') {
    const next = { title: 'Open Pull Request…', command: 'patchline.openPullRequest', args: [finding.id] };
    return void offer(showInformation, words, [next, panel]);
  }
  const again = { title: 'Prove Again', command: 'patchline.proveFix', args: [finding.id] };
  const show = proof.outcome === 'failed' ? showError : showWarning;
  void offer(show, words, [panel, again]);
}

function tellPullRequest(context: FeatureContext, finding: TriagedFinding, request: PullRequest): void {
  const open = 'Open';
  const panel = 'Show Panel';
  const message = `Pull request #${request.number} is open: ${cleanLine(request.title, 160)} (${request.branch} → ${request.base}).`;
  void context.services.guard('open the pull request’s page', async () => {
    const picked = await showInformation(message, open, panel);
    if (picked === open) await openPullRequestPage(request);
    if (picked === panel) await context.panel.show(finding.id);
  });
}
