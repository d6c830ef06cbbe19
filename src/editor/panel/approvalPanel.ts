import { cleanLine } from '../../core/findings/cleanText';
import type { Approval, ApprovalDecision, ApprovalRequirement } from '../../core/model/approval';
import type { PanelApproval, PanelReview } from '../../webview/protocol';
import { approvalLabel } from '../delivery/deliveryWords';

const most = 40;

const words: Readonly<Record<Approval['state'], string>> = {
  approved: 'approved',
  'changes-requested': 'asked for changes',
  dismissed: 'approval was dismissed',
  commented: 'commented',
};

/** Who must approve and why, who has, and who was passed over and why. */
export function approvalPanel(decision: ApprovalDecision): PanelApproval {
  const { requirement } = decision;
  return {
    outcome: decision.outcome,
    summary: cleanLine(decision.summary, 400),
    risk: `${requirement.risk} risk`,
    reasons: requirement.reasons.map((reason) => cleanLine(reason, 300)),
    needs: describeNeed(requirement),
    waitsFor: decision.waitsFor.map((one) => cleanLine(one, 200)),
    reviews: [
      ...decision.counted.map((approval) => reviewOf(approval)),
      ...decision.passedOver.map(({ approval, why }) => reviewOf(approval, why)),
    ].slice(0, most),
  };
}

/** One sentence: `2 people beside the author must approve, of @acme/security.` */
function describeNeed({ people, from, byRule, solo }: ApprovalRequirement): string {
  const whom = from.length === 0 ? '' : `, of ${cleanLine(from.join(', '), 300)}`;
  const must = people === 0 ? '' : `${people} ${people === 1 ? 'person' : 'people'} beside the author must approve${whom}.`;
  const rule = byRule ? ' The policy’s rule for low risk may approve in place of people.' : '';
  const alone = solo ? ' The policy lets the author approve alone, recorded as solo.' : '';
  return `${must}${rule}${alone}`.trim() || 'Nobody else has to approve.';
}

function reviewOf(approval: Approval, why?: string): PanelReview {
  const label = approvalLabel(approval);
  return {
    by: cleanLine(approval.by, 160),
    word: words[approval.state],
    ...(label === undefined ? {} : { label }),
    at: approval.at,
    ...(approval.comment === undefined || approval.comment === '' ? {} : { comment: cleanLine(approval.comment, 600) }),
    ...(why === undefined ? {} : { passedOver: cleanLine(why, 300) }),
  };
}
