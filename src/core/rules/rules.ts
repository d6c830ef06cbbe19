import type { Finding, Location } from '../model/finding';
import { syntaxLanguageOf } from '../syntax/syntaxTree';
import { commandInjection } from './commandInjection';
import { pathTraversal } from './pathTraversal';
import type { Rule } from './rule';
import { sqlInjection } from './sqlInjection';

/** All structural rules; the first that answers a finding is asked. */
export const rules: readonly Rule[] = [commandInjection, pathTraversal, sqlInjection];

/** The rule that answers a finding, and the place it is to look at. */
export interface Answer {
  readonly rule: Rule;
  readonly location: Location;
}

/**
 * The rule for a code finding: by the scanner's rule id, else by its CWE (scanners name their rules as they like, but mean the same
 * weakness). Undefined when no rule knows the weakness or the language.
 */
export function answerTo(finding: Finding): Answer | undefined {
  const [location] = finding.locations;
  const language = location === undefined ? undefined : syntaxLanguageOf(location.path);
  if (finding.kind !== 'code' || location === undefined || language === undefined) return undefined;
  const able = rules.filter((rule) => rule.languages.includes(language));
  const ids = [finding.ruleId, ...finding.witnesses.map((witness) => witness.ruleId)];
  const rule =
    able.find((candidate) => ids.some((id) => candidate.answers.some((pattern) => isLike(id, pattern)))) ??
    able.find((candidate) => candidate.cwe.some((cwe) => finding.cwe.includes(cwe)));
  return rule === undefined ? undefined : { rule, location };
}

/** A scanner's rule id against a pattern in which `*` stands for anything; case does not matter. */
function isLike(id: string, pattern: string): boolean {
  const parts = pattern
    .toLowerCase()
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(id.toLowerCase());
}
