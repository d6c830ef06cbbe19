import type { Finding } from '../model/finding';
import type { NoFix, Patch } from '../model/patch';
import type { FixContext, Fixer } from '../ports';
import { isCancelled, isHumanError, throwIfCancelled } from '../errors';

/** Fixers in order of trust: the scanner's own fix, a dependency update, our rules, a model, a person. */
const order: readonly Fixer['trust'][] = ['scanner', 'dependency', 'rule', 'model', 'person'];

/**
 * Asks the fixers in order of trust; the first patch wins. Where none has one, the refusals are joined so that the person
 * reads what was tried and why it was not possible.
 */
export async function proposePatch(finding: Finding, fixers: readonly Fixer[], context: FixContext): Promise<Patch | NoFix> {
  const refusals: string[] = [];
  const willing = fixers
    .filter((fixer) => fixer.accepts(finding))
    .sort((a, b) => order.indexOf(a.trust) - order.indexOf(b.trust));
  for (const fixer of willing) {
    throwIfCancelled(context.signal);
    context.onProgress?.(`Asking ${fixer.displayName}`);
    try {
      const answer = await fixer.propose(finding, context);
      if (!('noFix' in answer)) return answer;
      refusals.push(answer.noFix);
    } catch (error) {
      // A fixer that could not work (registry down, file unreadable) must not keep the next one from trying.
      if (isCancelled(error) || !isHumanError(error)) throw error;
      refusals.push(error.message);
    }
  }
  if (willing.length === 0) refusals.push(`no fixer knows how to cure ${finding.ruleId} yet`);
  return { findingId: finding.id, noFix: refusals.join('; ') };
}

/** True for an honest refusal. */
export function isNoFix(answer: Patch | NoFix): answer is NoFix {
  return 'noFix' in answer;
}
