import type { Outcome } from './outcome';

/**
 * One review as its provider has it. person: somebody else looked; rule: the policy's own rule for low risk; solo: the author
 * approved their own patch because the policy allows it, shown as such everywhere.
 */
export interface Approval {
  readonly kind: 'person' | 'rule' | 'solo';
  /** `Grace Hopper <grace@example.org>`, a login, or the rule's name. Personal data: never in a log entry's body. */
  readonly by: string;
  /** Where the identity comes from: `git-config`, `github`, `policy`, `demo`. */
  readonly source: string;
  readonly state: 'approved' | 'changes-requested' | 'dismissed' | 'commented';
  /** SHA-256 of the diff it was given for; another diff voids it. */
  readonly diffHash: string;
  /** ISO 8601. */
  readonly at: string;
  readonly comment?: string;
}

export type RiskClass = 'low' | 'medium' | 'high';

/** What the policy asks for this patch, with its reasons line by line. */
export interface ApprovalRequirement {
  readonly risk: RiskClass;
  readonly reasons: readonly string[];
  /** People beside the author who must approve; 0 where a rule may. */
  readonly people: number;
  /** Who counts (`@org/team`, logins, addresses); empty: anybody but the author. */
  readonly from: readonly string[];
  /** A rule may approve in place of people. */
  readonly byRule: boolean;
  /** Why no rule may; absent where one may. */
  readonly ruleRefusals?: readonly string[];
  /** The author alone may approve, recorded as solo. */
  readonly solo: boolean;
}

export interface ApprovalDecision {
  /** successful; failed (changes requested); waiting; error where reviews could not be read. */
  readonly outcome: Outcome;
  readonly requirement: ApprovalRequirement;
  readonly diffHash: string;
  readonly counted: readonly Approval[];
  /** Reviews that do not count, each with why: another diff, the author's own, superseded by a later one. */
  readonly passedOver: readonly { readonly approval: Approval; readonly why: string }[];
  /** Whom or what it still waits for, for people. */
  readonly waitsFor: readonly string[];
  /** One sentence. */
  readonly summary: string;
}
