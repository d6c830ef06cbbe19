import type { Approver } from '../delivery';
import type { Actor } from '../model/actor';
import type { Approval, ApprovalRequirement } from '../model/approval';
import type { ApprovalContext } from './decideApproval';
import { decideApproval, whyNotFrom } from './decideApproval';
import { sameIdentity } from './identities';
import { approvalRule } from './requirementFor';

/**
 * Who may sign off here and now: oneself, the demo identities of the policy, the rule, the author alone. Each with why it would
 * not count, where it would not; a demo identity is told by its source.
 */
export function approversFor(
  requirement: ApprovalRequirement,
  approvals: readonly Approval[],
  context: ApprovalContext,
  self: Actor,
): readonly Approver[] {
  const { authors, demo = [], teams } = context;
  const isAuthor = (identity: string): boolean => authors.some((author) => sameIdentity(author, identity));
  const given = decideApproval(requirement, approvals, context).counted.filter(({ state }) => state === 'approved');
  const hasGiven = (kind: Approval['kind'], by: string): boolean =>
    given.some((approval) => approval.kind === kind && sameIdentity(approval.by, by));
  const offer = (kind: Approval['kind'], by: string, source: string, why: string | undefined): Approver => {
    const refused = why ?? (hasGiven(kind, by) ? 'this diff is approved by it already' : undefined);
    return { kind, by, source, ...(refused === undefined ? {} : { refused }) };
  };
  const isListed = demo.some((identity) => sameIdentity(identity, self.identity));
  const ownWhy =
    authors.length === 0
      ? 'who wrote the patch is not known, so it could be your own'
      : isAuthor(self.identity)
        ? 'nobody approves their own patch'
        : isListed
          ? undefined
          : whyNotFrom(self.identity, requirement.from, teams);
  return [
    offer('person', self.identity, self.source, ownWhy),
    ...demo
      .filter((identity) => !sameIdentity(identity, self.identity))
      .map((identity) => offer('person', identity, 'demo', isAuthor(identity) ? 'nobody approves their own patch' : undefined)),
    offer(
      'rule',
      approvalRule,
      'policy',
      requirement.byRule
        ? undefined
        : `no rule may approve this patch: ${(requirement.ruleRefusals ?? ['the policy says so']).join('; ')}`,
    ),
    offer(
      'solo',
      self.identity,
      self.source,
      !requirement.solo
        ? 'the policy does not let the author approve alone (approval.solo)'
        : isAuthor(self.identity)
          ? undefined
          : 'you did not write the patch: approve it as a person',
    ),
  ];
}
