import { approversFor } from '../approval/approversFor';
import type { ApprovalContext } from '../approval/decideApproval';
import { decideApproval } from '../approval/decideApproval';
import { requirementFor } from '../approval/requirementFor';
import type { Approver } from '../delivery';
import type { Actor } from '../model/actor';
import type { Approval, ApprovalDecision, ApprovalRequirement } from '../model/approval';
import type { CiReport } from '../model/ci';
import type { Patch } from '../model/patch';
import type { Policy } from '../model/policy';
import type { Proof } from '../model/proof';
import type { PatchRun } from '../model/run';
import type { TestComparison } from '../model/testReport';
import type { Change } from '../ports';
import { deliverySteps } from '../runs/deliveryState';
import { latestStep } from '../runs/foldRuns';
import type { StepDraft } from '../runs/recordRun';

export interface ApprovalInputs {
  readonly run: PatchRun;
  readonly change: Change;
  readonly patch: Patch;
  readonly proof?: Proof | undefined;
  readonly ci?: CiReport | undefined;
  readonly tests?: TestComparison | undefined;
  readonly policy: Policy;
  readonly owners: readonly string[];
  readonly approvals: readonly Approval[];
}

/** What the policy asks for this patch, and whether the reviews that were given fulfil it. */
export function judgeApproval(inputs: ApprovalInputs): ApprovalDecision {
  return decideApproval(requirementOf(inputs), inputs.approvals, contextOf(inputs));
}

/** Who may sign off for the person who is here, each with why not where it would not count. */
export function offerApprovers(inputs: ApprovalInputs, self: Actor): readonly Approver[] {
  return approversFor(requirementOf(inputs), inputs.approvals, contextOf(inputs), self);
}

/** True where the policy's own rule may approve now: low risk with full evidence, and nobody did yet. */
export function mayApproveByRule(decision: ApprovalDecision, approvals: readonly Approval[]): boolean {
  if (!decision.requirement.byRule || decision.outcome === 'successful' || decision.outcome === 'failed') return false;
  return !approvals.some(({ kind, diffHash }) => kind === 'rule' && diffHash === decision.diffHash);
}

/** The decision as a step; names stand beside the chain. */
export function approvalStep(decision: ApprovalDecision): StepDraft {
  const nameless = (approval: Approval): Approval => {
    const { comment: _said, ...rest } = approval;
    return { ...rest, by: approval.kind === 'rule' ? approval.by : '' };
  };
  const redacted: ApprovalDecision = {
    ...decision,
    requirement: { ...decision.requirement, from: [] },
    counted: decision.counted.map(nameless),
    passedOver: decision.passedOver.map(({ approval, why }) => ({ approval: nameless(approval), why })),
    waitsFor: [],
    summary: '',
  };
  return {
    stage: 'approval',
    name: deliverySteps.approval,
    outcome: decision.outcome,
    summary: summaryOf(decision),
    data: { decision: redacted },
    private: { decision },
    bySystem: true,
  };
}

/** Without names, since it stands in the chain. */
function summaryOf({ outcome, requirement, counted }: ApprovalDecision): string {
  const approved = counted.filter(({ state }) => state === 'approved');
  const kinds = [...new Set(approved.map(({ kind, source }) => (source === 'demo' ? 'demo identity' : kind)))].join(', ');
  const risk = `${requirement.risk} risk`;
  switch (outcome) {
    case 'successful':
      return `Approved (${kinds}) at ${risk}.`;
    case 'failed':
      return `Changes were requested (${risk}).`;
    case 'error':
      return `The reviews could not be judged (${risk}).`;
    case 'waiting':
    case 'inconclusive':
    case 'closed':
      return `${risk}: ${approved.length} of ${requirement.people} ${requirement.people === 1 ? 'person has' : 'people have'} approved.`;
  }
}

function requirementOf(inputs: ApprovalInputs): ApprovalRequirement {
  const { patch, policy, run, proof, ci, tests, owners } = inputs;
  const facts = {
    severity: run.finding.severity,
    patch,
    proof,
    ci: ci?.outcome,
    tests: tests?.outcome,
    owners,
  };
  return requirementFor(facts, policy.approval);
}

function contextOf({ run, change, policy }: ApprovalInputs): ApprovalContext {
  // Whoever accepted the fix, wrote its test or opened the pull request wrote of it.
  const authors = ['patch', 'test', 'pull-request'].flatMap((name) => latestStep(run, name)?.by ?? []);
  return { diffHash: change.diffHash, authors: [...new Set(authors)], demo: policy.approval?.demo };
}
