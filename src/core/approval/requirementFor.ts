import type { ApprovalRequirement } from '../model/approval';
import type { Policy } from '../model/policy';
import type { RiskFacts } from './assessRisk';
import { assessRisk, sizeOfUpdate } from './assessRisk';

/** Name of the one rule that may approve; it stands in the log where a person's name would. */
export const approvalRule = 'low risk with full evidence';

const defaultPeople = { low: 1, medium: 1, high: 2 } as const;

/**
 * What the policy asks for this patch. A number of 0 people is honoured only where a rule may approve: somebody, or a rule that
 * is written down, must have said yes to every patch.
 */
export function requirementFor(facts: RiskFacts, policy: Policy['approval'] = {}): ApprovalRequirement {
  const { risk, reasons } = assessRisk(facts, policy.sensitive);
  const asked = policy.people?.[risk] ?? defaultPeople[risk];
  const wanted = policy.byRule === true || asked === 0;
  const refusals = wanted ? ruleRefusals(facts, risk) : ['the policy does not let a rule approve (approval.byRule)'];
  const byRule = refusals.length === 0;
  return {
    risk,
    reasons,
    people: byRule ? asked : Math.max(1, asked),
    from: policy.from ?? [],
    byRule,
    ...(byRule ? {} : { ruleRefusals: refusals }),
    solo: policy.solo === true,
  };
}

/**
 * Why no rule may approve the patch; empty when it may: low risk, a patch or minor update, all evidence green, a tested path or
 * a package that the project itself declares for development, and no owner who has a say.
 */
function ruleRefusals(facts: RiskFacts, risk: ApprovalRequirement['risk']): readonly string[] {
  const { patch, proof, owners = [] } = facts;
  const size = patch.update === undefined ? undefined : sizeOfUpdate(patch.update.from, patch.update.to);
  return [
    ...(risk === 'low' ? [] : [`its risk is ${risk}`]),
    ...(size === 'major' || size === 'unknown' ? ['the update is neither a patch nor a minor one'] : []),
    ...(proof?.outcome === 'successful' ? [] : ['the proof is not successful']),
    ...(proof?.weaker === true && facts.directDev !== true
      ? ['the proof shows versions, not behaviour, and the package is not one for development alone']
      : []),
    ...(facts.ci === 'successful' ? [] : ['the checks of the pull request are not successful']),
    ...(facts.tests === 'successful' ? [] : ['the tests were not compared with the base successfully']),
    ...(owners.length === 0 ? [] : [`the files have owners: ${owners.join(', ')}`]),
  ];
}
